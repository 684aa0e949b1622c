"""What an endpoint is sent: the scopes in plain words, and previews of each type of events.

Everything is derived from document and policies; `gateway.preview` has the previews from the policy
itself. With the script the preview is a fragment that follows the form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response

from gateway import preview
from gateway.policy.grants import openings
from gateway.spec import Operation, Webhook
from gateway.web.page import Page
from gateway.web.pages.webhooks import within
from gateway.web.view import View, admin
from models import WebhookEndpoint


@dataclass(frozen=True, slots=True)
class Scope:
    """What a scope lets webhooks show.

    Attributes:
        opens: events that are sent with more than an id.
        adds: names of fields, and the events that they are added to.
        classes: the classes of data that take it.
    """

    name: str
    opens: list[Webhook]
    adds: list[tuple[tuple[str, ...], list[Webhook]]]
    classes: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What an endpoint is sent, and what differs from before.

    Attributes:
        dropped: types of events that it is told of no more.
        opened: the type of events that is shown open.
    """

    payloads: list[preview.Payload]
    dropped: list[str]
    opened: str | None

    @property
    def hidden(self) -> int:
        """How many properties are hidden in all of it."""
        return sum(one.hidden for one in self.payloads)


def scopes(page: Page) -> list[Scope]:
    """Return the scopes that an endpoint can have."""
    webhooks = page.bundle.document.webhooks.values()

    def telling(operations: Iterable[Operation]) -> list[Webhook]:
        ids = {operation.id for operation in operations}
        return [one for one in webhooks if one.operation.id in ids]

    found = []
    for opening in openings(page.bundle.policy.model):
        adds = [(fields.names, telling(fields.operations)) for fields in opening.fields]
        found.append(
            Scope(
                opening.scope,
                telling(opening.operations),
                [(names, some) for names, some in adds if some],
                opening.classes,
            )
        )
    return found


def seen(
    page: Page,
    events: frozenset[str],
    chosen: frozenset[str],
    endpoint: WebhookEndpoint | None = None,
) -> Seen:
    """Return what an endpoint with the *chosen* scopes is sent of *events*.

    Args:
        endpoint: that has others so far; None: it is to be made.
    """
    policy, document = page.bundle.policy, page.bundle.document
    told = frozenset(endpoint.events.split()) if endpoint is not None else frozenset()
    before = frozenset(endpoint.scopes.split()) if endpoint is not None else None
    known = chosen & frozenset(document.scopes)
    payloads = [
        preview.payload(
            policy,
            webhook,
            known,
            before if webhook.type in told else None,
            is_new=endpoint is not None and webhook.type not in told,
        )
        for webhook in document.webhooks.values()
        if webhook.type in events
    ]
    return Seen(payloads, sorted(told - events), _most_telling(payloads))


def _most_telling(payloads: list[preview.Payload]) -> str | None:
    """Return which type of events is shown open: one in which something turns, else the first."""
    telling = [one for one in payloads if one.turns] or payloads
    return telling[0].webhook.type if telling else None


@admin
def fragment(page: Page) -> Response:
    """Show the preview alone, for the script."""
    query = page.sent.query
    events = frozenset(query.get("events", "").split())
    chosen = frozenset(query.get("scopes", "").split())
    endpoint = None
    if endpoint_id := query.get("endpoint"):
        endpoint = within.named(page, endpoint_id)
    return page.render("webhooks/preview.html", seen=seen(page, events, chosen, endpoint))


VIEWS = (View("/settings/webhooks/preview", get=fragment),)
