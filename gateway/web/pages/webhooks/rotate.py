"""A new secret for an endpoint, with which messages are signed beside the old one for a while."""

from __future__ import annotations

from starlette.responses import Response

from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.webhooks import within
from gateway.web.pages.webhooks.secret import shown_once
from gateway.web.pages.webhooks.state import standing
from gateway.web.view import View, admin
from gateway.webhooks import endpoints
from models import WebhookEndpoint

HOUR_S = 3_600
OPTIONS = (
    ("24", "24 hours", "Messages are signed with both. Nothing breaks while you replace it."),
    ("1", "1 hour", "For a change that you make now."),
    (
        "0",
        "Not at all",
        "For a secret that has leaked. Receivers with the old one refuse messages.",
    ),
)


@admin
def show(page: Page) -> Response:
    return _form(page, within.endpoint(page), Form({"keep_old": ["24"]}))


@admin
def rotate(page: Page) -> Response:
    endpoint, form = within.endpoint(page), page.form
    hours = form.read("keep_old", "Choose", _hours)
    if hours is not None:
        with form.refusals():
            secret = within.domain(page).rotate(
                endpoint, by=page.actor, now=page.now, keep_s=hours * HOUR_S
            )
            return shown_once(page, endpoints.find(endpoint.public_id), secret, is_new=False)
    return _form(page, endpoint, form)


def _hours(text: str) -> int:
    if text not in [value for value, _, _ in OPTIONS]:
        raise ValueError("for how long messages are signed with the old secret too")
    return int(text)


def _form(page: Page, endpoint: WebhookEndpoint, form: Form) -> Response:
    return page.render(
        "webhooks/rotate.html",
        form=form,
        endpoint=endpoint,
        standing=standing(endpoint, page.now),
        options=OPTIONS,
        name_of=within.name_of,
        path_of=within.path_of,
    )


VIEWS = (View("/settings/webhooks/{id}/rotate", get=show, post=rotate, once=True),)
