"""What the policy files say, as data: rules, data classes, acknowledgements, examples.

Made by `gateway.policy.grammar`, read by everything else in this package. Nothing here knows the
OpenAPI document: whether a name exists is for the proof to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import Finding
from gateway.policy.ways import DROP, VALUE, Way

Scopes = frozenset[str]
NO_SCOPES: Scopes = frozenset()


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands in a file."""

    path: Path
    line: int | None

    def finding(self, message: str) -> Finding:
        return Finding(message, self.path, self.line)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Tier:
    """Whoever has all of *scopes* is shown the property in this *way*; none: everyone."""

    scopes: Scopes
    way: Way
    location: Location


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one property is shown: its tiers, from most to least revealing.

    Attributes:
        public: stands in a `public` list, not under `show`.
    """

    name: str
    tiers: tuple[Tier, ...]
    location: Location
    public: bool = False

    @classmethod
    def of_public(cls, name: str, location: Location) -> FieldRule:
        """Return the rule of a property that everyone is shown in full."""
        return cls(name, (Tier(NO_SCOPES, VALUE, location),), location, public=True)

    def tier(self, scopes: Scopes) -> Tier | None:
        """Return the first tier that *scopes* satisfy; None: the property is dropped."""
        return next((tier for tier in self.tiers if tier.scopes <= scopes), None)

    def way(self, scopes: Scopes) -> Way:
        """Return how the property is shown to *scopes*."""
        tier = self.tier(scopes)
        return DROP if tier is None else tier.way


@dataclass(frozen=True, slots=True)
class Example:
    """A document of the component, and what becomes of it for *scopes*."""

    scopes: Scopes
    given: Mapping[str, Any]
    gives: Mapping[str, Any]
    location: Location


@dataclass(frozen=True, slots=True)
class ComponentPolicy:
    """One policy file: the rules of one component of the OpenAPI document."""

    component: str
    because: str
    public: tuple[FieldRule, ...]
    show: tuple[FieldRule, ...]
    examples: tuple[Example, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class DataClass:
    """Which scopes the data of a category needs: a second statement, independent of the rules."""

    category: str
    needs: Scopes
    because: str
    location: Location


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Data of *category* in *component* is shown on purpose to who has *scopes* instead."""

    component: str
    category: str
    scopes: Scopes
    because: str
    location: Location


@dataclass(frozen=True, slots=True)
class PolicySet:
    """All that a policy directory says.

    Attributes:
        components: by the name of their component.
        classes: by category.
        digest: of the files' names and contents, hexadecimal.
    """

    components: Mapping[str, ComponentPolicy]
    classes: Mapping[str, DataClass]
    acknowledgements: tuple[Acknowledgement, ...]
    digest: str


def unions(sets: Iterable[Scopes]) -> frozenset[Scopes]:
    """Return every union of some of *sets*, the empty one included.

    Two scope sets that contain the same members of *sets* are alike to whoever only asks for those:
    so these unions stand for all scope sets there are.
    """
    found = {NO_SCOPES}
    for one in set(sets):
        found |= {one | other for other in found}
    return frozenset(found)


def least(sets: Iterable[Scopes]) -> set[Scopes]:
    """Return those of *sets* that hold no other."""
    found: set[Scopes] = set()
    for one in sorted(set(sets), key=len):
        if not any(other <= one for other in found):
            found.add(one)
    return found


def listed(scopes: Scopes) -> str:
    """Return *scopes* for a message: `` `a:read`, `b:read` ``, or `no scope`."""
    return ", ".join(f"`{scope}`" for scope in sorted(scopes)) or "no scope"
