"""The account's audit trail, for its administrators: who did what, when and from where.

Who and what is looked for may be somebody's address, so a filter is sent as a form and stands in
no address. What was done, the days and the place in the list do, so that they can be a bookmark.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from gateway import audit
from gateway.audit import Action, ActorKind, Filter, Via
from gateway.times import epoch_seconds
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.view import View, admin
from models import AuditEntry, Membership, User, UtcSecondsField

PATH = "/settings/audit"
PER_PAGE = 50
DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
DAY_S = 86_400
MAX_TEXT = 255
MAX_SUGGESTIONS = 200
# What stands in an address; the other fields may hold one of somebody.
KEPT = ("action", "since", "until")
LABELS = {
    Action.SESSION_FAILED: "Sign-in failed",
    Action.SESSION_SIGNED_IN: "Signed in",
    Action.SESSION_SIGNED_OUT: "Signed out",
    Action.SESSION_SIGNED_OUT_EVERYWHERE: "Signed out everywhere",
}
KIND_LABELS = {"session": "sign-ins and sign-outs"}
NOBODY = {
    ActorKind.UNKNOWN: "Somebody who is not signed in",
    ActorKind.SYSTEM: "The gateway itself",
    ActorKind.COMMAND_LINE: "Somebody at a shell",
    ActorKind.USER: "A user",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as people read it.

    Attributes:
        by: who acted.
        origin: where from; empty for the gateway itself.
        changes: names, and what they were and are: a text, or seconds for a time.
    """

    entry: AuditEntry
    label: str
    by: str
    origin: str
    changes: list[tuple[str, Any, Any]]


@admin
def show(page: Page) -> Response:
    query = page.sent.query
    form = Form({name: [query[name]] for name in KEPT if name in query})
    return _rendered(page, form, query)


@admin
def search(page: Page) -> Response:
    """Show what is asked for. `go` is the address of a link that keeps the filter."""
    return _rendered(page, page.form, dict(parse_qsl(page.form.text("go"))))


def _rendered(page: Page, form: Form, place: Mapping[str, str]) -> Response:
    which = _filter(page, form)
    found = None
    if form.is_right:
        found = audit.page(which, PER_PAGE, before=place.get("before"), after=place.get("after"))
    return page.render(
        "audit.html",
        form=form,
        found=found,
        told=[_told(entry) for entry in found.entries] if found else [],
        is_filtered=which != Filter(account_id=page.account.public_id),
        is_private=bool(which.user or which.subject),
        actions=list(_choices()),
        people=_people(page),
        link=lambda **move: urlencode(_kept(form) | move),
        command=_command(which),
    )


def _filter(page: Page, form: Form) -> Filter:
    """Return what the form asks for; what is wrong with it stands at its fields."""
    known = {value for _, choices in _choices() for value, _ in choices}
    action = form.text("action")
    if action and action not in known:
        form.fail("action", "There is no such action.")
    since = _day(form, "since", "The first day")
    until = _day(form, "until", "The last day")
    if since is not None and until is not None and until < since:
        form.fail("until", "The last day lies before the first.")
    # INVARIANT: nothing of another account is found by this page.
    return Filter(
        account_id=page.account.public_id,
        action=action or None,
        user=_text(form, "who"),
        subject=_text(form, "subject"),
        since=since,
        until=None if until is None else until + DAY_S,
    )


def _text(form: Form, name: str) -> str | None:
    text = form.text(name).strip()
    if len(text) > MAX_TEXT:
        form.fail(name, f"Nothing is called by more than {MAX_TEXT} characters.")
    return text or None


def _day(form: Form, name: str, what: str) -> int | None:
    text = form.text(name).strip()
    if not text:
        return None
    return form.read(name, what, lambda _: _start_of(text))


def _start_of(text: str) -> int:
    with suppress(ValueError):
        if DAY.fullmatch(text):  # `fromisoformat` alone takes weeks, and years before our era
            return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    raise ValueError("must be a day such as 2026-01-31")


def _choices() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give each kind of action with its choices: all of the kind, and each one."""
    for kind, some in groupby(sorted(Action), lambda action: action.partition(".")[0]):
        about = KIND_LABELS.get(kind, f"{kind}s")
        every = (kind, f"All {about}")
        yield about.capitalize(), [every, *((one.value, _label(one)) for one in some)]


def _label(action: str) -> str:
    """Return an action in words; one that is no longer known in its own."""
    known = LABELS.get(Action(action)) if action in set(Action) else None
    return known or action.replace(".", " ").replace("_", " ").capitalize()


def _people(page: Page) -> list[str]:
    """Return addresses to choose from: a convenience, so not all of very many."""
    query = User.select(User.email).join(Membership).where(Membership.account == page.account)
    return [user.email for user in query.order_by(User.email).limit(MAX_SUGGESTIONS)]


def _told(entry: AuditEntry) -> Told:
    document = audit.document(entry)
    actor = document["actor"]
    return Told(
        entry=entry,
        label=_label(entry.action),
        by=actor["name"] or NOBODY[ActorKind(actor["kind"])],
        origin=_origin(actor["via"], actor["address"]),
        changes=[
            (one.key.replace("_", " "), _value(one.key, one.old), _value(one.key, one.new))
            for one in audit.changes(document)
        ],
    )


def _origin(via: str, address: str | None) -> str:
    if address is not None:
        return f"from {address}"
    return "at a shell of the server" if via == Via.SHELL else ""


def _value(key: str, value: Any) -> Any:
    """Return *value* as text, None where there is none, or seconds where it is a time."""
    if key.endswith(("_at", "_until")) and isinstance(value, str):
        return epoch_seconds(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _joined(value)
    return None if value is None else str(value)


def _joined(values: Iterable[Any]) -> str:
    return ", ".join(str(one) for one in values) or "none"


def _kept(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in KEPT if form.text(name)}


def _command(which: Filter) -> str:
    """Return the command that prints what is shown, and all of it, as JSON Lines."""
    words = ["gateway", "audit"]
    for option, value in (
        ("--account", which.account_id),
        ("--action", which.action),
        ("--user", which.user),
        ("--subject", which.subject),
        ("--since", _moment(which.since)),
        ("--until", _moment(which.until)),
    ):
        if value is not None:
            words += [option, value]
    return shlex.join([*words, "--json"]) + " > audit.jsonl"


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else UtcSecondsField.document_value(seconds)


VIEWS = (View(PATH, get=show, post=search),)
