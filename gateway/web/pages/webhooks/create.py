"""A new endpoint: its form with the preview beside it, and its secret once it is made."""

from __future__ import annotations

from starlette.responses import Response

from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.webhooks import fields, within
from gateway.web.pages.webhooks.secret import shown_once
from gateway.web.pages.webhooks.seen import scopes, seen
from gateway.web.view import View, admin


@admin
def show(page: Page) -> Response:
    return _form(page, Form())


@admin
def create(page: Page) -> Response:
    form = page.form
    if form.text("preview"):
        return _form(page, form)
    domain = within.domain(page)
    wishes = fields.read(form, domain)
    if wishes is None:
        return _form(page, form)
    with form.refusals():
        endpoint, secret = domain.create(
            account=page.account,
            url=wishes.url,
            events=wishes.events,
            scopes=wishes.scopes,
            description=wishes.description,
            by=page.actor,
            now=page.now,
        )
        return shown_once(page, endpoint, secret, is_new=True)
    return _form(page, form)


def _form(page: Page, form: Form) -> Response:
    return page.render(
        "webhooks/new.html",
        form=form,
        has_key=bool(page.settings.webhook_keys),
        events=fields.event_choices(page.bundle.document),
        scopes=scopes(page),
        seen=seen(page, fields.chosen_events(form), fields.chosen_scopes(form)),
    )


VIEWS = (View("/settings/webhooks/new", get=show, post=create, once=True),)
