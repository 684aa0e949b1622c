"""What a page's function gets: who asks and for what, and the ways to answer.

    @admin
    def rename(page: Page) -> Response:
        form = page.form
        name = form.read("name", "The name", checked_name)
        if not form.is_right:
            return page.render("account.html", form=form)
        accounts.rename(page.account, name)
        return page.redirect("/settings/account", "The account has a new name.")

Made by `gateway.web.endpoint` for one request, after its guards; used in one thread.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from anyio import from_thread
from starlette.responses import HTMLResponse, Response

from gateway import audit, sessions
from gateway.audit import Actor
from gateway.bundle import Bundle
from gateway.database import writing
from gateway.disclosure import Disclosures
from gateway.errors import NotFound
from gateway.roles import Role
from gateway.settings import Settings
from gateway.web import forgery, links, navigation
from gateway.web.forms import Form
from gateway.web.rendering import Templates
from gateway.work import Work
from models import Account, Membership, Session, User, database

T = TypeVar("T")

UNPROCESSABLE = 422
NOT_THERE = "There is no such page, or it is not one of this account's."


@dataclass(frozen=True, slots=True)
class Services:
    """What pages are made with.

    Attributes:
        clock: seconds since the Unix epoch.
        paths: of all pages.
        disclosures: records what pages give of an account's data; None: nothing does.
    """

    settings: Settings
    work: Work
    clock: Callable[[], float]
    templates: Templates
    limits: sessions.Limits
    paths: frozenset[str]
    disclosures: Disclosures | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A request, taken apart.

    Attributes:
        params: the variable parts of its path.
        query: the first value of each query parameter.
        fields: of its form; None: it is no POST.
        address, agent: of the client.
        secret: of its cookie; None: it has none.
        site: scheme and host that it was sent to, without a slash at the end.
    """

    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    fields: Mapping[str, list[str]] | None
    address: str
    agent: str
    secret: str | None
    site: str
    bundle: Bundle


class Page:
    """One request to a page.

    Attributes:
        sent: the request.
        services: what pages are made with.
        session: None: nobody is signed in.
        membership: of the user in the selected account; None: none is selected.
    """

    def __init__(
        self,
        services: Services,
        sent: Sent,
        session: Session | None = None,
        membership: Membership | None = None,
    ) -> None:
        self.services = services
        self.sent = sent
        self.session = session
        self.membership = membership
        self.secret = sent.secret or secrets.token_urlsafe(sessions.SECRET_BYTES)
        self.now = int(services.clock())

    # --- who asks ---

    @property
    def user(self) -> User:
        """Who is signed in. Raises LookupError for nobody: the function is `public`."""
        if self.session is None:
            raise LookupError("nobody is signed in")
        user: User = self.session.user
        return user

    @property
    def actor(self) -> Actor:
        """Who the audit trail says has acted: the user, or somebody unknown at the address."""
        if self.session is None:
            return Actor.unknown(self.sent.address)
        return Actor.of(self.user, self.sent.address)

    @property
    def account(self) -> Account:
        """The selected account. Raises LookupError for none: the function is `signed_in`."""
        account: Account = self._member.account
        return account

    @property
    def role(self) -> Role:
        """The user's role in the selected account."""
        return Role(self._member.role)

    @property
    def is_admin(self) -> bool:
        """Whether the user administers the selected account."""
        return self.membership is not None and self.role is Role.ADMIN

    @cached_property
    def memberships(self) -> list[Membership]:
        """Every account that the user belongs to, by name."""
        query = Membership.select(Membership, Account).join(Account)
        return list(query.where(Membership.user == self.user).order_by(Account.name, Account.id))

    @property
    def _member(self) -> Membership:
        if self.membership is None:
            raise LookupError("no account is selected")
        return self.membership

    # --- what is asked ---

    @cached_property
    def form(self) -> Form:
        """The form that was sent."""
        return Form(self.sent.fields or {})

    @property
    def bundle(self) -> Bundle:
        """Document and policies in force."""
        return self.sent.bundle

    @property
    def settings(self) -> Settings:
        return self.services.settings

    def found(self, row: T | None) -> T:
        """Return *row*; None is a 404, which does not tell a missing one from another's."""
        if row is None:
            raise NotFound(NOT_THERE)
        return row

    def wait_for(self, function: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
        """Run the async *function* on the event loop, and return what it returns."""
        return from_thread.run(function, *arguments)

    # --- answers ---

    def url(self, path: str) -> str:
        """Return the address of the page at *path* for a link on this one."""
        return links.relative(path, self.sent.path)

    def absolute_url(self, path: str) -> str:
        """Return the whole address of *path*, to hand to somebody."""
        return (self.settings.public_url or self.sent.site) + path

    def render(
        self, template: str, *, form: Form | None = None, status: int | None = None, **context: Any
    ) -> Response:
        """Return a page of *template*.

        The template gets `page`, `url`, `form` and the *context*.

        Args:
            form: shown in the page; with errors in it the status is 422.
        """
        if status is None:
            status = 200 if form is None or form.is_right else UNPROCESSABLE
        return HTMLResponse(self.html(template, {"form": form, **context}), status_code=status)

    def redirect(self, path: str, notice: str | None = None) -> Response:
        """Return an answer that leads on to *path*, which says *notice* at its top, once."""
        if notice is not None and self.session is not None:
            sessions.note(self.session, notice)
        return Response(status_code=303, headers={"location": self.url(path)})

    def html(self, template: str, context: Mapping[str, Any]) -> str:
        return self.services.templates.render(
            template,
            {
                "page": self,
                "url": self.url,
                "form_key": forgery.form_key(self.secret),
                "form_id": secrets.token_hex(16),
                "notice": self._take_notice(),
                "menu": self.menu(),
                "form": None,
                **context,
            },
        )

    def menu(self) -> list[navigation.Item]:
        """Return what the menu lists for the user; nothing before an account is selected."""
        if self.membership is None:
            return []
        return navigation.items(self.services.paths, self.role)

    def _take_notice(self) -> str | None:
        if self.session is None or self.session.notice is None:
            return None
        notice: str = self.session.notice
        sessions.note(self.session, None)
        return notice

    # --- sessions ---

    def sign_in(self, user: User) -> None:
        """Begin a session of *user* under a new id, and end the one that was there."""
        if self.session is not None:
            sessions.end(self.session)
        sessions.forget_ended(self.services.limits, now=self.now)
        with writing(database):
            self.session, self.secret = sessions.begin(
                user, address=self.sent.address, agent=self.sent.agent, now=self.now
            )
            audit.signed_in(user, address=self.sent.address, now=self.now)

    def sign_out(self, *, everywhere: bool = False) -> None:
        """End the session, or all of the user's. The cookie that remains opens nothing."""
        if self.session is not None:
            with writing(database):
                if everywhere:
                    sessions.end_all(self.user)
                else:
                    sessions.end(self.session)
                audit.signed_out(
                    self.user, address=self.sent.address, now=self.now, everywhere=everywhere
                )
        self.session = self.membership = None
        self.secret = secrets.token_urlsafe(sessions.SECRET_BYTES)
