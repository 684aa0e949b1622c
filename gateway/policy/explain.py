"""Why a field is shown, hidden or not reached: the line that decides, and what is missing for more.

Tells rules, never data.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.policy.leaves import Decision, Leaf
from gateway.policy.rules import Scopes, least
from gateway.policy.ways import Way


@dataclass(frozen=True, slots=True)
class More:
    """A way that shows more, and what is missing for it: all of any one of *scopes*."""

    way: Way
    scopes: tuple[Scopes, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What *decision* was made on *leaf*; *more*: what would show more, the most revealing first.

    Nothing in `more`: the field is shown as much as it is to anyone.
    """

    leaf: Leaf
    decision: Decision
    more: tuple[More, ...]


def explain(leaf: Leaf, scopes: Scopes) -> Explanation:
    """Return why *scopes* are shown *leaf* as they are."""
    missing: dict[Way, list[Scopes]] = {}
    for step in leaf.steps:
        if any(wanted <= scopes for wanted in step.least):
            break
        better = [one for sets in missing.values() for one in sets]
        sets = [wanted - scopes for wanted in step.least]
        missing.setdefault(step.way, []).extend(
            one for one in sets if not any(other <= one for other in better)
        )
    decision = leaf.decision(scopes)
    missing.pop(decision.way, None)
    more = (More(way, _smaller_first(sets)) for way, sets in missing.items() if sets)
    return Explanation(leaf, decision, tuple(more))


def _smaller_first(sets: list[Scopes]) -> tuple[Scopes, ...]:
    return tuple(sorted(least(sets), key=lambda one: (len(one), sorted(one))))
