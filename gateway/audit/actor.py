"""Who acts, and by which way they came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from models import User


class ActorKind(StrEnum):
    """What somebody is who acts."""

    USER = "user"
    COMMAND_LINE = "command line"
    SYSTEM = "system"
    UNKNOWN = "unknown"  # nobody has signed in yet


class Via(StrEnum):
    """The way by which they came."""

    SESSION = "session"  # the Settings pages
    SHELL = "shell"
    SYSTEM = "system"  # background jobs


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    Attributes:
        id: public id of the user; None: it is none.
        name: e-mail address of the user, or name of the operating system's user.
        address: where the request came from; None: from this machine.
    """

    kind: ActorKind
    via: Via
    id: str | None = None
    name: str | None = None
    address: str | None = None

    @classmethod
    def of(cls, user: User, address: str | None) -> Self:
        """Return *user*, signed in, at *address*."""
        return cls(ActorKind.USER, Via.SESSION, user.public_id, user.email, address)

    @classmethod
    def at_shell(cls, name: str) -> Self:
        """Return whoever has a shell as the operating system's user *name*."""
        return cls(ActorKind.COMMAND_LINE, Via.SHELL, name=name)

    @classmethod
    def unknown(cls, address: str | None) -> Self:
        """Return somebody at *address* who is not signed in."""
        return cls(ActorKind.UNKNOWN, Via.SESSION, address=address)


SYSTEM = Actor(ActorKind.SYSTEM, Via.SYSTEM)
