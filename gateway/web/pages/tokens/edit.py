"""One token: what it is, and its name, scopes and expiry to change."""

from __future__ import annotations

from starlette.responses import Response

from gateway import alerts, tokens
from gateway.token_list import State, states_of
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.tokens import fields, mine
from gateway.web.pages.tokens.listing import state_names
from gateway.web.pages.tokens.seen import scopes, seen
from gateway.web.view import View, member
from models import Token


@member
def show(page: Page) -> Response:
    token = mine.token(page)
    return _form(page, token, fields.of_token(token))


@member
def update(page: Page) -> Response:
    token, form = mine.token(page), page.form
    if form.text("preview"):
        return _form(page, token, form)
    known = page.bundle.document.scopes
    wishes = fields.read(form, known, now=page.now, keeps=True)
    if wishes is None:
        return _form(page, token, form)
    with form.refusals():
        tokens.update(
            token,
            name=wishes.name,
            scopes=wishes.scopes,
            expires_at=wishes.expires_at,
            by=page.actor,
            now=page.now,
            known_scopes=known,
        )
        return page.redirect(mine.path_of(token), "The token has been changed.")
    return _form(page, token, form)


def _form(page: Page, token: Token, form: Form) -> Response:
    states = states_of(token, page.now, mine.unused_s(page))
    known = page.bundle.document.scopes
    return page.render(
        "tokens/edit.html",
        form=form,
        token=token,
        states=states,
        state_names=state_names(page),
        is_unused=State.UNUSED in states,
        is_revoked=State.REVOKED in states,
        is_expired=State.EXPIRED in states,
        has_old=_has_old(token, page.now),
        told_at=alerts.told_at(token) if State.UNUSED in states else None,
        scopes=scopes(page),
        expiries=fields.expiry_options(token, page.now),
        seen=seen(page, fields.chosen_scopes(form, known), token),
        path_of=mine.path_of,
    )


def _has_old(token: Token, now: int) -> bool:
    """Tell whether the secret before the last rotation is valid still."""
    until = token.previous_expires_at
    return until is not None and until > now and token.revoked_at is None


VIEWS = (View("/settings/api/{id}", get=show, post=update),)
