"""Sending on request: one delivery again, all since a time again, a test event."""

from __future__ import annotations

from starlette.responses import Response

from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.webhooks import edit, fields, within
from gateway.web.pages.webhooks.deliveries import delivery_of, shown
from gateway.web.pages.webhooks.moments import needed, written
from gateway.web.pages.webhooks.state import standing
from gateway.web.rendering import counted
from gateway.web.view import View, admin
from gateway.webhooks import again, history
from gateway.webhooks.endpoints import State
from models import WebhookEndpoint

DAY_S = 86_400
DISABLED = "The webhook is disabled. Enable it first."


@admin
def test(page: Page) -> Response:
    """Have a test event sent, and lead on to where its answer will be."""
    endpoint = within.endpoint(page)
    form = fields.of_endpoint(endpoint)
    if _is_enabled(form, endpoint):
        with form.refusals():
            delivery = again.send_test(endpoint, by=page.actor, now=page.now)
            there = within.path_of(endpoint, "deliveries", delivery.public_id)
            return page.redirect(there, "A test event is being sent.")
    return edit.shown(page, endpoint, form)


@admin
def send_one(page: Page) -> Response:
    endpoint, form = within.endpoint(page), page.form
    delivery = delivery_of(page, endpoint)
    if _is_enabled(form, endpoint):
        with form.refusals():
            is_sent = again.send_again(delivery, endpoint, by=page.actor, now=page.now)
            there = within.path_of(endpoint, "deliveries", delivery.public_id)
            said = "It is sent again, at once." if is_sent else "It is being tried at this moment."
            return page.redirect(there, said)
    return shown(page, endpoint, delivery, form)


@admin
def show(page: Page) -> Response:
    endpoint = within.endpoint(page)
    return _form(page, endpoint, Form({"since": [written(page.now - DAY_S)]}))


@admin
def send_all(page: Page) -> Response:
    endpoint, form = within.endpoint(page), page.form
    since = form.read("since", "The time", needed)
    if since is not None and since > page.now:
        form.fail("since", "The time must not be in the future.")
    if since is not None and form.is_right and _is_enabled(form, endpoint):
        with form.refusals():
            number = again.send_all_again(
                endpoint,
                since,
                delivered_too=form.text("delivered_too") == "1",
                by=page.actor,
                now=page.now,
            )
            there = within.path_of(endpoint, "deliveries")
            verb = "is" if number == 1 else "are"
            return page.redirect(there, f"{counted(number, 'message')} {verb} sent again.")
    return _form(page, endpoint, form)


def _is_enabled(form: Form, endpoint: WebhookEndpoint) -> bool:
    """Return whether something can be sent; if not, note it."""
    if endpoint.state != State.ENABLED:
        form.fail("", DISABLED)
    return form.is_right


def _form(page: Page, endpoint: WebhookEndpoint, form: Form) -> Response:
    return page.render(
        "webhooks/again.html",
        form=form,
        endpoint=endpoint,
        standing=standing(endpoint, page.now),
        name_of=within.name_of,
        path_of=within.path_of,
        kept_days=history.KEPT_S // DAY_S,
    )


VIEWS = (
    View("/settings/webhooks/{id}/test", post=test, once=True),
    View("/settings/webhooks/{id}/again", get=show, post=send_all, once=True),
    View("/settings/webhooks/{id}/deliveries/{delivery}/again", post=send_one, once=True),
)
