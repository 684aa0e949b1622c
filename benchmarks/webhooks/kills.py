"""`kill -9` of the server and of an import at random moments; then: is anything lost or made up?

Each round starts `gateway serve`, which delivers, and `gateway import` of people nobody has seen,
and kills both a random while later. Then a server is left alone until nothing is on its way.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

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
from models import Account, Application, Event, WebhookDelivery, WebhookEndpoint

GATEWAY = Path(sys.executable).with_name("gateway")
PEOPLE = 200  # of each import
ALIVE_S = 2.5  # how long server and import live at most
DRAIN_S = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of it.

    Attributes:
        committed: imports that were there when they were killed.
        torn: imports of which a part is there, or whose events do not match their rows.
        lost: events that did not arrive.
        made_up: messages that are no event's.
        taken: messages that the receiver took, repeated ones too.
    """

    rounds: int
    committed: int
    torn: int
    events: int
    lost: int
    made_up: int
    taken: int

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return self.events > 0 and not (self.torn or self.lost or self.made_up)


def run(database_url: str, folder: Path, *, rounds: int, seed: int) -> Result:
    """Kill *rounds* times; the moments follow from *seed*."""
    chance = random.Random(seed)
    receiver = Receiver("well")
    environment = {**os.environ, **environment_of(database_url)}
    with prepared(database_url) as (database, account), listening([receiver], seed):
        write(database, account, [posting()])
        subscribe(account, database_url, [receiver.port])
        for number in range(rounds):
            records = folder / f"{number}.jsonl"
            records.write_bytes(as_lines(applicants(f"r{number}", PEOPLE)))
            _round(environment, account, records, chance.uniform(0.5, ALIVE_S))
        _drain(environment, account)
        return _judged(account, receiver, rounds)


def _round(environment: dict[str, str], account: Account, records: Path, alive_s: float) -> None:
    importing = [str(GATEWAY), "import", str(records), "--account", account.public_id]
    processes = [
        subprocess.Popen(
            words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for words in ([str(GATEWAY), "serve", "--port", "0"], importing)
    ]
    time.sleep(alive_s)
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()


def _drain(environment: dict[str, str], account: Account) -> None:
    """Let a server deliver what is left."""
    server = subprocess.Popen(
        [GATEWAY, "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + DRAIN_S
        while _is_on_its_way(account) and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        server.terminate()
        server.wait()


def _is_on_its_way(account: Account) -> bool:
    endpoint = WebhookEndpoint.get(WebhookEndpoint.account == account)
    newer = Event.select().where(Event.account == account, Event.id > endpoint.last_event)
    pending = WebhookDelivery.select().where(WebhookDelivery.state == "pending")
    return bool(newer.exists() or pending.exists())


def _judged(account: Account, receiver: Receiver, rounds: int) -> Result:
    created = Event.select().where(Event.account == account, Event.type == "application.created")
    told = [_round_of(event.subject_id) for event in created]
    rows = [_round_of(row.public_id) for row in Application.select(Application.public_id)]
    sizes = [(rows.count(number), told.count(number)) for number in range(rounds)]
    ids = {event.public_id for event in Event.select().where(Event.account == account)}
    subscribed = ids - {
        event.public_id for event in Event.select().where(Event.type == "job_posting.created")
    }
    taken = [one.message for one in receiver.taken]
    return Result(
        rounds=rounds,
        committed=sum(size == (PEOPLE, PEOPLE) for size in sizes),
        torn=sum(size not in ((0, 0), (PEOPLE, PEOPLE)) for size in sizes),
        events=len(ids),
        lost=len(subscribed - set(taken)),
        made_up=len(set(taken) - ids),
        taken=len(taken),
    )


def _round_of(public_id: str) -> int:
    match = re.fullmatch(r"app_r(\d+)x\d+", public_id)
    assert match is not None
    return int(match[1])
