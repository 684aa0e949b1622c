"""Document and rules joined: every object component with its properties and their rules.

The one place where both are read together. What is not decided stays visible as such (`rule` is
None) and is shown to no one; the proof turns it into a finding.

Built at start and at reload.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gateway.policy.rules import FieldRule, Location, PolicySet, Scopes
from gateway.policy.ways import DROP, Way
from gateway.spec import Document, Operation
from gateway.spec.raw import CLASSIFICATION, PUBLIC, is_object
from gateway.strictyaml import pointer

REVISION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects stand in a schema.

    Attributes:
        alternatives: the components that can stand there, from most to least revealing; more than
            one for an `anyOf`.
        depth: how many lists they stand in: 1 for a list of objects.
    """

    alternatives: tuple[str, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a component.

    Attributes:
        schema: as it stands in the document.
        category: of its `x-data-classification`; None: unclassified.
        place: the objects in it; None: a leaf.
        rules: what was decided about it; exactly one in a sound policy.
        rule: the one in force; None while it is undecided.
    """

    component: str
    name: str
    schema: Mapping[str, Any]
    category: str | None
    required: bool
    place: Place | None
    rules: tuple[FieldRule, ...]
    rule: FieldRule | None
    location: Location

    def way(self, scopes: Scopes) -> Way:
        """Return how the property is shown to *scopes*: dropped while it is undecided."""
        return self.rule.way(scopes) if self.rule else DROP

    def __str__(self) -> str:
        return f"{self.component}.{self.name}"


@dataclass(frozen=True, slots=True)
class Component:
    """An object component: its fields by name, in document order."""

    name: str
    fields: Mapping[str, Field]
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The object components of a document, with the rules of a policy set."""

    document: Document
    policies: PolicySet
    components: Mapping[str, Component]

    @classmethod
    def of(cls, document: Document, policies: PolicySet) -> Model:
        components = {
            name: _component(document, policies, name)
            for name, schema in document.schemas.items()
            if is_object(schema)
        }
        return cls(document, policies, MappingProxyType(components))

    @property
    def revision(self) -> str:
        """A digest of document and policies, hexadecimal."""
        said = self.document.source.text.encode() + b"\0" + self.policies.digest.encode()
        return hashlib.sha256(said).hexdigest()[:REVISION_DIGITS]

    def place(self, operation: Operation) -> Place | None:
        """Return the objects at the root of the operation's answer; None: it has none."""
        return place_in(self.document, operation.response_schema)


def place_in(document: Document, schema: Mapping[str, Any], depth: int = 0) -> Place | None:
    """Return the objects in *schema*, through `$ref`, `allOf`, `anyOf` and lists."""
    component = document.component_of(schema)
    target = document.resolve(schema)
    if component is not None and is_object(target):
        return Place((component,), depth)
    if "items" in target:
        return place_in(document, target["items"], depth + 1)
    parts = target.get("allOf", ()) or target.get("anyOf", ())
    places = [place_in(document, part, depth) for part in parts]
    alternatives = tuple(name for place in places if place for name in place.alternatives)
    return Place(alternatives, depth) if alternatives else None


def flat(document: Document, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return *schema* with its `$ref` and its single `allOf` merged into it."""
    merged = dict(document.resolve(schema))
    for part in merged.pop("allOf", ()):
        merged = flat(document, part) | merged
    return merged


def _component(document: Document, policies: PolicySet, name: str) -> Component:
    schema = document.schemas[name]
    at = pointer("components", "schemas", name)
    rules: dict[str, list[FieldRule]] = defaultdict(list)
    for rule in rules_of(document, policies, name):
        rules[rule.name].append(rule)
    fields = {
        field: Field(
            component=name,
            name=field,
            schema=of_field,
            category=of_field.get(CLASSIFICATION, {}).get("category"),
            required=field in schema.get("required", ()),
            place=place_in(document, of_field),
            rules=tuple(rules[field]),
            rule=rules[field][0] if len(rules[field]) == 1 else None,
            location=_location(document, at + pointer("properties", field)),
        )
        for field, of_field in schema.get("properties", {}).items()
    }
    return Component(name, MappingProxyType(fields), _location(document, at))


def rules_of(document: Document, policies: PolicySet, component: str) -> Iterator[FieldRule]:
    """Yield all that was decided about *component*, in its policy and in its `x-public`."""
    policy = policies.components.get(component)
    if policy is not None:
        yield from policy.show
        yield from policy.public
    at = pointer("components", "schemas", component, PUBLIC)
    for index, name in enumerate(document.schemas[component].get(PUBLIC, ())):
        yield FieldRule.of_public(name, _location(document, at + pointer(index)))


def _location(document: Document, at: str) -> Location:
    return Location(document.path, document.line_of(at))
