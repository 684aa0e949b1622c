"""All pages, assembled."""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import BaseRoute, Route

from gateway import sessions
from gateway.disclosure import Disclosures
from gateway.settings import Settings
from gateway.web.assets import PATH, Assets
from gateway.web.endpoint import Endpoint
from gateway.web.page import Services
from gateway.web.pages import (
    account,
    accounts,
    audit,
    home,
    invitation,
    members,
    policy,
    profile,
    sign_in,
    tokens,
    webhooks,
)
from gateway.web.rendering import Templates
from gateway.web.view import View
from gateway.work import Work

# In the order in which they are tried; `home` ends with whatever else is below /settings.
VIEWS: tuple[View, ...] = (
    *sign_in.VIEWS,
    *accounts.VIEWS,
    *tokens.VIEWS,
    *webhooks.VIEWS,
    *policy.VIEWS,
    *members.VIEWS,
    *invitation.VIEWS,
    *audit.VIEWS,
    *account.VIEWS,
    *profile.VIEWS,
    *home.VIEWS,
)


def routes(
    settings: Settings,
    work: Work,
    clock: Callable[[], float],
    disclosures: Disclosures | None = None,
) -> list[BaseRoute]:
    """Return the routes of all pages and their assets; arguments as of `Services`."""
    assets = Assets.shipped()
    services = Services(
        settings=settings,
        work=work,
        clock=clock,
        templates=Templates(assets),
        limits=sessions.Limits(settings.session_idle_s, settings.session_max_s),
        paths=frozenset(view.path for view in VIEWS),
        disclosures=disclosures,
    )
    return [
        Route(f"{PATH}/{{name}}", assets, methods=["GET"]),
        *(Route(view.path, Endpoint(view, services)) for view in VIEWS),
    ]
