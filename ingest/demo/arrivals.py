"""When applications arrive, and for which posting.

Applications come while a posting is open, more of them the more postings are open and the more
these appeal. The time from the first publication to the present is cut where a posting opens or
closes; a *mark* is a number between 0 and `Arrivals.end` on that line, stretched so that equal
lengths bring equally many applications. So the arrivals of any number of candidates can be taken
one by one, in order of time, without a list of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

from ingest.demo.chance import share
from ingest.demo.postings import Posting

MOST_PER_CANDIDATE = 4
_SHARE_WITHOUT = 0.04  # candidates who were found, and have not applied yet
_NEXT_WITHIN = 0.08  # of the whole line: how soon people apply for the next posting


@dataclass(frozen=True, slots=True)
class Arrival:
    """One application to come: for what, and when, in whole seconds since the epoch."""

    posting: Posting
    at: int


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of time in which the same postings are open."""

    start: int
    end: int
    open: tuple[Posting, ...]
    appeals: tuple[float, ...]  # cumulated

    @property
    def length(self) -> float:
        """Return its length in marks."""
        return (self.end - self.start) * self.appeals[-1]


class Arrivals:
    """The line of time on which applications for *postings* arrive, up to *until*."""

    def __init__(self, postings: Sequence[Posting], until: int) -> None:
        self._spans = list(_spans(postings, until))
        self._ends = list(accumulate(span.length for span in self._spans))
        self.end = self._ends[-1]

    def time(self, mark: float) -> int:
        """Return the moment that *mark* stands for."""
        span, into = self._locate(mark)
        return span.start + int(into)

    def of_one_candidate(self, rng: Random, mark: float, count: int) -> list[Arrival]:
        """
        Return *count* applications from *mark* on, each for another posting, in order of time.

        Args:
            count: at most `MOST_PER_CANDIDATE`; that many postings are always open at the end.
        """
        arrivals: dict[str, Arrival] = {}
        while len(arrivals) < count:
            span, into = self._locate(mark)
            posting = rng.choices(span.open, cum_weights=span.appeals)[0]
            arrivals.setdefault(posting.id, Arrival(posting, span.start + int(into)))
            mark = rng.uniform(mark, min(mark + self.end * _NEXT_WITHIN, self.end))
        return list(arrivals.values())

    def _locate(self, mark: float) -> tuple[_Span, float]:
        """Return the span that *mark* lies in, and how many seconds into it."""
        index = min(bisect_right(self._ends, mark), len(self._spans) - 1)
        span = self._spans[index]
        into = mark - self._ends[index] + span.length
        return span, into / span.appeals[-1]


def _spans(postings: Sequence[Posting], until: int) -> Iterator[_Span]:
    windows = [
        (posting, posting.life.published_at, posting.life.closed_at or until)
        for posting in postings
        if posting.life.published_at is not None
    ]
    edges = sorted({edge for _, opened, closed in windows for edge in (opened, closed)})
    for start, end in pairwise(edges):
        open_now = tuple(p for p, opened, closed in windows if opened <= start and end <= closed)
        if open_now:
            yield _Span(start, end, open_now, tuple(accumulate(p.appeal for p in open_now)))


def counts(rng: Random, candidates: int, applications: int) -> Iterator[int]:
    """
    Yield how many applications each of the candidates makes; all together, exactly as asked.

    Most make one, a few make several or none.

    Args:
        applications: at most `MOST_PER_CANDIDATE` times *candidates*.
    """
    for waiting in range(candidates, 0, -1):
        least = max(0, applications - MOST_PER_CANDIDATE * (waiting - 1))
        most = min(MOST_PER_CANDIDATE, applications)
        count = min(max(_count(rng, applications / waiting), least), most)
        yield count
        applications -= count


def _count(rng: Random, mean: float) -> int:
    """Return how many applications somebody makes: none seldom, else one and now and then more."""
    if share(rng, _SHARE_WITHOUT):
        return 0
    more = max(0.0, mean / (1 - _SHARE_WITHOUT) - 1)
    count = 1
    while share(rng, more / (1 + more)):
        count += 1
    return count
