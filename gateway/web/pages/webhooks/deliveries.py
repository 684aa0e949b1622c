"""What was sent to an endpoint and is on its way: a list with filters, and each with its tries.

A filter is sent as a form, so that what somebody types in by mistake (a name, an address) stands in
no address of a page; what passes its checks is led on to a list that can be a bookmark.

A body that is shown is given to whoever looks: it is recorded in the disclosure log like an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.responses import Response

from gateway.disclosure import Recipient
from gateway.spec.payloads import TEST
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.webhooks import within
from gateway.web.pages.webhooks.moments import meant, optional, written
from gateway.web.pages.webhooks.state import standing
from gateway.web.view import View, admin
from gateway.webhooks import history
from gateway.webhooks.deliveries import Fate
from gateway.webhooks.history import Filter
from models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

PAGE_SIZE = 25
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
PUBLIC_ID = re.compile(r"[a-z]{1,15}_[A-Za-z0-9]{1,64}")
FATE_NAMES = {
    Fate.PENDING: "On its way",
    Fate.DELIVERED: "Delivered",
    Fate.FAILED: "Failed",
    Fate.DROPPED: "Dropped",
}
FATE_KINDS = {Fate.PENDING: "warn", Fate.DELIVERED: "good", Fate.FAILED: "bad", Fate.DROPPED: ""}


@dataclass(frozen=True, slots=True)
class Try:
    """A try, as it is shown.

    Attributes:
        body: as it was sent; None: nothing was.
        laid_out: the same, over several lines.
    """

    attempt: WebhookAttempt
    body: str | None
    laid_out: str | None


@admin
def show(page: Page) -> Response:
    endpoint = within.endpoint(page)
    return _list(page, endpoint, _wanted(page, page.sent.query))


@admin
def narrow(page: Page) -> Response:
    """Lead on to the list that the filter asks for."""
    endpoint, form = within.endpoint(page), page.form
    subject = form.read("subject", "What it is about", _subject)
    form.read("since", "The time", optional)
    if not form.is_right:
        return _list(page, endpoint, Filter(), form)
    fields = {name: form.text(name) for name in ("state", "type", "since")}
    wanted = {name: value for name, value in (fields | {"subject": subject}).items() if value}
    query = f"?{urlencode(wanted)}" if wanted else ""
    return page.redirect(within.path_of(endpoint, "deliveries") + query)


@admin
def show_one(page: Page) -> Response:
    endpoint = within.endpoint(page)
    return shown(page, endpoint, delivery_of(page, endpoint))


def delivery_of(page: Page, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Return the delivery to *endpoint* that the path names."""
    return page.found(history.one_of(endpoint, page.sent.params["delivery"]))


def shown(
    page: Page, endpoint: WebhookEndpoint, delivery: WebhookDelivery, form: Form | None = None
) -> Response:
    """Return the page of a delivery.

    Args:
        form: with what is wrong.
    """
    tries = history.tries(delivery)
    _record(page, delivery, {one.body for one in tries if one.body is not None})
    return page.render(
        "webhooks/delivery.html",
        form=form,
        endpoint=endpoint,
        standing=standing(endpoint, page.now),
        delivery=delivery,
        tries=[Try(one, one.body, _laid_out(one.body)) for one in tries],
        is_pending=delivery.state == Fate.PENDING,
        is_test=delivery.type == TEST,
        fate_names=FATE_NAMES,
        fate_kinds=FATE_KINDS,
        name_of=within.name_of,
        path_of=within.path_of,
        kept_days=history.KEPT_S // 86_400,
    )


def _list(
    page: Page, endpoint: WebhookEndpoint, wanted: Filter, form: Form | None = None
) -> Response:
    number = page.sent.query.get("page", "")
    asked = int(number) if PAGE_NUMBER.fullmatch(number) else 1
    return page.render(
        "webhooks/deliveries.html",
        form=form or _form_of(wanted),
        endpoint=endpoint,
        standing=standing(endpoint, page.now),
        found=history.page(endpoint, wanted, asked, PAGE_SIZE),
        wanted=wanted,
        is_narrowed=wanted != Filter(),
        types=[*page.bundle.document.webhooks, TEST],
        fate_names=FATE_NAMES,
        fate_kinds=FATE_KINDS,
        query=lambda **changes: _query(wanted, changes),
        name_of=within.name_of,
        path_of=within.path_of,
        kept_days=history.KEPT_S // 86_400,
    )


def _wanted(page: Page, query: Mapping[str, str]) -> Filter:
    """Return what is asked for; what makes no sense is as if it were not there."""
    types = [*page.bundle.document.webhooks, TEST]
    state, event, subject = (query.get(name, "") for name in ("state", "type", "subject"))
    return Filter(
        state=Fate(state) if state in list(Fate) else None,
        type=event if event in types else None,
        subject_id=subject if PUBLIC_ID.fullmatch(subject) else None,
        since=meant(query.get("since", "")),
    )


def _form_of(wanted: Filter) -> Form:
    return Form({name: [value] for name, value in _fields(wanted).items()})


def _fields(wanted: Filter) -> dict[str, str]:
    """Return what is asked for as it stands in a query and in the form."""
    since = None if wanted.since is None else written(wanted.since)
    values = {
        "state": wanted.state,
        "type": wanted.type,
        "subject": wanted.subject_id,
        "since": since,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _query(wanted: Filter, changes: Mapping[str, Any]) -> str:
    """Return the query of a list like *wanted*, but for *changes*."""
    fields = {**_fields(wanted), **changes}
    return urlencode({name: value for name, value in fields.items() if value is not None})


def _subject(text: str) -> str | None:
    text = text.strip()
    if text and not PUBLIC_ID.fullmatch(text):
        raise ValueError("must be an id, such as app_jkl012")
    return text or None


def _record(page: Page, delivery: WebhookDelivery, bodies: Iterable[str]) -> None:
    """Record that *bodies* are given to who looks. Raises Unrecorded: they must not be."""
    disclosures = page.services.disclosures
    webhook = page.bundle.document.webhooks.get(delivery.type)
    if disclosures is None or webhook is None:
        return
    recipient = Recipient(
        account=page.account.public_id,
        token=page.user.public_id,
        scopes=frozenset(page.bundle.document.scopes),
    )
    for body in sorted(bodies):
        page.wait_for(
            disclosures.record_payload,
            recipient,
            webhook,
            delivery.message_id,
            page.bundle.revision,
            body.encode(),
        )


def _laid_out(body: str | None) -> str | None:
    if body is None:
        return None
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()


VIEWS = (
    View("/settings/webhooks/{id}/deliveries", get=show, post=narrow),
    View("/settings/webhooks/{id}/deliveries/{delivery}", get=show_one),
)
