"""The loop that delivers: one a process, any number of processes on one database.

A round writes down which tries have ended, turns new events into deliveries and claims what is due;
each claimed delivery then is a task of its own: make the body, sign it, send it. Rounds follow one
another while there is something to do, so what ends meanwhile is written down together; else they
look for work every `poll_s` seconds, in the database, for the events are another process's.

One endpoint never delays another: each has a number of tries at once that is its own, and one that
fails is left alone for a while.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from peewee import Database, PeeweeException

from gateway.database import is_unavailable, writing
from gateway.disclosure import Unrecorded
from gateway.errors import NotFound, ServiceUnavailable
from gateway.spec.payloads import TEST
from gateway.webhooks import deliveries
from gateway.webhooks.deliveries import Claimed, Disabled, Fate, Tried, Unsent
from gateway.webhooks.payload import Withheld
from gateway.webhooks.schedule import Schedule
from gateway.webhooks.sealing import Sealer, SealingError
from gateway.webhooks.sender import Outcome, Sender
from gateway.webhooks.signatures import signed_headers

AWAY_S = 1.0  # how long to wait after the database was away
UNMADE_S = 5  # how long a delivery waits whose body could not be made

log = structlog.get_logger(__name__)

T = TypeVar("T")

Render = Callable[[Claimed], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the loop works.

    Attributes:
        poll_s: how often it looks for work when there is none.
        gather_s: how long it waits for more tries to end when one has.
        at_once: how many deliveries to one endpoint it tries at the same time.
        lease_s: after how long another process may take what this one has claimed. Longer than
            any try and the writing down of its end take.
        grace_s: how long tries may go on that are under way when the loop is to end.
    """

    poll_s: float = 0.2
    gather_s: float = 0.01
    at_once: int = 8
    lease_s: int = 30
    grace_s: float = 16.0


class Dispatcher:
    """Delivers what is due."""

    def __init__(
        self,
        database: Database,
        render: Render,
        sender: Sender,
        sealer: Sealer,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        disabled: Callable[[Disabled], None],
        observe: Callable[[Tried], None] = lambda _tried: None,
        schedule: Schedule | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Deliver over *sender*.

        Args:
            render: makes a delivery's body, fit to be sent; see `gateway.webhooks.service`.
            clock: seconds since the Unix epoch.
            random: returns a number from 0 to below 1; it spreads tries.
            disabled: is told, in a thread and in the transaction, of each endpoint that had to be
                disabled.
            observe: is told how each try ended.
        """
        self._database = database
        self._render = render
        self._sender = sender
        self._sealer = sealer
        self._clock = clock
        self._random = random
        self._tell_disabled = disabled
        self._observe = observe
        self._schedule = schedule or Schedule()
        self._pace = pace or Pace()
        self._process = secrets.token_hex(8)
        self._busy: Counter[int] = Counter()
        self._tasks: dict[asyncio.Task[None], Claimed] = {}
        self._ended: list[Tried] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._thread = CapacityLimiter(1)

    def stop(self) -> None:
        """Ask the loop to end, from its own thread."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver until `stop` is called; then let what is under way end, within limits."""
        while not self._stopping:
            if not await self._round():
                await self._rest(self._pace.poll_s)
                # What ends at nearly the same time is written down in one transaction.
                await asyncio.sleep(self._pace.gather_s if self._tasks else 0)
        await self._end()

    async def deliver(self, delivery: Claimed) -> Tried:
        """Try one delivery that the caller has claimed, and write down how it ended."""
        tried = await self._try(delivery)
        await self._in_thread(self._write_down, [tried], [])
        return tried

    async def _round(self) -> bool:
        """Do what there is to do now; return whether there may be more at once."""
        self._wake.clear()
        ended, self._ended = self._ended, []
        try:
            more, claimed = await self._in_thread(self._work, ended, Counter(self._busy))
        except Exception as error:
            if is_unavailable(error):
                self._ended = ended + self._ended  # nothing of it is written down yet
                log.warning("webhooks wait for the database", tries_ended=len(self._ended))
            else:
                # Their claims run out, and they are tried again: at least once, not at most.
                log.exception("a round of webhooks failed", tries_ended=len(ended))
            await asyncio.sleep(AWAY_S)
            return True
        for delivery in claimed:
            self._busy[delivery.endpoint] += 1
            task = asyncio.create_task(self._keep(delivery))
            self._tasks[task] = delivery
            task.add_done_callback(self._forget)
        return more

    def _work(self, ended: list[Tried], busy: Counter[int]) -> tuple[bool, list[Claimed]]:
        with self._database.connection_context():
            self._finish(ended)
            ended.clear()  # it is written down, whatever fails after it
            now = self._now()
            more = deliveries.fan_out(now=now)
            claimed = deliveries.claim(
                self._process,
                busy,
                now=now,
                lease_s=self._pace.lease_s,
                at_once=self._pace.at_once,
            )
        return more, claimed

    def _finish(self, ended: Sequence[Tried]) -> None:
        if not ended:
            return
        # In one transaction: nobody is told of what is not so, and what is so is not forgotten.
        with writing(self._database):
            disabled = deliveries.finish(ended, self._schedule, now=self._now())
            for endpoint in disabled:
                self._tell_disabled(endpoint)
        for endpoint in disabled:
            log.warning(
                "webhook endpoint disabled",
                endpoint=endpoint.endpoint_id,
                because=endpoint.because,
            )
        for tried in ended:
            self._observe(tried)

    async def _keep(self, delivery: Claimed) -> None:
        tried = await self._try(delivery)
        _log(tried)
        self._ended.append(tried)  # found after the wait: a round may have taken the list

    def _forget(self, task: asyncio.Task[None]) -> None:
        delivery = self._tasks.pop(task)
        self._busy[delivery.endpoint] -= 1
        self._wake.set()

    async def _try(self, delivery: Claimed) -> Tried:
        at = self._now()
        try:
            secrets_ = [self._sealer.open(one, delivery.endpoint_id) for one in delivery.secrets]
            # The last step before it leaves: what is made is recorded as given.
            body = await self._render(delivery)
        except (NotFound, KeyError):
            # What it was about has been deleted, or its type is declared no more.
            return Tried(
                claimed=delivery, at=at, fate=Fate.DROPPED, asked=False, error=Unsent.NO_DATA
            )
        except Withheld:
            return self._unsent(delivery, at, Unsent.WITHHELD)
        except ServiceUnavailable as error:
            away = Unsent.UNRECORDED if isinstance(error, Unrecorded) else Unsent.NO_DATABASE
            return replace(self._unsent(delivery, at, away), counts=False)
        except SealingError:
            log.exception("a webhook could not be signed", endpoint=delivery.endpoint_id)
            return self._unsent(delivery, at, Unsent.UNSIGNED)
        except Exception:
            log.exception("a webhook's body could not be made", endpoint=delivery.endpoint_id)
            return self._unsent(delivery, at, Unsent.NO_BODY)
        headers = signed_headers(delivery.message_id, body, secrets_, now=self._now())
        outcome = await self._sender.send(delivery.url, headers, body)
        return self._sent(delivery, at, body, outcome)

    def _unsent(self, delivery: Claimed, at: int, error: Unsent) -> Tried:
        """Return a try that never reached the receiver, for a reason of ours."""
        wait_s = self._delay_s(delivery)
        if wait_s is None:
            return Tried(claimed=delivery, at=at, error=error, fate=Fate.FAILED, asked=False)
        due_at = self._now() + max(wait_s, UNMADE_S)
        return Tried(claimed=delivery, at=at, error=error, due_at=due_at, asked=False)

    def _sent(self, delivery: Claimed, at: int, body: bytes, outcome: Outcome) -> Tried:
        tried = Tried(
            claimed=delivery,
            at=at,
            duration_ms=outcome.duration_ms,
            status=outcome.status,
            error=outcome.error,
            body=body,
            gone=outcome.gone,
        )
        if outcome.succeeded:
            return replace(tried, fate=Fate.DELIVERED)
        delay_s = self._delay_s(delivery)
        if outcome.gone or delay_s is None:
            return replace(tried, fate=Fate.FAILED)
        wait_s = outcome.retry_after_s or 0
        return replace(tried, due_at=self._now() + max(delay_s, wait_s), wait_s=wait_s)

    def _delay_s(self, delivery: Claimed) -> int | None:
        """Return the seconds until the try after this one; None: there is none."""
        if delivery.type == TEST:  # somebody waits for its end
            return None
        return self._schedule.delay_s(delivery.tries + 1, self._random)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _end(self) -> None:
        """Wait for what is under way, write it down, and give back what does not end in time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._pace.grace_s)
        unended = dict(self._tasks)
        for task in unended:
            task.cancel()
        await asyncio.gather(*unended, return_exceptions=True)
        ended, self._ended = self._ended, []
        keys = [delivery.key for delivery in unended.values()]
        try:
            await self._in_thread(self._write_down, ended, keys)
        except PeeweeException:
            # The claims run out by themselves; then all of it is tried again.
            log.warning("webhooks ended without the database", tries_ended=len(ended))

    def _write_down(self, ended: Sequence[Tried], unended: Sequence[int]) -> None:
        with self._database.connection_context():
            self._finish(ended)
            deliveries.release(self._process, unended)

    def _now(self) -> int:
        return int(self._clock())

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await run_sync(work, *arguments, limiter=self._thread)


def _log(tried: Tried) -> None:
    """Log a try: ids and numbers, never the address, which may hold a key, or the data."""
    log.info(
        "webhook delivered" if tried.fate is Fate.DELIVERED else "webhook not delivered",
        endpoint=tried.claimed.endpoint_id,
        account=tried.claimed.account_id,
        message=tried.claimed.message_id,
        event_type=tried.claimed.type,
        tries=tried.claimed.tries + 1,
        status=tried.status,
        error=tried.error,
        duration_ms=tried.duration_ms,
    )
