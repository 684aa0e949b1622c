"""A new secret for a token, the old one valid for 0, 1 or 24 hours; and the old one's early end."""

from __future__ import annotations

from starlette.responses import Response

from gateway import tokens
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.tokens import mine
from gateway.web.pages.tokens.secret import shown_once
from gateway.web.view import View, member
from models import Token

OPTIONS = (
    ("24", "24 hours", "Nothing breaks while you hand out the new secret."),
    ("1", "1 hour", "For a change that you make now, in a few places."),
    ("0", "Not at all", "It is refused from the next request on. For a secret that has leaked."),
)


@member
def show(page: Page) -> Response:
    return _form(page, mine.token(page), Form({"keep_old": ["24"]}))


@member
def rotate(page: Page) -> Response:
    token, form = mine.token(page), page.form
    hours = form.read("keep_old", "Choose", _hours)
    if hours is not None:
        with form.refusals():
            rotated, secret = tokens.rotate(
                token, keep_old_hours=hours, by=page.actor, now=page.now
            )
            return shown_once(page, rotated, secret, is_new=False)
    return _form(page, token, form)


@member
def end_old(page: Page) -> Response:
    token = mine.token(page)
    tokens.end_previous(token, by=page.actor, now=page.now)
    return page.redirect(mine.path_of(token), "The old secret is of no use any more.")


def _hours(text: str) -> int:
    if text not in map(str, tokens.KEEP_OLD_HOURS):
        raise ValueError("how long the old secret stays valid")
    return int(text)


def _form(page: Page, token: Token, form: Form) -> Response:
    return page.render(
        "tokens/rotate.html", form=form, token=token, options=OPTIONS, path_of=mine.path_of
    )


VIEWS = (
    View("/settings/api/{id}/rotate", get=show, post=rotate, once=True),
    View("/settings/api/{id}/end-old", post=end_old),
)
