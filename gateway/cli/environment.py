"""What commands work on: the settings, the clock and the database. Nothing else looks for them."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gateway.errors import CommandError
from gateway.settings import Settings

if TYPE_CHECKING:
    from peewee import Database

    from gateway.audit import Actor


def variables() -> Mapping[str, str]:
    """Return the environment: policies look up the keys of their keyed hashes there."""
    return os.environ


def default(name: str, value: str) -> None:
    """Set a variable that is not set, for this process and the workers that it starts."""
    os.environ.setdefault(name, value)


def settings() -> Settings:
    """Return the settings of this process. Raises ConfigError."""
    return Settings.from_environment(variables())


def now() -> int:
    """Return the time in seconds since the Unix epoch."""
    return int(time.time())


def actor() -> Actor:
    """Return who has started this process, for the audit trail.

    Not from the environment, which anybody can set.
    """
    from gateway.audit import Actor

    uid = os.getuid()
    try:
        return Actor.at_shell(pwd.getpwuid(uid).pw_name)
    except KeyError:  # a container that runs as a number
        return Actor.at_shell(f"uid {uid}")


@contextmanager
def connection() -> Iterator[Database]:
    """Open the database of the settings, whatever its schema, for the length of a command.

    Raises:
        CommandError: it cannot be opened, or goes away.
    """
    from gateway.database import connect, is_unavailable

    pool: Any = connect(settings().database_url)  # the stubs know `Database`, but no pools
    try:
        with _in_one_line(lambda error: True):
            pool.connect()
        with _in_one_line(is_unavailable):
            yield pool
    finally:
        pool.close_all()


@contextmanager
def database() -> Iterator[Database]:
    """Open the database of the settings for the length of a command.

    Raises:
        CommandError: it cannot be opened, or goes away.
        ConfigError: its schema is out of date.
    """
    from gateway import schema

    with connection() as opened:
        schema.require_current(opened)
        yield opened


@contextmanager
def _in_one_line(applies: Callable[[Exception], bool]) -> Iterator[None]:
    from peewee import PeeweeException

    try:
        yield
    except PeeweeException as error:
        if not applies(error):
            raise
        reason = str(error).strip().partition("\n")[0]
        raise CommandError(f"the database cannot be opened: {reason}") from error
