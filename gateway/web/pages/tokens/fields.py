"""The fields of a token's form: name, scopes, expiry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from gateway.scopes import checked_scopes
from gateway.texts import checked_name
from gateway.tokens import NEVER
from gateway.web.forms import Form
from models import Token, UtcSecondsField

DAY_S = 86_400
PRESETS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "1 year"}
DEFAULT_DAYS = 90


class Expiry(StrEnum):
    """What stands in the list of expiries, besides the numbers of days."""

    KEEP = "keep"
    DATE = "date"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a token shall be.

    Attributes:
        expires_at: as `gateway.tokens` takes it: a time, `never`, or None to leave it.
    """

    name: str
    scopes: frozenset[str]
    expires_at: str | None


def of_new() -> Form:
    """Return the form of a token that is to be made."""
    return Form({"expiry": [str(DEFAULT_DAYS)]})


def of_token(token: Token) -> Form:
    """Return the form of *token* as it is."""
    return Form(
        {"name": [token.name], "scopes": token.scopes.split(), "expiry": [Expiry.KEEP.value]}
    )


def chosen_scopes(form: Form, known: Collection[str]) -> frozenset[str]:
    """Return the chosen scopes that there are, for a preview."""
    return frozenset(form.texts("scopes")) & frozenset(known)


def read(form: Form, known: Collection[str], *, now: int, keeps: bool = False) -> Wishes | None:
    """Return what the form asks for; None, with each error at its field, if something is wrong.

    Args:
        known: every scope of the document.
        keeps: the expiry may be left as it is.
    """
    name = form.read("name", "The name", checked_name)
    scopes = None
    with form.refusals("scopes"):
        scopes = checked_scopes(form.texts("scopes"), known)
    expires_at = _expiry(form, now, keeps)
    if name is None or scopes is None or not form.is_right:
        return None
    return Wishes(name, scopes, expires_at)


def expiry_options(token: Token | None, now: int) -> list[tuple[str, str]]:
    """Return the list of expiries, as value and label.

    Args:
        token: the one that is edited; None: a new one.
    """
    options = []
    if token is not None:
        options.append((Expiry.KEEP.value, "As it is"))
    options += [(str(days), _in_words(days, now)) for days in PRESETS]
    options += [(Expiry.DATE.value, "On a date …"), (Expiry.NEVER.value, "Never")]
    return options


def _in_words(days: int, now: int) -> str:
    on = datetime.fromtimestamp(now, UTC) + timedelta(days=days)
    return f"In {PRESETS[days]}, on {on:%Y-%m-%d}"


def _expiry(form: Form, now: int, keeps: bool) -> str | None:
    """Return the expiry that is asked for; None: as it is, or an error is noted."""
    wanted = form.text("expiry")
    if wanted == Expiry.KEEP and keeps:
        return None
    if wanted == Expiry.NEVER:
        return NEVER
    if wanted == Expiry.DATE:
        return form.read("expires_on", "The date", lambda text: _end_of_day(text, now))
    if wanted in map(str, PRESETS):
        return UtcSecondsField.document_value(now + int(wanted) * DAY_S)
    form.fail("expiry", "Choose when the token expires.")
    return None


def _end_of_day(text: str, now: int) -> str:
    """Return the end of the day *text*, UTC. Raises ValueError."""
    try:
        day = date.fromisoformat(text)
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise ValueError("must be a day, such as 2027-01-31") from error
    if end.timestamp() <= now:
        raise ValueError("must be today or later")
    return UtcSecondsField.document_value(int(end.timestamp()))
