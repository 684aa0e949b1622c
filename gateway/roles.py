"""What a member of an account may do there. Lowest layer: imports nothing of the project."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The role of a membership.

    An `admin` may manage the account's members and tokens; a `member` their own tokens.
    """

    ADMIN = "admin"
    MEMBER = "member"
