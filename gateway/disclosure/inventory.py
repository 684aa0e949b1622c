"""What an answer holds: the records in it by their ids, and the names of their fields.

Read from the answer as it leaves, not from what was meant to be in it, along the document's schema.

A *record* is an object of a component that has an `id`. It is listed under its component with all
fields that came with it, at any depth, and again where it is a part of another record: who asks for
one record finds all that came with it in one entry. What belongs to no record (`pagination` of a
page) is listed under the component of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gateway.policy.model import place_in
from gateway.spec import Document, Operation
from gateway.spec.raw import CLASSIFICATION

ID = "id"
REFERENCE = "_id"  # how the names of properties end that hold another record's id

Entry = dict[str, Any]


class Inventory:
    """Lists what answers hold, for the operations of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._kinds: dict[str, _Kind] = {}
        self._roots: dict[str, _Kind | None] = {}

    def of(self, operation: Operation, answer: Any) -> dict[str, Entry]:
        """Return what *answer*, a document that *operation* gave, holds.

        Returns:
            By component: `{"ids": {"id": [...], "candidate_id": [...]}, "fields": ["id", ...]}`.
            `ids` are the values of the properties that are ids and personal data of nobody, each
            once; `fields` are paths such as `candidate.email`.
        """
        kind = self._root(operation)
        if kind is None:
            return {}
        found = _Found(kind)
        self._note(found, answer)
        entries: dict[str, Entry] = {}
        if not found.kind.is_record:
            _enter(entries, found, found.own_paths())
        for record in found.records():
            _enter(entries, record, record.paths())
        return entries

    def _root(self, operation: Operation) -> _Kind | None:
        if operation.id not in self._roots:
            place = place_in(self._document, operation.response_schema)
            self._roots[operation.id] = self._kind(place.alternatives[0]) if place else None
        return self._roots[operation.id]

    def _kind(self, component: str) -> _Kind:
        if component not in self._kinds:
            self._kinds[component] = _Kind(self._document, component)
        return self._kinds[component]

    def _note(self, found: _Found, value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                self._note(found, item)
        elif isinstance(value, dict):
            if not value.keys() <= found.names.keys():
                found.names.update(dict.fromkeys(value))
            for name, ids in found.ids.items():
                given = value.get(name)
                if isinstance(given, str):
                    ids[given] = None
            for name, component in found.kind.inner.items():
                if value.get(name) is not None:
                    self._note(found.within(name, self._kind(component)), value[name])


class _Kind:
    """What is known of a component's objects."""

    def __init__(self, document: Document, component: str) -> None:
        self._document = document
        self.component = component
        self._properties: Mapping[str, Any] = document.schemas[component].get("properties", {})

    @property
    def is_record(self) -> bool:
        return ID in self._properties

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The properties that hold ids. A classified one holds data, whatever it is called."""
        return tuple(
            name
            for name, schema in self._properties.items()
            if (name == ID or name.endswith(REFERENCE)) and CLASSIFICATION not in schema
        )

    @cached_property
    def inner(self) -> dict[str, str]:
        """The properties that hold objects, with their component: of several, the fullest."""
        places = {
            name: place_in(self._document, schema) for name, schema in self._properties.items()
        }
        return {name: place.alternatives[0] for name, place in places.items() if place}


@dataclass(slots=True)
class _Found:
    """What was found of one component in one place of the answer. Sets are keys of dicts: ordered.

    Attributes:
        names: of the properties that were there.
        ids: by the property that holds them.
        inner: what was found in the objects in a property.
    """

    kind: _Kind
    names: dict[str, None] = field(default_factory=dict)
    ids: dict[str, dict[str, None]] = field(init=False)
    inner: dict[str, _Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = {name: {} for name in self.kind.ids}

    def within(self, name: str, kind: _Kind) -> _Found:
        if name not in self.inner:
            self.inner[name] = _Found(kind)
        return self.inner[name]

    def records(self) -> Iterator[_Found]:
        """Yield the records, here and within."""
        if self.kind.is_record and self.names:
            yield self
        for inner in self.inner.values():
            yield from inner.records()

    def paths(self) -> Iterator[str]:
        """Yield the path of each field, at any depth."""
        return self._paths(within_records=True)

    def own_paths(self) -> Iterator[str]:
        """Yield the paths of the fields that belong to no record further in."""
        return self._paths(within_records=False)

    def _paths(self, *, within_records: bool) -> Iterator[str]:
        for name in self.names:
            inner = self.inner.get(name)
            if inner is None or (inner.kind.is_record and not within_records) or not inner.names:
                yield name
            else:
                for path in inner._paths(within_records=within_records):
                    yield f"{name}.{path}"


def _enter(entries: dict[str, Entry], found: _Found, paths: Iterator[str]) -> None:
    """Add what was found to the entry of its component, which may stand in several places."""
    entry = entries.setdefault(found.kind.component, {"ids": {}, "fields": []})
    entry["fields"] = list(dict.fromkeys([*entry["fields"], *paths]))
    for name, values in found.ids.items():
        if values:
            entry["ids"][name] = list(dict.fromkeys([*entry["ids"].get(name, ()), *values]))
