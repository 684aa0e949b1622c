"""The arithmetic of measurements: order of rounds, medians, ratios. Knows no server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over several rounds: the median, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of *values*, of which there must be one at least."""
        return cls(median(values), min(values), max(values))


def shown(spread: Spread, form: str) -> str:
    """Return the median with least and most behind it, each in the format *form*."""
    return f"{spread.median:{form}} ({spread.least:{form}}–{spread.most:{form}})"


def alternating(things: Sequence[T], rounds: int) -> Iterator[tuple[int, T]]:
    """Yield round and thing: A B C, C B A, A B C …

    A machine that grows slower while it is measured favours nobody.
    """
    for number in range(rounds):
        for thing in things if number % 2 == 0 else reversed(things):
            yield number, thing


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Return how many times *theirs* fits into *ours*, round by round.

    Paired, so that a round in which the machine was slow for both counts as any other.
    """
    return Spread.of([a / b for a, b in zip(ours, theirs, strict=True)])
