"""The list of tokens: states, search, filter, sort.

What is looked for may be somebody's address, so a search is sent as a form and stands in no
address. All else does, so that it can be kept as a bookmark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from gateway import token_list
from gateway.token_list import Sort, State, Wanted, states_of
from gateway.web.page import Page
from gateway.web.pages.tokens import mine
from gateway.web.view import View, member

E = TypeVar("E", bound=StrEnum)

MAX_SEARCH = 200
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
ASCENDING, DESCENDING = "ascending", "descending"
# What people expect to see first.
STARTS_DESCENDING = frozenset({Sort.CREATED, Sort.LAST_USED})
SORT_NAMES = {
    Sort.NAME: "Name",
    Sort.OWNER: "Owner",
    Sort.CREATED: "Created",
    Sort.LAST_USED: "Last used",
    Sort.EXPIRES: "Expires",
}


def state_names(page: Page) -> Mapping[State, str]:
    """Return what the states are called."""
    return {
        State.ACTIVE: "Active",
        State.EXPIRES_SOON: "Expires soon",
        State.UNUSED: f"Unused {page.settings.token_unused_days}+ days",
        State.EXPIRED: "Expired",
        State.REVOKED: "Revoked",
    }


@member
def show(page: Page) -> Response:
    return _rendered(page, _wanted(page.sent.query, ""))


@member
def search(page: Page) -> Response:
    """Show what is searched for. `go` is the address of a link that keeps the search."""
    fields = {name: page.form.text(name) for name in ("state", "scope", "sort", "order", "page")}
    if go := page.form.text("go"):
        fields = dict(parse_qsl(go))
    return _rendered(page, _wanted(fields, page.form.text("search")))


def _wanted(query: Mapping[str, str], text: str) -> Wanted:
    """Return what is asked for; what makes no sense is as if it were not there."""
    sort = _one_of(Sort, query.get("sort")) or Sort.CREATED
    order = query.get("order")
    number = query.get("page", "")
    return Wanted(
        search=text.strip()[:MAX_SEARCH],
        state=_one_of(State, query.get("state")),
        scope=query.get("scope") or None,
        sort=sort,
        descending=order == DESCENDING if order else sort in STARTS_DESCENDING,
        page=int(number) if PAGE_NUMBER.fullmatch(number) else 1,
    )


def _one_of(words: type[E], text: str | None) -> E | None:
    return next((word for word in words if word == text), None)


def _rendered(page: Page, wanted: Wanted) -> Response:
    unused_s, names = mine.unused_s(page), state_names(page)
    found = token_list.listed(
        page.account, wanted, owner=mine.owner(page), now=page.now, unused_s=unused_s
    )
    return page.render(
        "tokens/list.html",
        found=found,
        wanted=wanted,
        unused=found.counts[State.UNUSED],
        rows=[(token, states_of(token, page.now, unused_s)) for token in found.tokens],
        tabs=[(None, "Current", found.current), *_tabs(found, names)],
        sorts=SORT_NAMES if page.is_admin else _without_owner(),
        state_names=names,
        scopes=page.bundle.document.scopes,
        query=lambda **changes: _query(wanted, changes),
        path_of=mine.path_of,
    )


def _tabs(
    found: token_list.Listed, names: Mapping[State, str]
) -> list[tuple[State | None, str, int]]:
    return [(state, name, found.counts[state]) for state, name in names.items()]


def _without_owner() -> dict[Sort, str]:
    return {sort: name for sort, name in SORT_NAMES.items() if sort is not Sort.OWNER}


def _query(wanted: Wanted, changes: Mapping[str, Any]) -> str:
    """Return the query of a list like *wanted*, but for *changes*; the search is left out."""
    values = {
        "state": wanted.state,
        "scope": wanted.scope,
        "sort": wanted.sort,
        "order": DESCENDING if wanted.descending else ASCENDING,
        **changes,
    }
    if "sort" in changes and "order" not in changes:
        turned = wanted.sort is changes["sort"] and not wanted.descending
        starts = changes["sort"] in STARTS_DESCENDING
        descending = turned if wanted.sort is changes["sort"] else starts
        values["order"] = DESCENDING if descending else ASCENDING
    return urlencode({name: value for name, value in values.items() if value is not None})


VIEWS = (View(mine.HOME, get=show, post=search),)
