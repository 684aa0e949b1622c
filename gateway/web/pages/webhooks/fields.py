"""The fields of an endpoint's form: address, description, events, scopes."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.spec import Document
from gateway.web.forms import Form
from gateway.webhooks.endpoints import Endpoints, checked_description
from models import WebhookEndpoint


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an endpoint shall be."""

    url: str
    description: str
    events: tuple[str, ...]
    scopes: tuple[str, ...]


def of_endpoint(endpoint: WebhookEndpoint) -> Form:
    """Return the form of *endpoint* as it is."""
    return Form(
        {
            "url": [endpoint.url],
            "description": [endpoint.description],
            "events": endpoint.events.split(),
            "scopes": endpoint.scopes.split(),
        }
    )


def event_choices(document: Document) -> list[tuple[str, str, str]]:
    """Return the types of events that there are: value, label and what it means."""
    webhooks = document.webhooks.values()
    return [(one.type, one.type, one.summary) for one in webhooks]


def chosen_events(form: Form) -> frozenset[str]:
    """Return the chosen types of events, for a preview."""
    return frozenset(form.texts("events"))


def chosen_scopes(form: Form) -> frozenset[str]:
    """Return the chosen scopes, for a preview."""
    return frozenset(form.texts("scopes"))


def read(form: Form, domain: Endpoints, endpoint: WebhookEndpoint | None = None) -> Wishes | None:
    """Return what the form asks for; None, with each error at its field, if something is wrong.

    Args:
        endpoint: the one that is edited: an address that stays is not looked up again.
    """
    url = form.text("url").strip()
    events, scopes = tuple(form.texts("events")), tuple(form.texts("scopes"))
    if endpoint is None or url != endpoint.url:
        with form.refusals("url"):
            domain.checked_url(url)
    description = ""
    with form.refusals("description"):
        description = checked_description(form.text("description"))
    if not events:  # for the command line none are all; here a box that is left out is no wish
        form.fail("events", "Choose at least one type of events.")
    with form.refusals("events"):
        domain.checked_events(events)
    with form.refusals("scopes"):
        domain.checked_scopes(scopes)
    return Wishes(url, description, events, scopes) if form.is_right else None
