"""The account that the session works in: its name, and its end."""

from __future__ import annotations

from starlette.responses import Response

from gateway import accounts
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.view import View, admin, member
from models import Membership, Token

PATH = "/settings/account"


@member
def show(page: Page) -> Response:
    return _shown(page)


@admin
def rename(page: Page) -> Response:
    form = page.form
    with form.refusals("name"):
        accounts.rename_account(page.account, form.text("name"), by=page.actor, now=page.now)
        return page.redirect(PATH, "The account has a new name.")
    return _shown(page, renaming=form)


@admin
def delete(page: Page) -> Response:
    form, account = page.form, page.account
    if form.text("typed_name").strip() != account.name:
        form.fail("typed_name", "This is not the account's name. Nothing was deleted.")
    else:
        with form.refusals():
            accounts.delete_account(account, by=page.actor, now=page.now)
            return page.redirect(
                "/settings/accounts", f"{account.name} is deleted, and all its tokens revoked."
            )
    return _shown(page, deleting=form)


def _shown(page: Page, *, renaming: Form | None = None, deleting: Form | None = None) -> Response:
    live = (
        (Token.account == page.account)
        & Token.revoked_at.is_null()
        & (Token.expires_at.is_null() | (Token.expires_at > page.now))
    )
    members = Membership.select().where(Membership.account == page.account)
    return page.render(
        "account.html",
        form=renaming or deleting,
        renaming=renaming or Form(name=page.account.name),
        deleting=deleting,
        members=members.count(),
        live_tokens=Token.select().where(live).count(),
    )


VIEWS = (
    View(PATH, get=show, post=rename),
    View(f"{PATH}/delete", post=delete),
)
