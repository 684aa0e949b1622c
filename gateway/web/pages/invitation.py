"""The page behind an invitation's link: join with the user that one has, or become one."""

from __future__ import annotations

from starlette.responses import Response

from gateway import invitations, sessions
from gateway.errors import CommandError
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages.passwords import new_password
from gateway.web.view import View, public
from models import Invitation, User

PATH = "/settings/invitations"


@public
def show(page: Page) -> Response:
    offer = _offer(page)
    return _gone(page) if offer is None else _shown(page, offer, Form(next=page.sent.path))


@public
def accept(page: Page) -> Response:
    offer = _offer(page)
    if offer is None:
        return _gone(page)
    form = page.form
    user = None if page.session is None else page.user
    try:
        if user is not None and user.email == offer.email:
            invitations.accept(offer, user, by=page.actor, now=page.now)
        elif user is not None or _is_user(offer.email):
            return _shown(page, offer, Form(next=page.sent.path))  # to be signed in first
        else:
            password = new_password(form)
            if password is None:
                return _shown(page, offer, form)
            user = invitations.accept_as_new(
                offer, password, address=page.sent.address, now=page.now
            )
            page.sign_in(user)
    except CommandError:  # used, withdrawn or overtaken at this very moment
        return _gone(page)
    if page.session is not None:
        sessions.select(page.session, offer.account)
    return page.redirect("/settings", f"You are a member of {offer.account.name} now.")


def _offer(page: Page) -> Invitation | None:
    return invitations.find(page.sent.params["code"], now=page.now)


def _is_user(email: str) -> bool:
    return bool(User.select().where(User.email == email).exists())


def _shown(page: Page, offer: Invitation, form: Form) -> Response:
    return page.render("invitation.html", offer=offer, form=form, is_user=_is_user(offer.email))


def _gone(page: Page) -> Response:
    return page.render("invitation_gone.html", status=404)


VIEWS = (View(f"{PATH}/{{code}}", get=show, post=accept),)
