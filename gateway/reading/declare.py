"""What handlers declare: shapes, listings, filters and totals.

Everything here is made once, at import, and never changes. Values that differ from request to
request stand in queries as `bind(name)`, so SQL text is made once and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, Protocol

from peewee import SQL, Expression, Field, ForeignKeyField, Model, Node, Table, Value, fn

from gateway.errors import ConfigError
from gateway.folding import fold

TRIGRAM = 3

# The variants of `Contains` on SQLite, and that of PostgreSQL for what is shorter than a trigram.
INDEX, SCAN, FIND = "index", "scan", "find"
SHORT = (SCAN, FIND)

# Of the rowids of SQLite's search indexes: the row's key below, the account's above. The
# migrations make them.
ACCOUNT_SHIFT = 40
ROWID = SQL("rowid")


@dataclass(frozen=True, slots=True)
class Bind:
    """The place of a request's value among the parameters of an SQL text."""

    name: str


def bind(name: str) -> Value:
    """Return the placeholder for the value *name* of a request; `account` is always bound."""
    return Value(Bind(name), converter=False)


class Shape:
    """A component of the document bound to columns: the fields, in the component's order.

    Each field is a column of *model*, a column of a table that *model* has exactly one foreign
    key to (it is joined), an expression of such columns, another `Shape` on the same model (an
    object within the object) or a `Many` (a list).

        STAGE = Shape("Stage", Stage, id=Stage.public_id, name=Stage.name)

    The field `id` is the public id by which `Reader.one` finds a row.
    """

    def __init__(self, component: str, model: type[Model], /, **fields: Any) -> None:
        self.component = component
        self.model = model
        self.fields: Mapping[str, Any] = fields

    def __repr__(self) -> str:
        return f"Shape({self.component!r})"


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A list of *shape* within another shape: the rows whose foreign key *parent* names it."""

    shape: Shape
    parent: ForeignKeyField
    order: tuple[Any, ...]


class Filter(Protocol):
    """A restriction of a listing by one value of the request."""

    def variant(self, value: Any, dialect: str) -> tuple[str, Any] | None:
        """Return which form of `where` serves *value*, and the value to bind; None: no filter."""

    def where(self, variant: str, name: str, model: type[Model]) -> Node:
        """Return the condition for a variant, with `bind(name)` where the value stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Equals:
    """Rows whose column has the value; a column of another table is looked up there first."""

    column: Field

    def variant(self, value: Any, dialect: str) -> tuple[str, Any] | None:
        return ("", value)

    def where(self, variant: str, name: str, model: type[Model]) -> Node:
        other = self.column.model
        if other is model:
            condition: Node = self.column == bind(name)
        else:
            found = other.select(primary_key(other)).where(
                (other.account == bind("account")) & (self.column == bind(name))
            )
            condition = foreign_key(model, other) == found
        return condition


@dataclass(frozen=True, slots=True, eq=False)
class Contains:
    """Rows one of whose folded columns contains the text; what folds to nothing is no filter.

    Its variants: `index`, SQLite's trigrams, which have nothing for fewer than three characters;
    `scan`, which reads each row; `like`, for PostgreSQL, which uses trigrams by itself where it
    has them; `find`, which reads each row there, for fewer than three.

    Attributes:
        columns: columns that hold text folded by `gateway.folding.fold`.
        index: SQLite's FTS5 trigram table over the same columns. Its rowid is the account's key,
            shifted by `ACCOUNT_SHIFT`, and the row's: what other accounts have is not read.
        letters: how many rows contain a text of one or two characters; None: they are counted.
    """

    columns: tuple[Field, ...]
    index: str
    letters: Total | None = None

    def variant(self, value: str, dialect: str) -> tuple[str, Any] | None:
        text = fold(value.strip()).strip()
        if not text:
            return None
        if len(text) < TRIGRAM:
            return (SCAN if dialect == "sqlite" else FIND, text)
        if dialect == "sqlite":
            return (INDEX, text)
        return ("like", "%" + _escape_like(text) + "%")

    def where(self, variant: str, name: str, model: type[Model]) -> Node:
        if variant == INDEX:
            key = Expression(ROWID, "&", (1 << ACCOUNT_SHIFT) - 1)
            return primary_key(model).in_(self._matches(name, key))
        return reduce(or_, (_contains(variant, column, name) for column in self.columns))

    def counted(self, name: str) -> Any:
        """Return the query that counts what the index has, but no further than to `most`."""
        matches = self._matches(name, ROWID).limit(bind("most"))
        return matches.select_from(fn.COUNT(SQL("*")))

    def _matches(self, name: str, key: Node) -> Any:
        """Return the query for *key* of the account's rows that the index has."""
        text = fn.PRINTF('"%s"', fn.REPLACE(bind(name), '"', '""'))
        account = bind("account")
        beyond = Expression(account, "+", 1)
        return (
            Table(self.index)
            .select(key)
            .where(
                Expression(SQL(self.index), "MATCH", text),
                Expression(ROWID, ">=", Expression(account, "<<", ACCOUNT_SHIFT)),
                Expression(ROWID, "<", Expression(beyond, "<<", ACCOUNT_SHIFT)),
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """How many rows a listing has, read from derived counts instead of counted.

    Attributes:
        model: the table that keeps the counts; it has an `account`, by which it is limited.
        value: the number: a column or an aggregate of *model*.
        where: further conditions on *model*, with `bind(filter name)` for values.
    """

    model: type[Model]
    value: Any
    where: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """How many rows of a listing lie between keys of its order: finds deep pages.

    A range reaches from its start up to the next one's; together they hold each row once.

    Attributes:
        model: the table that keeps them; it has an `account`, by which it is limited.
        start: its columns of the least key of a range, in the listing's order.
        rows: its column of how many rows a range holds.
        where: further conditions on *model*, with `bind(filter name)` for values.
    """

    model: type[Model]
    start: tuple[Field, ...]
    rows: Field
    where: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list of *shape*: its total order, its filters, and where its totals are kept.

    Attributes:
        filters: by the name of the request's parameter.
        totals: by the set of filters in use, sorted and joined by blanks; a set that is not
            here is counted.
        ranges: by the set of filters in use, like totals; without them, deep pages are counted
            off. Their order must be descending in every column.
    """

    shape: Shape
    order: tuple[Any, ...]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    totals: Mapping[str, Total] = field(default_factory=dict)
    ranges: Mapping[str, Ranges] = field(default_factory=dict)


def primary_key(model: type[Model]) -> Field[Any]:
    """Return the primary key of *model*."""
    key = model._meta.primary_key
    if not isinstance(key, Field):
        raise ConfigError(f"shapes: `{model.__name__}` has no primary key; a shape needs one")
    return key


def foreign_key(model: type[Model], other: type[Model]) -> ForeignKeyField:
    """Return the one foreign key from *model* to *other*.

    Raises:
        ConfigError: there is none, or more than one.
    """
    keys: list[ForeignKeyField] = [key for key in model._meta.refs if key.rel_model is other]
    if len(keys) != 1:
        raise ConfigError(
            f"shapes: `{model.__name__}` has {len(keys)} foreign keys to `{other.__name__}`; "
            "a shape can use columns of tables that it has exactly one foreign key to"
        )
    return keys[0]


def _contains(variant: str, column: Field, name: str) -> Expression:
    """Return the condition that *column* contains what is bound as *name*."""
    if variant in SHORT:
        found = fn.INSTR if variant == SCAN else fn.STRPOS
        return found(column, bind(name)) > 0
    return Expression(column, "LIKE", bind(name))


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
