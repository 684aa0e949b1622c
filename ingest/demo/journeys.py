"""The way of an application through the stages of its posting.

Each stage takes its time and lets a part of the applications through. What is undecided when the
posting closes is rejected then; what is undecided today is in progress. So statuses, histories and
times agree without being made to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ingest.demo.arrivals import Arrival
from ingest.demo.chance import DAY_S, office_hour, share
from ingest.demo.postings import Stage

_UNREAD_FOR_S = 2 * DAY_S
_SHARE_UNREAD = 0.6  # of the newest applications: nobody has put them into a stage yet
_SHARE_SCHEDULED = 0.12  # of the active ones: the next stage has been agreed on
_SHARE_LEFT_LYING = 0.3
_PACE_LEFT_LYING = 12.0
_SHARE_WITH_NOTE = 0.2  # updated after their last decision
_NOTE_WITHIN_S = 6 * DAY_S
_CLEARING_UP_S = 1_800  # how long it takes to reject the rest when a posting closes


@dataclass(frozen=True, slots=True)
class Entry:
    """A stage of a history; times in whole seconds since the epoch."""

    stage: Stage
    status: str
    started_at: int | None = None
    completed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """What has become of an application."""

    status: str
    history: tuple[Entry, ...]
    updated_at: int


def journey(rng: Random, arrival: Arrival, until: int) -> Journey:
    """
    Return what has become by *until* of the application that arrived.

    A history is in order of time. An active application is in progress at the last stage that has
    begun, or in none yet; a rejected one ends with the stage that rejected it.
    """
    history = _history(rng, arrival, until)
    rejected = bool(history) and history[-1].status == "rejected"
    updated_at = max((_last_time(entry) for entry in history), default=arrival.at)
    if share(rng, _SHARE_WITH_NOTE):
        updated_at = min(updated_at + rng.randrange(_NOTE_WITHIN_S), until)
    return Journey("rejected" if rejected else "active", history, updated_at)


def _history(rng: Random, arrival: Arrival, until: int) -> tuple[Entry, ...]:
    if arrival.at > until - _UNREAD_FOR_S and share(rng, _SHARE_UNREAD):
        return ()
    closed_at = arrival.posting.life.closed_at
    decided = list(_decided(rng, arrival, closed_at or until))
    if decided and decided[-1].status == "rejected":
        return tuple(decided)
    begun_at = _last_time(decided[-1]) if decided else arrival.at
    stage, *later = arrival.posting.stages[len(decided) :]
    if closed_at is not None and later:
        cleared_at = min(closed_at + rng.randrange(_CLEARING_UP_S), until)
        return (*decided, Entry(stage, "rejected", begun_at, cleared_at))
    return (*decided, Entry(stage, "in_progress", begun_at), *_scheduled(rng, later))


def _decided(rng: Random, arrival: Arrival, before: int) -> Iterator[Entry]:
    """Yield the stages that were decided, up to a rejection; the last stage of all never is."""
    begun_at = arrival.at
    pace = _PACE_LEFT_LYING if share(rng, _SHARE_LEFT_LYING) else 1.0
    for stage in arrival.posting.stages[:-1]:
        taken_s = rng.expovariate(1 / (stage.step.mean_days * pace * DAY_S))
        decided_at = office_hour(rng, begun_at + taken_s)
        if decided_at >= before:
            return
        passed = share(rng, stage.step.pass_rate)
        yield Entry(stage, "completed" if passed else "rejected", begun_at, decided_at)
        if not passed:
            return
        begun_at = decided_at


def _scheduled(rng: Random, later: Sequence[Stage]) -> Iterator[Entry]:
    if later and share(rng, _SHARE_SCHEDULED):
        yield Entry(later[0], "scheduled")


def _last_time(entry: Entry) -> int:
    return entry.completed_at or entry.started_at or 0
