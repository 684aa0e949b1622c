"""The reader that a handler is given: account-limited, redacted by construction.

`Plans` is made once per policy and keeps what is compiled; a `Reader` is made per request and
binds it to one caller. All statements of one call see one snapshot of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from peewee import Field

from gateway.caller import NO_TOKEN, Caller
from gateway.errors import BadRequest, NotFound, echo
from gateway.execution import Executor, Query
from gateway.pagination import PAGE_SIZE, envelope, offset_of
from gateway.reading.declare import Listing, Shape, primary_key
from gateway.reading.pages import MANY, WITHOUT_END, Lengthy, Pages
from gateway.reading.plan import (
    RowPlan,
    Statement,
    View,
    children_statement,
    condition_of,
    exists_statement,
    one_statement,
    page_statement,
    parent_names,
    row_plan,
)

OF_A_SESSION = "The request was made with a session, which has no token. Send one to ask about it."

K = TypeVar("K")

MAX_PLANS = 4_096


@dataclass(frozen=True, slots=True)
class Rendered:
    """The body of an answer, made of rows, already as the caller may see it.

    Attributes:
        lasts: it is the same as long as the account's revision is.
    """

    body: bytes
    lasts: bool = True


class Plans:
    """The compiled plans of one policy; they go with it when another takes its place."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def kept(self, key: Any, make: Callable[[], K]) -> K:
        """Return the plan kept under *key*, made at first use."""
        found: K | None = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MAX_PLANS:
                self._kept.clear()
            found = self._kept[key] = make()
        return found


class Reader:
    """Reads for one caller."""

    def __init__(
        self,
        executor: Executor,
        plans: Plans,
        caller: Caller,
        view: View,
    ) -> None:
        """Bind what is compiled to *caller*."""
        self.caller = caller
        self._executor = executor
        self._plans = plans
        self._view = view

    async def one(self, shape: Shape, public_id: str) -> Rendered:
        """Return the document of the row with *public_id*.

        Raises:
            NotFound: the account has no such row; ids of other accounts are no different.
        """
        _require_well_formed(public_id)
        values = {"account": self.caller.account, "id": public_id}
        found = await self._one(shape, shape.fields["id"], values)
        if found is None:
            raise _not_found(public_id)
        return Rendered(found)

    async def own_token(self, shape: Shape) -> Rendered:
        """Return the document of the caller's own token, which each use of it changes.

        Raises:
            BadRequest: the caller has none: it is a session.
        """
        if self.caller.token == NO_TOKEN:
            raise BadRequest(OF_A_SESSION)
        values = {"account": self.caller.account, "id": self.caller.token}
        found = await self._one(shape, primary_key(shape.model), values)
        if found is None:
            raise _not_found(self.caller.token_id)
        return Rendered(found, lasts=False)

    async def exists(self, shape: Shape, public_id: str) -> None:
        """Return if the account has a row with *public_id*; raise `NotFound` if not."""
        _require_well_formed(public_id)
        statement = self._kept("exists", shape, lambda: exists_statement(shape))
        values = {"account": self.caller.account, "id": public_id}
        rows = await self._executor.run(lambda query: query(statement.sql, statement.bound(values)))
        if not rows:
            raise _not_found(public_id)

    async def page(self, listing: Listing, page: int, **filters: Any) -> Rendered:
        """Return one page of a listing in the list envelope.

        Args:
            page: 1-based; the specification guarantees >= 1.
            filters: by the names of the listing; None: not in use.
        """
        values, variants = self._filtered(listing, filters)
        values |= {"limit": PAGE_SIZE, "offset": offset_of(page)}
        plan = self._plan_of(listing.shape)
        pages = self._pages(listing, plan, variants)

        def work(query: Query) -> bytes:
            count = pages.total(query, values)
            if values["offset"] >= count:
                return orjson.dumps(envelope([], page, count))
            found = pages.rows(query, values, count)
            return orjson.dumps(envelope(self._documents(query, plan, found), page, count))

        try:
            values["most"] = MANY
            return Rendered(await self._executor.run(work, snapshot=True, apart=pages.lengthy))
        except Lengthy:
            values["most"] = WITHOUT_END
            return Rendered(await self._executor.run(work, snapshot=True, apart=True))

    async def all(self, listing: Listing, **filters: Any) -> Rendered:
        """Return all rows of a listing: {"data": [...]}."""
        values, variants = self._filtered(listing, filters)
        plan = self._plan_of(listing.shape)
        rows = self._all(listing, plan, variants)

        def work(query: Query) -> bytes:
            found = query(rows.sql, rows.bound(values))
            return orjson.dumps({"data": self._documents(query, plan, found)})

        return Rendered(await self._executor.run(work, snapshot=True))

    # --- within a call ---------------------------------------------------------------------------

    async def _one(self, shape: Shape, key: Field, values: dict[str, Any]) -> bytes | None:
        plan = self._plan_of(shape)
        statement = self._kept("one", shape, lambda: one_statement(plan, key))

        def work(query: Query) -> list[Any]:
            return self._documents(query, plan, query(statement.sql, statement.bound(values)))

        several = bool(plan.lists)
        found = await self._executor.run(work, snapshot=several)
        return orjson.dumps(found[0]) if found else None

    def _documents(
        self, query: Query, plan: RowPlan, rows: Sequence[tuple[Any, ...]]
    ) -> list[dict[str, Any]]:
        if not (plan.lists and rows):
            return [plan.build(row, ()) for row in rows]
        keys = [row[plan.key] for row in rows]
        children = [self._children(query, plan, n, keys) for n in range(len(plan.lists))]
        return [plan.build(row, children) for row in rows]

    def _children(
        self, query: Query, plan: RowPlan, place: int, keys: Sequence[Any]
    ) -> dict[Any, list[Any]]:
        many, child_plan = plan.lists[place]
        statement = self._kept(
            len(keys), many, lambda: children_statement(many, child_plan, len(keys))
        )
        values = dict(zip(parent_names(len(keys)), keys, strict=True))
        rows = query(statement.sql, statement.bound(values))
        documents = self._documents(query, child_plan, rows)
        grouped: dict[Any, list[Any]] = {}
        for row, document in zip(rows, documents, strict=True):
            grouped.setdefault(row[-1], []).append(document)
        return grouped

    def _filtered(
        self, listing: Listing, filters: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the values to bind, and the filters in use with their variants."""
        values: dict[str, Any] = {"account": self.caller.account}
        variants: dict[str, str] = {}
        for name, asked in filters.items():
            chosen = listing.filters[name]
            if asked is None:
                continue
            used = chosen.variant(asked, self._executor.dialect)
            if used is not None:
                variants[name], values[name] = used
        return values, variants

    def _plan_of(self, shape: Shape) -> RowPlan:
        return self._kept("rows", shape, lambda: row_plan(shape, self._view))

    def _pages(self, listing: Listing, plan: RowPlan, variants: dict[str, str]) -> Pages:
        def make() -> Pages:
            return Pages(listing, plan, variants)

        return self._kept(("page", *variants.items()), listing, make)

    def _all(self, listing: Listing, plan: RowPlan, variants: dict[str, str]) -> Statement:
        def make() -> Statement:
            condition = condition_of(listing, variants)
            return page_statement(listing, plan, condition, paged=False)

        return self._kept(("all", *variants.items()), listing, make)

    def _kept(self, use: Hashable, subject: Any, make: Callable[[], K]) -> K:
        # The objects themselves are the key: an id could be given to another view later.
        return self._plans.kept((use, subject, self._view), make)


def _require_well_formed(public_id: str) -> None:
    """Raise `NotFound` for what no id can look like, before a database sees it."""
    if not (public_id.isascii() and public_id.replace("_", "").isalnum()):
        raise _not_found(public_id)


def _not_found(public_id: str) -> NotFound:
    return NotFound(f"There is no `{echo(public_id)}` in this account.")
