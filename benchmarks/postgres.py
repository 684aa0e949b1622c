"""A PostgreSQL of our own for the time of a run: Debian's.

It listens on a Unix socket and nowhere else. Where a server is measured, the database's cost is not
the server's: it shares the load's processor.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from signal import SIGQUIT
from typing import Any

import psycopg

from benchmarks.load import Unusable

DEBIAN = Path("/usr/lib/postgresql")
USER = "gateway"
START_WITHIN_S = 60
SETTINGS = (
    "listen_addresses=",
    "max_connections=200",
    "shared_buffers=512MB",
    "fsync=off",  # nothing is kept; of writes the CPU time is measured
)
DURABLE = ("fsync=on",)


class Server:
    """A running server.

    Attributes:
        version: as it tells it.
        pid: of its first process, the parent of all others.
    """

    def __init__(self, folder: Path, version: str, pid: int) -> None:
        self._folder = folder
        self.version = version
        self.pid = pid

    def url(self, name: str) -> str:
        """Return the address of the database *name*, which is made."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self._folder}"


@contextmanager
def running(processor: int | None = None, settings: Sequence[str] = ()) -> Iterator[Server]:
    """Run a server.

    Args:
        processor: that it is pinned to; None: to none.
        settings: besides `SETTINGS`, or instead of them.
    Raises:
        Unusable: it is not installed, or does not start.
    """
    programs = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not programs:
        raise Unusable("PostgreSQL is not installed; try `apt-get install postgresql`")
    postgres = programs[-1]
    folder = Path(tempfile.mkdtemp(prefix="bench-"))  # its user must be able to enter it
    try:
        account = _identity()
        if account:
            shutil.chown(folder, account["user"])
        data, log = folder / "data", folder / "log"
        initdb = [str(postgres.with_name("initdb")), "-D", str(data), "-U", USER, "-A", "trust"]
        initdb += ["-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(initdb, **account, cwd="/", check=True, stdout=subprocess.DEVNULL)
        options = [word for setting in (*SETTINGS, *settings) for word in ("-c", setting)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [postgres, "-D", data, "-k", folder, *options],
                **account,
                cwd="/",
                stdout=output,
                stderr=output,
                preexec_fn=None if processor is None else _pinned(processor),  # noqa: PLW1509
            )
        try:
            _wait(postgres.with_name("pg_isready"), folder, process, log)
            yield Server(folder, postgres.parts[-3], process.pid)
        finally:
            process.send_signal(SIGQUIT)  # at once: nothing in it is to be kept
            process.wait()
    finally:
        shutil.rmtree(folder)


def _pinned(processor: int) -> Callable[[], None]:
    """Return what pins the calling process."""
    return partial(os.sched_setaffinity, 0, {processor})


def _identity() -> dict[str, Any]:
    """Return who it runs as, for `subprocess`: it refuses to be root."""
    if os.geteuid():
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _wait(pg_isready: Path, folder: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if not subprocess.run([pg_isready, "-q", "-h", folder], check=False).returncode:
            return
        time.sleep(0.05)
    raise Unusable(f"PostgreSQL did not start: {log.read_text()[-2_000:]}")
