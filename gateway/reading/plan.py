"""From a shape and what a caller may see to SQL text and row-to-document functions.

Compiled once per shape (or listing) and view, then kept: nothing here runs per request.
A field that the view does not show is in no SELECT list, and its table is not joined for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any, Protocol

from peewee import (
    JOIN,
    SQL,
    Expression,
    Field,
    ForeignKeyField,
    Model,
    ModelSelect,
    Node,
    NodeList,
    Value,
    fn,
)

from gateway.errors import ConfigError
from gateway.reading.declare import (
    INDEX,
    SHORT,
    Bind,
    Contains,
    Listing,
    Many,
    Ranges,
    Shape,
    Total,
    bind,
    foreign_key,
    primary_key,
)

Row = Sequence[Any]
Children = Sequence[Mapping[int, list[Any]]]
Step = Callable[[Row, Children], Any]


class Way(Protocol):
    """How a shown value is shown: as it is, masked, truncated, hashed."""

    def apply(self, value: Any) -> Any: ...


class View(Protocol):
    """What a set of scopes may see; `gateway.policy` makes it."""

    def fields(self, component: str) -> Mapping[str, Way]:
        """Return the shown properties of *component*, in document order, each with its way."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An SQL text and its parameters.

    Attributes:
        parameters: with None where the values of a request stand.
        binds: those places, each with the name of its value.
    """

    sql: str
    parameters: tuple[Any, ...]
    binds: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, query: Any) -> Statement:
        sql, parameters = query.sql()
        binds = tuple((n, p.name) for n, p in enumerate(parameters) if isinstance(p, Bind))
        return cls(sql, tuple(None if isinstance(p, Bind) else p for p in parameters), binds)

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the parameters with the *values* of a request in their places."""
        bound = list(self.parameters)
        for place, name in self.binds:
            bound[place] = values[name]
        return bound


@dataclass(slots=True)
class Columns:
    """The SELECT list of one shape as it grows: columns, the joins they need, child lists.

    Attributes:
        key: where the primary key is in the row, of a shape that has child lists.
    """

    model: type[Model]
    expressions: list[Any] = field(default_factory=list)
    joined: dict[type[Model], ForeignKeyField] = field(default_factory=dict)
    children: list[tuple[Many, RowPlan]] = field(default_factory=list)
    key: int = -1

    def add(self, expression: Any) -> int:
        """Add a column or expression; return its place in the row."""
        for model in _models_of(expression):
            if model is not self.model:
                self.joined.setdefault(model, foreign_key(self.model, model))
        self.expressions.append(expression)
        return len(self.expressions) - 1

    def select_from(self, query: ModelSelect) -> ModelSelect:
        """Add the joins to *query*."""
        for model, key in self.joined.items():
            kind = JOIN.LEFT_OUTER if key.null else JOIN.INNER
            query = query.switch(self.model).join(model, kind, on=(key == primary_key(model)))
        return query


@dataclass(frozen=True, slots=True)
class RowPlan:
    """How rows of one shape become documents for one view.

    Attributes:
        key: where the primary key is in a row; only a plan with child lists selects it.
        lists: the child lists.
        build: makes the document of a row; `children` holds a map per child list, from the
            primary key to the documents of that list.
    """

    columns: Columns
    key: int
    lists: Sequence[tuple[Many, RowPlan]]
    build: Step


def row_plan(shape: Shape, view: View) -> RowPlan:
    """Compile *shape* for *view*."""
    columns = Columns(shape.model)
    build = _object_step(shape, view, columns)
    if columns.children:
        columns.key = columns.add(primary_key(shape.model))
    return RowPlan(columns, columns.key, columns.children, build)


def _object_step(shape: Shape, view: View, columns: Columns) -> Step:
    """Return the function that makes an object of *shape* of a row.

    The whole object is laid out at once from the row's columns; only what is not a column as it
    stands (a time, an object within, a list) is then set, in its place.
    """
    places: dict[str, int] = {}
    others: list[tuple[str, Step]] = []
    for name, way in view.fields(shape.component).items():
        source = shape.fields.get(name)
        if source is None:
            raise ConfigError(f"shapes: `{shape.component}` has no column for its field `{name}`")
        step = _shown(_source_step(source, view, columns), way)
        places[name] = getattr(step, "place", -1)
        if places[name] < 0:
            others.append((name, step))
    names = tuple(places)
    values = _values(tuple(max(place, 0) for place in places.values()))

    def build(row: Row, children: Children) -> dict[str, Any]:
        made = dict(zip(names, values(row), strict=False))
        for name, step in others:
            made[name] = step(row, children)
        return made

    return build


def _values(places: tuple[int, ...]) -> Callable[[Row], Sequence[Any]]:
    """Return the function that takes the values at *places* of a row."""
    if places == tuple(range(len(places))):
        return lambda row: row  # `zip` ends with the names
    if len(places) == 1:
        [place] = places
        return lambda row: (row[place],)
    return itemgetter(*places)


class _Column:
    """A column as it stands: `place` in the row."""

    def __init__(self, place: int) -> None:
        self.place = place

    def __call__(self, row: Row, _children: Children) -> Any:
        return row[self.place]


def _shown(step: Step, way: Way) -> Step:
    if getattr(way, "identity", False):
        return step
    apply = way.apply
    return lambda row, children: apply(step(row, children))


def _source_step(source: Any, view: View, columns: Columns) -> Step:
    if isinstance(source, Shape):
        return _object_step(source, view, columns)
    if isinstance(source, Many):
        place = len(columns.children)
        columns.children.append((source, row_plan(source.shape, view)))
        return lambda row, children: children[place].get(row[columns.key], [])
    return _column_step(columns.add(source), getattr(source, "document_value", None))


def _column_step(place: int, convert: Callable[[Any], Any] | None) -> Step:
    if convert is None:
        return _Column(place)

    def step(row: Row, _children: Children) -> Any:
        value = row[place]
        return None if value is None else convert(value)

    return step


def _models_of(expression: Any) -> list[type[Model]]:
    if isinstance(expression, Field):
        return [expression.model]
    if isinstance(expression, Node):
        parts = (getattr(expression, side, None) for side in ("lhs", "rhs", "node"))
        arguments = getattr(expression, "arguments", ())
        return [m for part in (*parts, *arguments) if part is not None for m in _models_of(part)]
    return []


# --- statements ---------------------------------------------------------------------------------


def one_statement(plan: RowPlan, key: Field) -> Statement:
    """Return the statement for the row of the account whose public id is bound as `id`."""
    model = plan.columns.model
    query = plan.columns.select_from(model.select(*plan.columns.expressions))
    return Statement.of(query.where(_limited(model) & (key == bind("id"))))


def exists_statement(shape: Shape) -> Statement:
    """Return the statement that gives a row if the account has the public id bound as `id`."""
    condition = _limited(shape.model) & (shape.fields["id"] == bind("id"))
    return Statement.of(shape.model.select(Value(1)).where(condition))


def page_statement(listing: Listing, plan: RowPlan, condition: Any, *, paged: bool) -> Statement:
    """Return the statement for the rows of a listing under *condition*.

    Ids first, then their columns: OFFSET walks over an index, not over joined rows.
    """
    model = listing.shape.model
    primary = primary_key(model)
    ids = model.select(primary).where(condition)
    if paged:
        ids = ids.order_by(*listing.order).limit(bind("limit")).offset(bind("offset"))
    chosen = ids.alias("chosen")
    query = model.select(*plan.columns.expressions)
    query = query.join(chosen, on=(primary == getattr(chosen.c, primary.column_name)))
    return Statement.of(plan.columns.select_from(query).order_by(*listing.order))


@cache
def parent_names(parents: int) -> tuple[str, ...]:
    """Return the names under which the keys of *parents* rows are bound."""
    return tuple(f"parent{n}" for n in range(parents))


def children_statement(many: Many, plan: RowPlan, parents: int) -> Statement:
    """Return the statement for a child list of *parents* rows; the parent's key comes last."""
    model = many.shape.model
    # The parent's key comes last: a row's own columns keep their places.
    query = plan.columns.select_from(model.select(*plan.columns.expressions, many.parent))
    keys = [bind(name) for name in parent_names(parents)]
    return Statement.of(query.where(many.parent.in_(keys)).order_by(many.parent, *many.order))


def count_statement(listing: Listing, variants: Mapping[str, str]) -> Statement:
    """Return the statement that counts the rows of a listing; no table is joined for it.

    Where an index has them all it is asked alone, and counts no further than to `most`.
    """
    if list(variants.values()) == [INDEX]:
        (name,) = variants
        chosen = listing.filters[name]
        if isinstance(chosen, Contains):
            return Statement.of(chosen.counted(name))
    model = listing.shape.model
    counted = model.select(fn.COUNT(primary_key(model)))
    return Statement.of(counted.where(condition_of(listing, variants)))


def whole_statement(listing: Listing, variants: Mapping[str, str]) -> Statement:
    """Return the statement for how many rows a listing has: from derived counts, or counted."""
    kept = kept_total(listing, variants)
    return total_statement(kept) if kept else count_statement(listing, variants)


def kept_total(listing: Listing, variants: Mapping[str, str]) -> Total | None:
    """Return where the listing's total is kept for these filters; None: it has to be counted."""
    if len(variants) == 1:
        [(name, variant)] = variants.items()
        chosen = listing.filters[name]
        if isinstance(chosen, Contains) and variant in SHORT:
            return chosen.letters
    return listing.totals.get(filters_in_use(variants))


def total_statement(total: Total) -> Statement:
    """Return the statement that reads a total from derived counts."""
    condition = _limited(total.model)
    for part in total.where:
        condition = condition & part
    return Statement.of(total.model.select(total.value).where(condition))


def ranges_statement(ranges: Ranges, *, descending: bool) -> Statement:
    """Return the statement that reads a stretch of a listing's ranges: their starts and counts."""
    condition = _limited(ranges.model)
    for part in ranges.where:
        condition = condition & part
    order = [one.desc() if descending else one for one in ranges.start]
    query = ranges.model.select(*ranges.start, ranges.rows).where(condition).order_by(*order)
    return Statement.of(query.limit(bind("limit")).offset(bind("offset")))


def filters_in_use(variants: Mapping[str, str]) -> str:
    """Return the key under which a listing keeps what holds for this set of filters."""
    return " ".join(sorted(variants))


def condition_of(listing: Listing, variants: Mapping[str, str]) -> Any:
    """Return the account limit and the filters in use, by name and variant."""
    condition = _limited(listing.shape.model)
    if INDEX in variants.values():
        # SQLite would rather read all of the account's rows, in the listing's order.
        account = NodeList((SQL("+"), listing.shape.model.account), glue="")  # type: ignore[attr-defined]
        condition = Expression(account, "=", bind("account"))
    for name, variant in variants.items():
        condition = condition & listing.filters[name].where(variant, name, listing.shape.model)
    return condition


def _limited(model: type[Model]) -> Any:
    """Return the condition that holds every statement to the caller's account."""
    return model.account == bind("account")  # type: ignore[attr-defined]
