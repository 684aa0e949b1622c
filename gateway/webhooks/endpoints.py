"""Webhook endpoints: made, changed, rotated, switched off and on, deleted.

The command line and the Settings pages come through here, so both refuse the same things with the
same words, as `CommandError`; each change is written down in the audit trail, in its own
transaction. A secret leaves this module once, in the result of `create` or `rotate`.

An endpoint is told of what happens while it is enabled. One that is disabled keeps what is on its
way to it; what happens meanwhile is not kept for it, but can be sent later
(`gateway.webhooks.again`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peewee import fn

from gateway.audit import Action, Actor, Subject, record
from gateway.database import writing
from gateway.errors import CommandError, echo
from gateway.hints import did_you_mean
from gateway.ids import new_id
from gateway.scopes import checked_scopes
from gateway.texts import checked_name
from gateway.webhooks.addresses import AddressRules, Refused
from gateway.webhooks.sealing import Sealer, new_secret
from gateway.webhooks.sender import LookUp
from models import Account, Event, WebhookDelivery, WebhookEndpoint, database

OLD_SECRET_S = 24 * 60 * 60
MAX_ENDPOINTS = 50  # of an account


class State(StrEnum):
    """Whether an endpoint is told of events."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class Because(StrEnum):
    """Why an endpoint is disabled."""

    ASKED = "asked"  # somebody has disabled it
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # it has failed for days


@dataclass(frozen=True, slots=True)
class Known:
    """What the document declares, for what people type in.

    Attributes:
        events: every type of events.
        scopes: every scope.
    """

    events: Collection[str]
    scopes: Collection[str]


class Endpoints:
    """Makes and changes endpoints, for the command line and the Settings pages."""

    def __init__(self, known: Known, sealer: Sealer, rules: AddressRules, look_up: LookUp) -> None:
        """Work with what is *known*.

        Args:
            look_up: returns a host's IP addresses; raises OSError.
        """
        self._known = known
        self._sealer = sealer
        self._rules = rules
        self._look_up = look_up

    def create(
        self,
        *,
        account: Account,
        url: str,
        events: Iterable[str],
        scopes: Iterable[str],
        description: str = "",
        by: Actor,
        now: int,
    ) -> tuple[WebhookEndpoint, str]:
        """Create an endpoint; return it and its secret, which nobody sees again.

        Args:
            events: types of events; none: all that there are today.
            scopes: what its bodies may show; none: ids alone.
            now: seconds since the Unix epoch.
        Raises:
            CommandError: a value is wrong, or the account has too many endpoints.
            SealingError: there is no key to encrypt the secret with.
        """
        public_id, secret = new_id("whe"), new_secret()
        columns = {
            "public_id": public_id,
            "account": account,
            "url": self.checked_url(url),
            "description": checked_description(description),
            "events": self.checked_events(events),
            "scopes": self.checked_scopes(scopes),
            "state": State.ENABLED,
            "secret": self._sealer.seal(secret, public_id),
            "created_at": now,
        }
        with writing(database):
            if WebhookEndpoint.select().where(_of(account)).count() >= MAX_ENDPOINTS:
                raise CommandError(
                    f"an account has at most {MAX_ENDPOINTS} webhook endpoints; delete one"
                )
            endpoint = WebhookEndpoint.create(**columns, last_event=last_event(account))
            _record(Action.WEBHOOK_CREATED, endpoint, by=by, now=now, after=recorded(endpoint))
        return endpoint, secret

    def update(
        self,
        endpoint: WebhookEndpoint,
        *,
        url: str | None = None,
        events: Iterable[str] | None = None,
        scopes: Iterable[str] | None = None,
        description: str | None = None,
        by: Actor,
        now: int,
    ) -> WebhookEndpoint:
        """Change what is not None, and return the endpoint as it is then.

        What is on its way already goes to the new address, with the new scopes.

        Raises:
            CommandError: a value is wrong.
        """
        changes: dict[str, Any] = {}
        if url is not None and url != endpoint.url:
            changes["url"] = self.checked_url(url)
        if events is not None:
            changes["events"] = self.checked_events(events)
        if scopes is not None:
            changes["scopes"] = self.checked_scopes(scopes)
        if description is not None:
            changes["description"] = checked_description(description)
        return _changed(Action.WEBHOOK_UPDATED, endpoint, changes, by=by, now=now)

    def rotate(
        self, endpoint: WebhookEndpoint, *, by: Actor, now: int, keep_s: int = OLD_SECRET_S
    ) -> str:
        """Give the endpoint a new secret, and return it; nobody sees it again.

        The old one signs too for *keep_s* seconds, so that a receiver can change it in peace. One
        that is older still is forgotten.

        Raises:
            SealingError: there is no key to encrypt the secret with.
        """
        secret = new_secret()
        with writing(database):
            current = find(endpoint.public_id)
            changes = {
                "secret": self._sealer.seal(secret, endpoint.public_id),
                "old_secret": current.secret if keep_s else None,
                "old_secret_until": now + keep_s if keep_s else None,
            }
            WebhookEndpoint.update(changes).where(WebhookEndpoint.id == endpoint.id).execute()
            _record(Action.WEBHOOK_ROTATED, current, by=by, now=now)
        return secret

    def checked_url(self, text: str) -> str:
        """Return *text*, an address that something may be sent to.

        A name that cannot be looked up is taken: it may be there later. Each try looks again.

        Raises:
            CommandError: it is none.
        """
        try:
            target = self._rules.target(text)
            try:
                found = self._look_up(target.host, target.port)
            except OSError:
                return text
            self._rules.pinned(found, target.port)
        except Refused as refusal:
            raise CommandError(f"the webhook's address {refusal}") from refusal
        return text

    def checked_events(self, events: Iterable[str]) -> str:
        """Return *events* as they are stored; all that there are for none.

        Raises:
            CommandError: one is unknown.
        """
        wanted = frozenset(events) or frozenset(self._known.events)
        for event in sorted(wanted.difference(self._known.events)):
            listed = ", ".join(f"`{word}`" for word in sorted(self._known.events))
            hint = did_you_mean(event, self._known.events, f"; there are {listed}")
            raise CommandError(f"unknown type of events `{echo(event)}`{hint}")
        return " ".join(sorted(wanted))

    def checked_scopes(self, scopes: Iterable[str]) -> str:
        """Return *scopes* as they are stored. Raises CommandError for one that is unknown."""
        return " ".join(sorted(checked_scopes(scopes, self._known.scopes)))


def disable(endpoint: WebhookEndpoint, because: Because, *, by: Actor, now: int) -> bool:
    """Send nothing more to the endpoint; what is on its way waits.

    Returns:
        Whether it was enabled; disabling twice changes nothing.
    """
    changes = {"state": State.DISABLED, "disabled_because": because}
    with writing(database):
        enabled = (WebhookEndpoint.id == endpoint.id) & (WebhookEndpoint.state == State.ENABLED)
        if not WebhookEndpoint.update(changes).where(enabled).execute():
            return False
        _record(
            Action.WEBHOOK_DISABLED,
            endpoint,
            by=by,
            now=now,
            before={"state": State.ENABLED},
            after={"state": State.DISABLED, "because": because},
        )
    return True


def enable(endpoint: WebhookEndpoint, *, by: Actor, now: int) -> bool:
    """Tell the endpoint of what happens from now on, and send what waits for it.

    Returns:
        Whether it was disabled; enabling twice changes nothing.
    """
    changes = {
        "state": State.ENABLED,
        "disabled_because": None,
        "failures": 0,
        "failing_since": None,
        "rests_until": 0,
    }
    with writing(database):
        disabled = (WebhookEndpoint.id == endpoint.id) & (WebhookEndpoint.state == State.DISABLED)
        changes["last_event"] = last_event(endpoint.account)
        if not WebhookEndpoint.update(changes).where(disabled).execute():
            return False
        waiting = (WebhookDelivery.endpoint == endpoint) & WebhookDelivery.due_at.is_null(False)
        WebhookDelivery.update(due_at=now).where(waiting).execute()
        _record(
            Action.WEBHOOK_ENABLED,
            endpoint,
            by=by,
            now=now,
            before={"state": State.DISABLED, "because": endpoint.disabled_because},
            after={"state": State.ENABLED, "because": None},
        )
    return True


def delete(endpoint: WebhookEndpoint, *, by: Actor, now: int) -> None:
    """Delete the endpoint, and what was sent to it and is on its way.

    Raises:
        CommandError: somebody else has deleted it.
    """
    with writing(database):
        if not WebhookEndpoint.delete().where(WebhookEndpoint.id == endpoint.id).execute():
            raise CommandError(f"webhook endpoint `{endpoint.public_id}` has been deleted already")
        _record(Action.WEBHOOK_DELETED, endpoint, by=by, now=now, before=recorded(endpoint))


def of_account(account: Account) -> Sequence[WebhookEndpoint]:
    """Return the account's endpoints in the order of their creation."""
    return list(WebhookEndpoint.select().where(_of(account)).order_by(WebhookEndpoint.id))


def find(endpoint_id: str, account: Account | None = None) -> WebhookEndpoint:
    """Return the endpoint with the public id *endpoint_id*.

    Args:
        account: whose it must be; None: it does not matter.
    Raises:
        CommandError: there is none.
    """
    endpoint = one_of(account, endpoint_id)
    if endpoint is None:
        raise CommandError(f"no webhook endpoint `{echo(endpoint_id)}`; see `gateway webhook list`")
    return endpoint


def one_of(account: Account | None, endpoint_id: str) -> WebhookEndpoint | None:
    """Return the endpoint of *account* (None: of any) with that public id; None: there is none."""
    query = WebhookEndpoint.select(WebhookEndpoint, Account).join(Account)
    query = query.where(WebhookEndpoint.public_id == endpoint_id)
    if account is not None:
        query = query.where(_of(account))
    endpoint: WebhookEndpoint | None = query.first()
    return endpoint


def last_event(account: Account) -> int:
    """Return the key of the newest event of *account*; 0: there is none.

    An event that is being written now has a higher one, whenever it is committed (`models.Event`).
    """
    newest = Event.select(fn.MAX(Event.id)).where(Event.account == account)
    return newest.scalar() or 0


def recorded(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return what the audit trail keeps of *endpoint*. Addresses can hold keys: the host alone."""
    return {
        "host": host_of(endpoint.url),
        "description": endpoint.description,
        "events": WebhookEndpoint.events.document_value(endpoint.events),
        "scopes": WebhookEndpoint.scopes.document_value(endpoint.scopes),
    }


def host_of(url: str) -> str:
    """Return the part of *url* that may be shown to everybody who sees the endpoint."""
    return url.split("/")[2]


def _changed(
    action: Action, endpoint: WebhookEndpoint, changes: dict[str, Any], *, by: Actor, now: int
) -> WebhookEndpoint:
    with writing(database):
        before = find(endpoint.public_id)
        if changes:
            WebhookEndpoint.update(changes).where(WebhookEndpoint.id == endpoint.id).execute()
        after = find(endpoint.public_id)
        # Only what was asked for: whoever delivers may have written to the row meanwhile.
        if any(getattr(before, name) != getattr(after, name) for name in changes):
            _record(action, after, by=by, now=now, before=recorded(before), after=recorded(after))
    return after


def _record(
    action: Action, endpoint: WebhookEndpoint, *, by: Actor, now: int, **values: Any
) -> None:
    subject = Subject(endpoint.public_id, endpoint.description or host_of(endpoint.url))
    record(action, subject, account=endpoint.account, by=by, now=now, **values)


def checked_description(text: str) -> str:
    """Return *text* without blanks around it; it may be empty. Raises CommandError."""
    if not text.strip():
        return ""
    try:
        return checked_name(text)
    except ValueError as error:
        raise CommandError(f"the webhook's description {error}") from error


def _of(account: Account) -> Any:
    return WebhookEndpoint.account == account
