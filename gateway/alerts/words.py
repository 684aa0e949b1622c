"""What all mails have in common: how times are written, and how a text ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from models import Account


def time_of(seconds: int) -> str:
    """Return a time for people; whoever reads a mail may be in any zone."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def signed(lines: Sequence[str], account: Account) -> str:
    """Return *lines* as a text, which ends with why its reader gets it."""
    return "\n".join([*lines, "", "--", f"You get this because you administer {account.name}.", ""])
