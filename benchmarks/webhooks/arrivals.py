"""Many events to five receivers, of which one fails, one hangs and one is down for a while.

Two processes deliver. First some events one by one, for the latency from commit to receipt; then
all at once, for how many a second arrive. In the end every event must have arrived everywhere, each
under its one id, and those about one application in their order where the first try succeeded.

A message may come twice only if the answer to the first did not come back: a sender that heard
nothing cannot know better. Such tries are in the database, without a status.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from peewee import Database

from benchmarks.webhooks.receivers import Receiver, listening
from benchmarks.webhooks.writing import (
    applicants,
    application,
    posting,
    prepared,
    subscribe,
    write,
)
from models import Account, Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint

BATCH = 200
SINGLE_EVERY_S = 0.05
PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run.

    Attributes:
        arrived: how many of the events each receiver has taken.
        unknown: ids that came and are no event's.
        twice: messages that a receiver has taken more than once, without a reason.
        unheard: messages taken once more, for the answer to them had not come back in time.
        out_of_order: of those taken at the first try, how many came after a later one about the
            same subject.
        per_second: events a second at the receiver that behaves, of those written at once.
        deliveries_per_second: the same, of all receivers together.
        latency_ms: from the commit to the receipt, at the receiver that behaves: median, p99.
    """

    events: int
    arrived: dict[str, int]
    tries: dict[str, int]
    unknown: int
    twice: int
    unheard: int
    out_of_order: int
    seconds: float
    per_second: float
    deliveries_per_second: float
    latency_ms: tuple[float, float]

    @property
    def holds(self) -> bool:
        """Whether everything arrived as it must."""
        complete = all(number == self.events for number in self.arrived.values())
        return complete and not (self.unknown or self.twice or self.out_of_order)


def run(database_url: str, *, events: int, singles: int, trouble_s: float, seed: int) -> Result:
    """Run with about *events* events.

    Args:
        singles: how many of them are written one by one.
        trouble_s: for how long one receiver hangs and one is down.
    """
    receivers = [
        Receiver("well"),
        Receiver("well too"),
        Receiver("fails a third of the time", fails=1 / 3),
        Receiver("hangs for a while", hangs_s=trouble_s),
        Receiver("is down for a while", down_s=trouble_s),
    ]
    with ExitStack() as stack:
        database, account = stack.enter_context(prepared(database_url))
        write(database, account, [posting()])
        stack.enter_context(listening(receivers, seed))
        subscribe(account, database_url, [one.port for one in receivers])
        for _ in range(PROCESSES):
            stack.enter_context(delivering(database_url))
        committed = write_singles(database, account, singles)
        wait_until_taken(receivers[:1], count_events(account))
        began = time.time()
        write_at_once(database, account, events - count_events(account))
        total = count_events(account)
        wait_until_taken(receivers, total)
        time.sleep(2)  # what would come twice comes now, and the last tries are written down
        return judged(account, receivers, committed, began)


@contextmanager
def delivering(database_url: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that delivers."""
    words = [sys.executable, "-m", "benchmarks.webhooks.worker", database_url]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.terminate()


def write_singles(database: Database, account: Account, count: int) -> dict[int, float]:
    """Write *count* events one by one; return when each was committed, by its key."""
    write(database, account, applicants("s", 1))
    committed = {}
    for number in range(count):
        status = ("rejected", "active")[number % 2]
        write(database, account, [application("sx0", status)])
        newest = Event.select().where(Event.account == account).order_by(Event.id.desc()).first()
        committed[newest.id] = time.time()
        time.sleep(SINGLE_EVERY_S)
    return committed


def write_at_once(database: Database, account: Account, count: int) -> None:
    """Write about *count* events: applicants, then changes of their status."""
    people = max(count // 5, 1)
    for first in range(0, people, BATCH):
        write(database, account, applicants(f"b{first}", min(BATCH, people - first)))
    for status in ("rejected", "active", "rejected"):
        for first in range(0, people, BATCH):
            size = min(BATCH, people - first)
            changes = [application(f"b{first}x{number}", status) for number in range(size)]
            write(database, account, changes)


def count_events(account: Account) -> int:
    """Return how many events there are."""
    count: int = Event.select().where(Event.account == account).count()
    return count


def wait_until_taken(receivers: Sequence[Receiver], number: int, within_s: float = 900) -> None:
    """Wait until each of *receivers* has taken *number* different messages."""
    deadline = time.monotonic() + within_s
    while any(len({one.message for one in each.taken}) < number for each in receivers):
        if time.monotonic() > deadline:
            return  # the result says what is missing
        time.sleep(0.1)


def judged(
    account: Account, receivers: Sequence[Receiver], committed: dict[int, float], began: float
) -> Result:
    """Hold what was received against the events."""
    events = list(Event.select().where(Event.account == account).order_by(Event.id))
    keys = {event.public_id: event.id for event in events}
    subjects = {event.public_id: event.subject_id for event in events}
    well = receivers[0]
    at = {keys[one.message]: one.at for one in well.taken}
    latencies = sorted((at[key] - moment) * 1_000 for key, moment in committed.items())
    bulk = [one.at for one in well.taken if one.at >= began]
    again, reasons = repeats(receivers), unheard(receivers)
    everywhere = [one.at for each in receivers for one in each.taken if one.at >= began]
    return Result(
        events=len(events),
        arrived={each.name: len({one.message for one in each.taken}) for each in receivers},
        tries={each.name: len(each.requests) for each in receivers},
        unknown=sum(one.message not in keys for each in receivers for one in each.requests),
        twice=(again - reasons).total(),
        unheard=(again & reasons).total(),
        out_of_order=sum(out_of_order(each, keys, subjects) for each in receivers),
        seconds=max(everywhere) - began,
        per_second=len(bulk) / (max(bulk) - began),
        deliveries_per_second=len(everywhere) / (max(everywhere) - began),
        latency_ms=(statistics.median(latencies), latencies[int(len(latencies) * 0.99)]),
    )


def repeats(receivers: Sequence[Receiver]) -> Counter[tuple[int, str]]:
    """Return how often a message was taken after the first time, by port and message."""
    taken = Counter((each.port, one.message) for each in receivers for one in each.taken)
    return taken - Counter(dict.fromkeys(taken, 1))


def unheard(receivers: Sequence[Receiver]) -> Counter[tuple[int, str]]:
    """Return how many tries reached a receiver that answered, and were not heard of again.

    A receiver that hangs has not taken what it does not answer.
    """
    query = (
        WebhookAttempt.select(WebhookDelivery.message_id, WebhookEndpoint.url)
        .join(WebhookDelivery)
        .join(WebhookEndpoint)
        .where(WebhookAttempt.error << ("timeout", "connection broken"))
    )
    broken = Counter(
        (urlsplit(row["url"]).port or 0, row["message_id"]) for row in query.dicts().iterator()
    )
    hung = Counter(
        (each.port, one.message)
        for each in receivers
        if each.hangs_s
        for one in each.requests
        if not one.taken
    )
    return broken - hung


def out_of_order(receiver: Receiver, keys: dict[str, int], subjects: dict[str, str]) -> int:
    """Return how many messages, taken at their first try, came after a later one.

    The database knows of tries that the receiver has not seen: while nobody listened.
    """
    to_it = WebhookEndpoint.url.contains(f":{receiver.port}/")
    query = WebhookDelivery.select(WebhookDelivery.message_id).join(WebhookEndpoint).where(to_it)
    at_once = {one.message_id for one in query.where(WebhookDelivery.tries == 1)}
    newest: dict[str, int] = defaultdict(int)
    wrong = 0
    for one in receiver.taken:
        if one.message in at_once:
            subject, key = subjects[one.message], keys[one.message]
            wrong += key < newest[subject]
            newest[subject] = max(newest[subject], key)
    return wrong
