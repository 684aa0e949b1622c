"""`kill -9` of server, jobs and import at random moments; then: is anything lost or made up?

Each round starts `gateway serve` and `gateway jobs`, which both deliver, and `gateway import` of
people nobody has seen, and kills both and, in half of the rounds, the import, each at a random
moment of its own: during the import, or amid the deliveries of one that was left to end. The first
round is left alone, to see how long it takes. In the end a server and jobs are left alone until
nothing is on its way.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import IO

from benchmarks.load import Unusable
from benchmarks.webhooks.receivers import Receiver, listening
from benchmarks.webhooks.writing import (
    applicants,
    as_lines,
    environment_of,
    posting,
    prepared,
    subscribe,
    write,
)
from models import (
    Account,
    Application,
    Candidate,
    Event,
    JobPosting,
    WebhookDelivery,
    WebhookEndpoint,
)

GATEWAY = Path(sys.executable).with_name("gateway")
PEOPLE = 200  # of each import: a candidate and an application each, and an event for either
POSTINGS = 2_000  # of each import: they make no event, and its transaction long
# Candidates, applications and postings of an import; its events of candidates and applications.
WHOLE = ((PEOPLE, PEOPLE, POSTINGS), (PEOPLE, PEOPLE))
NOTHING = ((0, 0, 0), (0, 0))
READY = b"Uvicorn running"
UNAWAITED = 5  # in every fifth round the import does not wait until the server serves
READY_WITHIN_S = 60
DRAIN_S = 240


class Fate(Enum):
    """Of a round."""

    ALL_KILLED = auto()  # during the import
    IMPORT_LEFT = auto()  # what delivers is killed during the import, which goes on
    DELIVERIES_CUT = auto()  # it is killed after the import


FATES = (Fate.ALL_KILLED, Fate.ALL_KILLED, Fate.IMPORT_LEFT, Fate.DELIVERIES_CUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of it.

    Attributes:
        committed: imports that are there.
        imports_killed: imports that were running when they were killed.
        deliveries_cut: rounds of which a process was killed while it was delivering.
        torn: imports of which a part is there, or whose events do not match their rows.
        lost: events that did not arrive.
        made_up: messages that are no event's.
        taken: messages that the receiver took, repeated ones too.
    """

    rounds: int
    committed: int
    imports_killed: int
    deliveries_cut: int
    torn: int
    events: int
    lost: int
    made_up: int
    taken: int

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return self.events > 0 and not (self.torn or self.lost or self.made_up)


class Killer:
    """Starts servers and imports, and kills them.

    Attributes:
        imports_killed, deliveries_cut: see `Result`.
    """

    def __init__(
        self, database_url: str, folder: Path, account: Account, chance: random.Random
    ) -> None:
        self._environment = {**os.environ, **environment_of(database_url)}
        self._folder = folder
        self._account = account
        self._chance = chance
        self._import_s = 0.0
        self._deliver_s = 0.0
        self._dead: set[str] = set()  # claims of processes that were killed
        self.imports_killed = 0
        self.deliveries_cut = 0

    def undisturbed(self, number: int) -> None:
        """Let a round end by itself, and remember how long it takes."""
        with self._serving(), self._importing(number) as importing:
            self._let_end(importing)
            began = time.monotonic()
            self._wait_until_delivered()
            self._deliver_s = time.monotonic() - began

    def disturbed(self, number: int) -> None:
        """Kill what delivers, and the import of a round or not."""
        ready = number % UNAWAITED > 0
        with self._serving(ready=ready) as delivering, self._importing(number) as importing:
            fate = self._chance.choice(FATES)
            if fate is Fate.DELIVERIES_CUT:
                self._let_end(importing)
                self._kill(*delivering, within_s=self._deliver_s)
            elif fate is Fate.IMPORT_LEFT:
                self._kill(*delivering, within_s=self._import_s)
                self._let_end(importing)
            else:
                ended = self._kill(*delivering, importing, within_s=self._import_s)
                self.imports_killed += importing not in ended
        self._look_for_claims()

    def drain(self) -> None:
        """Let others deliver what is left."""
        with self._serving():
            self._wait_until_delivered()

    def _let_end(self, importing: subprocess.Popen[bytes]) -> None:
        began = time.monotonic()
        if importing.wait():
            raise Unusable((self._folder / "import.log").read_text()[-2_000:])
        self._import_s = time.monotonic() - began

    def _kill(
        self, *processes: subprocess.Popen[bytes], within_s: float
    ) -> list[subprocess.Popen[bytes]]:
        """Kill *processes* one by one within a span; return those that had ended by themselves."""
        ended = []
        for process in self._chance.sample(processes, len(processes)):
            time.sleep(self._chance.uniform(0, within_s / len(processes)))
            if process.poll() is not None:
                ended.append(process)
            process.kill()
            process.wait()
        return ended

    def _look_for_claims(self) -> None:
        claimed = WebhookDelivery.select(WebhookDelivery.claim).distinct()
        left = {one.claim for one in claimed if one.claim is not None} - self._dead
        self.deliveries_cut += bool(left)
        self._dead |= left

    @contextmanager
    def _serving(self, *, ready: bool = True) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Run a server, and jobs beside it; *ready*: wait until it serves."""
        log = self._folder / "server.log"
        with (
            log.open("wb") as output,
            self._process(output, "jobs") as jobs,
            self._process(output, "serve", "--port", "0") as server,
        ):
            deadline = time.monotonic() + READY_WITHIN_S
            while ready and READY not in log.read_bytes():
                if server.poll() is not None or time.monotonic() > deadline:
                    raise Unusable(f"the server did not start: {log.read_text()[-2_000:]}")
                time.sleep(0.02)
            yield [server, jobs]

    @contextmanager
    def _importing(self, number: int) -> Iterator[subprocess.Popen[bytes]]:
        """Run an import of people and postings of the round."""
        records = self._folder / "records.jsonl"
        first = 2 + number * POSTINGS
        postings = [posting(first + one) for one in range(POSTINGS)]
        people = applicants(f"r{number}", PEOPLE)
        half = POSTINGS // 2
        records.write_bytes(as_lines([*postings[:half], *people, *postings[half:]]))
        words = ("import", str(records), "--account", self._account.public_id)
        log = self._folder / "import.log"
        with log.open("wb") as output, self._process(output, *words) as importing:
            yield importing

    @contextmanager
    def _process(self, output: IO[bytes], *words: str) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [GATEWAY, *words], env=self._environment, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    def _wait_until_delivered(self) -> None:
        deadline = time.monotonic() + DRAIN_S
        while self._is_on_its_way() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _is_on_its_way(self) -> bool:
        endpoint = WebhookEndpoint.get(WebhookEndpoint.account == self._account)
        newer = Event.select().where(Event.account == self._account, Event.id > endpoint.last_event)
        pending = WebhookDelivery.select().where(WebhookDelivery.state == "pending")
        return bool(newer.exists() or pending.exists())


def run(database_url: str, folder: Path, *, rounds: int, seed: int) -> Result:
    """Kill in *rounds* rounds, after one without; the moments follow from *seed*."""
    receiver = Receiver("well")
    with prepared(database_url) as (database, account), listening([receiver], seed):
        write(database, account, [posting()])
        subscribe(account, database_url, [receiver.port])
        killer = Killer(database_url, folder, account, random.Random(seed))
        killer.undisturbed(0)
        for number in range(1, rounds + 1):
            killer.disturbed(number)
        killer.drain()
        return _judged(account, receiver, killer, rounds)


def _judged(account: Account, receiver: Receiver, killer: Killer, rounds: int) -> Result:
    events = list(Event.select().where(Event.account == account))
    ids = {event.public_id for event in events}
    told = Counter((event.type, _round_of(event.subject_id)) for event in events)
    candidates, applications, postings = (
        Counter(_round_of(row.public_id) for row in table.select(table.public_id))
        for table in (Candidate, Application, JobPosting)
    )
    sizes = [
        (
            (candidates[number], applications[number], postings[number]),
            (told["candidate.created", number], told["application.created", number]),
        )
        for number in range(rounds + 1)
    ]
    taken = [one.message for one in receiver.taken]
    return Result(
        rounds=rounds,
        committed=sum(size == WHOLE for size in sizes[1:]),
        imports_killed=killer.imports_killed,
        deliveries_cut=killer.deliveries_cut,
        torn=sum(size not in (NOTHING, WHOLE) for size in sizes) + (sizes[0] != WHOLE),
        events=len(events),
        lost=len(ids - set(taken)),
        made_up=len(set(taken) - ids),
        taken=len(taken),
    )


def _round_of(public_id: str) -> int | None:
    """Return the round whose import wrote the record; None: it was there before."""
    person = re.fullmatch(r"(?:app|cand)_r(\d+)x\d+", public_id)
    if person is not None:
        return int(person[1])
    number = int(public_id.removeprefix("job_")) - 2
    return None if number < 0 else number // POSTINGS
