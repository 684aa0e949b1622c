"""Which columns fill which fields, and which of them a set of scopes may see.

Derived from the document, its data classes and the shapes that the handlers declare. The policies
are not asked: what is held against this must not share their slips.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import peewee

from gateway import spec, strictyaml
from gateway.reading import Contains, Equals, Listing, Many, Shape
from gateway.spec import Document, Operation
from ingest.records import RECORD_TYPES
from models import Account, Token

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT / "openapi" / "hiring.yaml"
POLICIES = ROOT / "policies"
CLASSES = strictyaml.load(POLICIES / "classes.yaml").data
DOCUMENT: Document = spec.load(OPENAPI)

# Of the caller's own; what they hold is no one's hiring data.
OF_THE_CALLER = (Account, Token)

Scopes = frozenset[str]
Column = peewee.Field
Table = type[peewee.Model]


class Property(NamedTuple):
    """A property of a component."""

    component: str
    name: str

    def __str__(self) -> str:
        return f"{self.component}.{self.name}"


def scope_sets() -> list[Scopes]:
    """Return every set of the document's scopes, the smaller first."""
    sizes = range(len(DOCUMENT.scopes) + 1)
    return [frozenset(some) for size in sizes for some in combinations(DOCUMENT.scopes, size)]


def label(scopes: Scopes) -> str:
    """Return what stands for *scopes* in the id of a test."""
    return "+".join(sorted(scope.partition(":")[0] for scope in scopes)) or "no_scope"


# --- classes: who may see what ------------------------------------------------------------------


@cache
def categories() -> Mapping[Property, str]:
    """Return the category of each classified property."""
    return {
        Property(component, name): described["x-data-classification"]["category"]
        for component, schema in DOCUMENT.schemas.items()
        for name, described in schema.get("properties", {}).items()
        if "x-data-classification" in described
    }


def is_permitted(one: Property, scopes: Scopes) -> bool:
    """Tell whether the data classes let *scopes* see a property."""
    category = categories().get(one)
    if category is None:
        return True
    accepted = [CLASSES["classes"][category]["needs"]]
    accepted += [
        statement["with"]
        for statement in CLASSES["acknowledge"]
        if (statement["component"], statement["category"]) == (one.component, category)
    ]
    return any(scopes.issuperset(needed) for needed in accepted)


def shown(operation: Operation, scopes: Scopes) -> set[Property]:
    """Return the properties, at any depth, that *scopes* may see in the answer of *operation*."""
    if not operation.scopes <= scopes:
        return set()
    return set(_shown_in(operation.response_schema, scopes))


def _shown_in(schema: Mapping[str, Any], scopes: Scopes) -> Iterator[Property]:
    target = DOCUMENT.resolve(schema)
    parts = target.get("allOf") or target.get("anyOf") or ()
    for part in (*parts, *([target["items"]] if "items" in target else [])):
        yield from _shown_in(part, scopes)
    for name, described in target.get("properties", {}).items():
        one = Property(DOCUMENT.component_of(schema) or "", name)
        if is_permitted(one, scopes):
            yield one
            yield from _shown_in(described, scopes)


# --- shapes: what fills it ----------------------------------------------------------------------


def _declared(kind: type[Any]) -> Iterator[Any]:
    """Yield what the handlers' modules declare of *kind*."""
    for controller in {one.controller: None for one in DOCUMENT.operations.values()}:
        values = vars(import_module(controller)).values()
        yield from (value for value in values if isinstance(value, kind))


@cache
def shapes() -> Mapping[str, Shape]:
    """Return every shape by its component, those within others too."""
    found: dict[str, Shape] = {}
    waiting = [*_declared(Shape), *(listing.shape for listing in _declared(Listing))]
    while waiting:
        shape = waiting.pop()
        found[shape.component] = shape
        within = (one.shape if isinstance(one, Many) else one for one in shape.fields.values())
        waiting += [one for one in within if isinstance(one, Shape)]
    return found


def columns_in(expression: Any) -> set[Column]:
    """Return the columns in an expression; none in a shape or a list of rows."""
    if isinstance(expression, peewee.Field):
        return {expression}
    if not isinstance(expression, peewee.Node):
        return set()
    parts = [getattr(expression, side, None) for side in ("lhs", "rhs", "node")]
    parts += getattr(expression, "arguments", ())
    return set().union(*map(columns_in, parts))


@cache
def bound() -> Mapping[Property, frozenset[Column]]:
    """Return the columns that fill each property."""
    return {
        Property(name, field): frozenset(columns_in(source))
        for name, shape in shapes().items()
        for field, source in shape.fields.items()
    }


def visible(scopes: Scopes, *operations: Operation) -> set[Column]:
    """Return the columns that *scopes* may see in the answers of *operations*; none: of all."""
    asked = operations or tuple(DOCUMENT.operations.values())
    properties = set().union(*(shown(one, scopes) for one in asked))
    return set().union(*(bound().get(one, set()) for one in properties))


def classified_columns() -> set[Column]:
    """Return every column that fills a classified property."""
    return set().union(*(bound()[one] for one in categories()))


# --- statements: what may be in them ------------------------------------------------------------


def listing_of(operation: Operation) -> Listing | None:
    """Return the listing that *operation* answers with; None: it answers with no list."""
    target = DOCUMENT.resolve(operation.response_schema)
    items = target["properties"].get("data", {}).get("items")
    component = DOCUMENT.component_of(items) if items else None
    return next((one for one in _declared(Listing) if one.shape.component == component), None)


def filter_columns(operation: Operation) -> Mapping[str, set[Column]]:
    """Return the columns that each parameter of *operation* selects by, by its name."""
    listing = listing_of(operation)
    filters = listing.filters if listing else {}
    names = {parameter.name for parameter in operation.parameters}
    return {
        name: set(chosen.columns) if isinstance(chosen, Contains) else {chosen.column}
        for name, chosen in filters.items()
        if name in names and isinstance(chosen, (Contains, Equals))
    }


def search_indexes(operation: Operation) -> set[str]:
    """Return the search indexes that *operation* may ask."""
    listing = listing_of(operation)
    filters = listing.filters.values() if listing else ()
    return {chosen.index for chosen in filters if isinstance(chosen, Contains)}


def sources_of(column: Column) -> set[Column]:
    """Return the columns that a derived column is computed from, by the import; else itself."""
    for record_type in RECORD_TYPES:
        derived = record_type.derived.get(column.name)
        if column.model is record_type.model and derived:
            return {getattr(record_type.model, name) for name in derived.of}
    return {column}


def keys_of(table: Table) -> set[Column]:
    """Return the keys of *table*: of its rows, and of what they belong to."""
    fields = table._meta.sorted_fields
    return {one for one in fields if isinstance(one, (peewee.AutoField, peewee.ForeignKeyField))}


def readable(operation: Operation, scopes: Scopes) -> set[Column]:
    """Return every column that a statement of *operation* may name, for *scopes* that reach it.

    What the caller may see in the answer, what its filters select by, what its totals are kept in,
    the keys of those tables, and the caller's own token. No other column, and no key of another
    table: a candidate that is an id and nothing else takes no candidate table.
    """
    listing = listing_of(operation)
    columns = visible(scopes, operation)
    tables = {shapes()[one.component].model for one in _shaped(operation, scopes)}
    for selected in filter_columns(operation).values():
        columns |= {one for one in selected if _may_be_told(one, scopes)}
    for total in listing.totals.values() if listing else ():
        parts = set().union(columns_in(total.value), *map(columns_in, total.where))
        columns |= {one for one in parts if _may_be_told(one, scopes)}
    for chosen in listing.filters.values() if listing else ():
        # Of a text that is searched for, how many have it is told as what they have is.
        letters = chosen.letters if isinstance(chosen, Contains) else None
        if letters and all(_may_be_told(one, scopes) for one in chosen.columns):
            columns |= columns_in(letters.value).union(*map(columns_in, letters.where))
    tables |= {one.model for one in columns}
    caller = {one for table in OF_THE_CALLER for one in table._meta.sorted_fields}
    return columns.union(caller, *map(keys_of, tables))


def _shaped(operation: Operation, scopes: Scopes) -> set[Property]:
    return {one for one in shown(operation, scopes) if one.component in shapes()}


def _may_be_told(column: Column, scopes: Scopes) -> bool:
    """Tell whether each class that *column*, or what it is derived from, is in permits *scopes*."""
    sources = sources_of(column)
    uses = [one for one in categories() if bound()[one] & sources]
    return not uses or any(is_permitted(one, scopes) for one in uses)
