"""One endpoint: what it is, how it fares, and its address, events and scopes to change."""

from __future__ import annotations

from starlette.responses import Response

from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.webhooks import fields, within
from gateway.web.pages.webhooks.secret import RECEIVER
from gateway.web.pages.webhooks.seen import scopes, seen
from gateway.web.pages.webhooks.state import standing
from gateway.web.view import View, admin
from models import WebhookEndpoint


@admin
def show(page: Page) -> Response:
    endpoint = within.endpoint(page)
    return shown(page, endpoint, fields.of_endpoint(endpoint))


@admin
def update(page: Page) -> Response:
    endpoint, form = within.endpoint(page), page.form
    if form.text("preview"):
        return shown(page, endpoint, form)
    domain = within.domain(page)
    wishes = fields.read(form, domain, endpoint)
    if wishes is None:
        return shown(page, endpoint, form)
    with form.refusals():
        domain.update(
            endpoint,
            url=wishes.url,
            events=wishes.events,
            scopes=wishes.scopes,
            description=wishes.description,
            by=page.actor,
            now=page.now,
        )
        return page.redirect(within.path_of(endpoint), "The webhook has been changed.")
    return shown(page, endpoint, form)


def shown(page: Page, endpoint: WebhookEndpoint, form: Form) -> Response:
    """Return the page of *endpoint*, with *form* in it."""
    return page.render(
        "webhooks/edit.html",
        form=form,
        endpoint=endpoint,
        standing=standing(endpoint, page.now),
        events=fields.event_choices(page.bundle.document),
        scopes=scopes(page),
        seen=seen(page, fields.chosen_events(form), fields.chosen_scopes(form), endpoint),
        receiver=RECEIVER,
        name_of=within.name_of,
        path_of=within.path_of,
    )


VIEWS = (View("/settings/webhooks/{id}", get=show, post=update),)
