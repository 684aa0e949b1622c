"""Who belongs to the account: listed for all of them, changed by administrators."""

from __future__ import annotations

from peewee import JOIN, fn
from starlette.responses import Response

from gateway import accounts, invitations, tokens
from gateway.roles import Role
from gateway.texts import checked_email
from gateway.web.forms import Form
from gateway.web.page import Page
from gateway.web.pages import invitation
from gateway.web.view import View, admin, member
from models import Invitation, Membership, Token, User

HOME = "/settings/members"
ROLES = (
    (Role.MEMBER, "Member", "Makes tokens of their own, and manages these."),
    (Role.ADMIN, "Administrator", "Manages members, all tokens, webhooks and the account."),
)


@member
def show(page: Page) -> Response:
    live = (
        (Token.user == User.id)
        & (Token.account == page.account)
        & Token.revoked_at.is_null()
        & (Token.expires_at.is_null() | (Token.expires_at > page.now))
    )
    rows = (
        Membership.select(Membership, User, fn.COUNT(Token.id).alias("tokens"))
        .join(User)
        .join(Token, JOIN.LEFT_OUTER, on=live)
        .where(Membership.account == page.account)
        .group_by(Membership, User)
        .order_by(User.email)
    )
    return page.render(
        "members/list.html",
        members=list(rows),
        invited=invitations.of_account(page.account, now=page.now) if page.is_admin else [],
    )


@admin
def ask(page: Page) -> Response:
    return page.render("members/invite.html", form=Form(role=Role.MEMBER), roles=ROLES)


@admin
def invite(page: Page) -> Response:
    form = page.form
    email = form.read("email", "The e-mail address", lambda text: checked_email(text.strip()))
    role = form.choice("role", "The role", Role)
    if email is not None and role is not None:
        with form.refusals("email"):
            offer, code = invitations.invite(page.account, email, role, by=page.actor, now=page.now)
            link = page.absolute_url(f"{invitation.PATH}/{code}")
            return page.render("members/invited.html", offer=offer, link=link)
    return page.render("members/invite.html", form=form, roles=ROLES)


@admin
def withdraw(page: Page) -> Response:
    offer: Invitation = page.found(
        Invitation.get_or_none(
            Invitation.public_id == page.sent.params["id"], Invitation.account == page.account
        )
    )
    invitations.withdraw(offer, by=page.actor, now=page.now)
    return page.redirect(HOME, f"The invitation of {offer.email} is withdrawn; its link is dead.")


@admin
def manage(page: Page) -> Response:
    return _managed(page, _membership(page))


@admin
def change_role(page: Page) -> Response:
    membership = _membership(page)
    form = page.form
    role = form.choice("role", "The role", Role)
    if role is not None:
        with form.refusals("role"):
            accounts.change_role(page.account, membership.user, role, by=page.actor, now=page.now)
            notice = f"{membership.user.email} is now {_with_article(role)}."
            return page.redirect(HOME, notice)
    return _managed(page, membership, form)


@admin
def remove(page: Page) -> Response:
    membership = _membership(page)
    with page.form.refusals():
        revoked = accounts.remove_member(
            page.account, membership.user, by=page.actor, now=page.now, keep_an_admin=True
        )
        what = "1 token is" if revoked == 1 else f"{revoked} tokens are"
        also = f" {what} revoked." if revoked else ""
        return page.redirect(HOME, f"{membership.user.email} is no longer a member.{also}")
    return _managed(page, membership, page.form)


def _managed(page: Page, membership: Membership, form: Form | None = None) -> Response:
    """Return the member's page. A removal that was refused leaves the role's form as it was."""
    has_role = form is not None and bool(form.texts("role"))
    dying = [
        one
        for one in tokens.of_account(page.account)
        if one.user == membership.user and one.revoked_at is None
    ]
    return page.render(
        "members/member.html",
        membership=membership,
        form=form,
        roles_form=form if has_role else Form(role=membership.role),
        roles=ROLES,
        dying=dying,
        invited=len(invitations.of_account(page.account, now=page.now)),
        is_last_admin=_is_last_admin(membership),
    )


def _is_last_admin(membership: Membership) -> bool:
    admins = Membership.select().where(
        Membership.account == membership.account, Membership.role == Role.ADMIN
    )
    return membership.role == Role.ADMIN and admins.count() == 1


def _membership(page: Page) -> Membership:
    """Return the membership of the user in the path. 404 for who is no member of the account."""
    query = Membership.select(Membership, User).join(User)
    found: Membership | None = query.where(
        Membership.account == page.account, User.public_id == page.sent.params["id"]
    ).first()
    return page.found(found)


def _with_article(role: Role) -> str:
    return "an administrator" if role is Role.ADMIN else "a member"


VIEWS = (
    View(HOME, get=show),
    View(f"{HOME}/invite", get=ask, post=invite, once=True),
    View(f"{HOME}/invitations/{{id}}/withdraw", post=withdraw),
    View(f"{HOME}/{{id}}", get=manage),
    View(f"{HOME}/{{id}}/role", post=change_role),
    View(f"{HOME}/{{id}}/remove", post=remove),
)
