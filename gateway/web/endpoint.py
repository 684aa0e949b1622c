"""One page as an ASGI application: every guard, then the function in a thread.

    method        405
    origin        403   of a POST, by the browser's own word
    session             found by its cookie; none: on to sign-in
    form's key    403   of a POST
    account             none selected: on to the choice
    role          403
    sent before   409   of forms that can be sent once
    function

Errors become pages here. What a page's function raises as a `Problem` is shown as it says; what
nobody expected is logged, and shown as a 500 that says nothing.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import anyio
from anyio.to_thread import run_sync
from peewee import PeeweeException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from gateway import sessions
from gateway.errors import MethodNotAllowed, NotFound
from gateway.exchange import Exchange
from gateway.problems import problem_of
from gateway.site.documents import address_of
from gateway.web import forgery, forms
from gateway.web.cookies import SessionCookie
from gateway.web.links import safe_target
from gateway.web.page import NOT_THERE, Page, Sent, Services
from gateway.web.refusals import FORGED, NOT_AN_ADMIN, SENT_BEFORE, Refusal, Told
from gateway.web.view import Function, Needs, View, needs_of
from models import Account, Membership

MAX_THREADS = 16
FORM_TYPE = "application/x-www-form-urlencoded"
FORM_ID = re.compile(r"[0-9a-f]{32}")
SIGN_IN = "/settings/sign-in"
CHOICE = "/settings/accounts"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # `no-referrer` would make browsers send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Endpoint:
    """Answers for one `View`."""

    def __init__(self, view: View, services: Services) -> None:
        self._view = view
        self._services = services
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        cookie = self._cookie(scope)
        try:
            response = await self._answer(request, cookie)
        except ClientDisconnect:
            return
        except Exception as error:
            response = self._error_page(request, error)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    async def _answer(self, request: Request, cookie: SessionCookie) -> Response:
        function = self._function(request.method)
        sent = await self._sent(request, cookie)
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(MAX_THREADS)
        return await run_sync(self._in_thread, function, sent, cookie, limiter=self._limiter)

    def _function(self, method: str) -> Function:
        function = {"GET": self._view.get, "HEAD": self._view.get, "POST": self._view.post}
        chosen = function.get(method)
        if chosen is None:
            raise MethodNotAllowed(self._view.methods)
        return chosen

    async def _sent(self, request: Request, cookie: SessionCookie) -> Sent:
        """Take the request apart. Raises Refusal for a POST from elsewhere."""
        if "\0" in request.url.path:
            raise NotFound(NOT_THERE)
        fields = None
        if request.method == "POST":
            headers = request.headers
            if not forgery.is_of_ours(
                headers.get("sec-fetch-site"), headers.get("origin"), self._origins(request)
            ):
                raise Refusal(FORGED)
            content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
            fields = forms.parse(await request.body() if content_type == FORM_TYPE else b"\xff")
        query = parse_qsl(request.url.query, keep_blank_values=True, errors="replace")
        return Sent(
            path=request.scope["path"],
            params=dict(request.path_params),
            query={name: value.replace("\0", "") for name, value in reversed(query)},
            fields=fields,
            address=request.client.host if request.client else "",
            agent=request.headers.get("user-agent", ""),
            secret=cookie.read(request.headers.get("cookie", "")),
            site=address_of(request.scope),
            bundle=Exchange.of(request.scope).bundle,
        )

    def _in_thread(self, function: Function, sent: Sent, cookie: SessionCookie) -> Response:
        work = self._services.work
        page = work.read(lambda: self._page(sent))
        response = work.write(lambda: self._guarded(function, page))
        if page.secret != sent.secret:
            cookie.write(response, page.secret)
        return response

    def _page(self, sent: Sent) -> Page:
        """Find out who asks."""
        session = membership = None
        now = int(self._services.clock())
        if sent.secret is not None:
            session = sessions.find(sent.secret, self._services.limits, now=now)
        if session is not None and session.selected_account_id is not None:
            query = Membership.select(Membership, Account).join(Account)
            membership = query.where(
                Membership.account == session.selected_account_id, Membership.user == session.user
            ).first()
        return Page(self._services, sent, session, membership)

    def _guarded(self, function: Function, page: Page) -> Response:
        needs = needs_of(function)
        if needs is not Needs.NOTHING and page.session is None:
            return page.redirect(f"{SIGN_IN}?next={quote(self._way_back(page), safe='')}")
        if page.sent.fields is not None and not self._has_form_key(page):
            raise Refusal(FORGED)
        if needs in (Needs.MEMBER, Needs.ADMIN) and page.membership is None:
            return page.redirect(f"{CHOICE}?next={quote(self._way_back(page), safe='')}")
        if needs is Needs.ADMIN and not page.is_admin:
            raise Refusal(NOT_AN_ADMIN)
        if page.session is not None:
            with suppress(PeeweeException):  # a busy database is no reason to show nothing
                sessions.touch(page.session, now=page.now)
        if page.sent.fields is not None and self._view.once:
            return self._once(function, page)
        return function(page)

    def _has_form_key(self, page: Page) -> bool:
        if page.sent.secret is None or page.sent.fields is None:
            return False
        presented = page.sent.fields.get(forgery.FIELD, [])
        return len(presented) == 1 and forgery.is_form_key(presented[0], page.sent.secret)

    def _once(self, function: Function, page: Page) -> Response:
        """Call *function* if its form was not sent before."""
        form_id = page.form.text("form_id")
        if page.session is None or not FORM_ID.fullmatch(form_id):
            raise Refusal(FORGED)
        if not sessions.spend(page.session, form_id):
            raise Refusal(SENT_BEFORE)
        try:
            return function(page)
        except BaseException:
            sessions.unspend(page.session, form_id)
            raise

    def _way_back(self, page: Page) -> str:
        """Return where to go on after the sign-in: here, if it is a page that can be shown."""
        return safe_target(page.sent.path if self._view.get else "")

    def _cookie(self, scope: Scope) -> SessionCookie:
        return SessionCookie(
            secure=scope["scheme"] == "https"
            or (self._services.settings.public_url or "").startswith("https:")
        )

    def _origins(self, request: Request) -> set[str]:
        """Return what our pages are reached under, as browsers write origins."""
        addresses = [address_of(request.scope), self._services.settings.public_url or ""]
        parts = [urlsplit(one) for one in addresses if one]
        return {f"{one.scheme}://{one.netloc}" for one in parts}

    def _error_page(self, request: Request, error: Exception) -> Response:
        told = self._told(request, error)
        path = str(request.scope["path"])
        page = Page(self._services, _bare(path, Exchange.of(request.scope)))
        context: dict[str, Any] = {
            "told": told,
            "request_id": Exchange.of(request.scope).request_id,
            "back": self._view.path if self._view.get and "{" not in self._view.path else None,
        }
        html = page.html("error.html", context)
        return HTMLResponse(html, status_code=told.status, headers=told.headers)

    def _told(self, request: Request, error: Exception) -> Told:
        if isinstance(error, Refusal):
            return error.told
        problem = problem_of(error, Exchange.of(request.scope))
        return Told(problem.status, problem.title, problem.detail, problem.headers)


def _bare(path: str, exchange: Exchange) -> Sent:
    """Return a request of which nothing but its path is known."""
    return Sent(
        path=path,
        params={},
        query={},
        fields=None,
        address="",
        agent="",
        secret=None,
        site="",
        bundle=exchange.bundle,
    )
