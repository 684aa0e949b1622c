"""Kept answers in several processes: each is like one that keeps none, at the next request.

A server of two workers that keep answers, and one worker that keeps none, are on one database.
Readers ask the first one all the time, so that everything is kept in both of its workers. After
each change both must answer as the one that keeps none, whatever they are asked first.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from workers import Server, Worker, running

import ingest
from gateway import accounts, tokens
from gateway.audit import SYSTEM
from gateway.roles import Role
from models import Account, JobPosting, Token, User

READERS = 2
TRIES = 1_000
PATHS = [
    "/job_postings",
    "/job_postings/job_abc123",
    "/job_postings/job_abc123/stages",
    "/candidates",
    "/candidates?search=doe",
    "/candidates/cand_ghi789",
    "/applications?status=active",
    "/applications/app_jkl012",
]
SCOPES = ("applications:read", "candidates:read", "job_postings:read")
Answer = tuple[int, Any]


@dataclass
class World:
    """An account with its tokens, and the servers that answer for it.

    Attributes:
        records: the account's, as they were imported last.
        secrets: of its tokens, by name.
        kept: the workers that keep answers.
        plain: the one that keeps none.
        leaving: a member who is going to be removed.
        wrong: what the readers were answered that must not be.
        before: what was right before a change.
    """

    gateway: Any
    account: Account
    records: list[dict[str, Any]]
    secrets: dict[str, str]
    kept: list[Worker]
    plain: Worker
    servers: list[Server]
    leaving: User
    wrong: list[object] = field(default_factory=list)
    before: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def token(self, name: str) -> Token:
        return Token.get(Token.digest == tokens.digest(self.secrets[name]))

    def seen_by(self, worker: Worker) -> dict[tuple[str, str], Answer]:
        """Return what a worker answers to every question of every token."""
        return {
            (name, path): comparable(worker.get(f"/api/v1{path}", secret))
            for name, secret in self.secrets.items()
            for path in PATHS
        }

    def compare(self, change: str, differing: set[tuple[str, str]]) -> None:
        """Compare the workers; what the change was about must be answered in another way."""
        seen = {worker: self.seen_by(worker) for worker in self.kept}
        right = self.seen_by(self.plain)
        for worker, answers in seen.items():
            wrong = [asked for asked in right if answers[asked] != right[asked]]
            assert not wrong, f"{change}: {worker} answers {wrong} from before"
        for asked in differing:
            assert right[asked] != self.before[asked], f"{change}: {asked} is as it was"
        self.before = right


def comparable(answer: tuple[int, bytes]) -> Answer:
    """Return an answer without the id of its request."""
    status, body = answer
    if status == 200:
        return status, body
    return status, {name: it for name, it in json.loads(body).items() if name != "request_id"}


@contextmanager
def reading(url: str, secrets: list[str]) -> Iterator[list[object]]:
    """Read without a pause, in several threads; give the answers that must not be."""
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                with httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client:
                    for secret in secrets:
                        for path in PATHS:
                            headers = {"Authorization": f"Bearer {secret}"}
                            status = client.get(path, headers=headers).status_code
                            if status not in {200, 401, 403}:
                                wrong.append((path, status))
            except httpx.TransportError as error:
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def world(gateway, acme, full, followers, reference, database_url, tmp_path) -> Iterator[World]:
    leaving = accounts.create_user("leaving@example.com", "correct horse battery", by=SYSTEM, now=0)
    accounts.add_member(acme, leaving, Role.MEMBER, by=SYSTEM, now=0)
    secrets = {"full": full, "followers": followers}
    secrets |= {name: gateway.token(acme, *SCOPES) for name in ("revoked", "expired")}
    _, secrets["leaving"] = tokens.create(
        account=acme,
        user=leaving,
        name="test",
        scopes=SCOPES,
        expires_at=None,
        by=SYSTEM,
        now=0,
        known_scopes=SCOPES,
    )
    with ExitStack() as stack:
        policies = tmp_path / "policies"
        kept, plain = (
            stack.enter_context(running(database_url, policies, tmp_path / log, number, **settings))
            for log, number, settings in (
                ("kept.log", 2, {}),
                ("plain.log", 1, {"GATEWAY_ANSWER_CACHE_BYTES": "0"}),
            )
        )
        workers = [Worker(one, pid) for one in (kept, plain) for pid in one.pids()]
        for one in workers:
            stack.callback(one.close)
        *keeping, keeping_none = workers
        assert len(keeping) == 2
        world = World(
            gateway, acme, reference, secrets, keeping, keeping_none, [kept, plain], leaving
        )
        with reading(kept.url, list(secrets.values())) as wrong:
            world.compare("nothing", set())
            world.wrong = wrong
            yield world


# --- what changes, and for whom the answer to what must differ ------------------------------------

Change = Callable[[World], set[tuple[str, str]]]


def of_all(path: str, *names: str) -> set[tuple[str, str]]:
    return {(name, path) for name in names or ("full", "leaving")}


def writes(record_type: str, path: str, **fields: str) -> Change:
    """Return the change that an import of one record makes."""

    def write(world: World) -> set[tuple[str, str]]:
        record = next(one for one in world.records if one["type"] == record_type)
        world.gateway.load(world.account, record | fields)
        return of_all(path)

    return write


def adds(world: World) -> set[tuple[str, str]]:
    [one] = [one for one in world.records if one["id"] == "cand_ghi789"]
    world.gateway.load(world.account, one | {"id": "cand_new"})
    return of_all("/candidates") | of_all("/candidates?search=doe")


def writes_to_another_account(world: World) -> set[tuple[str, str]]:
    other = world.gateway.account("Other")
    world.gateway.load(other, *world.records)
    world.secrets["other"] = world.gateway.token(other, *SCOPES)
    world.before |= {("other", path): (0, b"") for path in PATHS}
    return set()


def rebuilds(world: World) -> set[tuple[str, str]]:
    """Repair a count that was changed by hand, which itself tells nobody."""
    JobPosting.update(active_applications=7_777).execute()
    world.gateway.load(world.account, {"type": "candidate", "id": "cand_new", "last_name": "Poe"})
    world.before = world.seen_by(world.plain)
    for worker in world.kept:
        world.seen_by(worker)
    assert ingest.rebuild(world.gateway.database).changed
    return of_all("/job_postings") | of_all("/job_postings/job_abc123")


def takes_scopes(world: World) -> set[tuple[str, str]]:
    changed(world, "full", ["applications:read"])
    return of_all("/applications/app_jkl012", "full") | of_all("/candidates", "full")


def gives_scopes(world: World) -> set[tuple[str, str]]:
    changed(world, "full", SCOPES)
    changed(world, "followers", SCOPES)
    return of_all("/applications/app_jkl012", "full", "followers")


def changed(world: World, name: str, scopes: Any) -> None:
    token = world.token(name)
    tokens.update(token, scopes=scopes, by=SYSTEM, now=1, known_scopes=SCOPES)


def revokes(world: World) -> set[tuple[str, str]]:
    tokens.revoke(world.token("revoked"), by=SYSTEM, now=1)
    return {("revoked", path) for path in PATHS}


def lets_expire(world: World) -> set[tuple[str, str]]:
    """Wait for the end of a token's time, as the worker that keeps nothing sees it."""
    soon = datetime.fromtimestamp(int(time.time()) + 2, UTC).isoformat()
    now = int(time.time())
    token, secret = world.token("expired"), world.secrets["expired"]
    tokens.update(token, expires_at=soon, by=SYSTEM, now=now, known_scopes=SCOPES)
    for _ in range(TRIES):
        if world.plain.get("/api/v1/candidates", secret)[0] == 401:
            break
        time.sleep(0.01)
    return {("expired", path) for path in PATHS}


def removes_a_member(world: World) -> set[tuple[str, str]]:
    accounts.remove_member(world.account, world.leaving, by=SYSTEM, now=1)
    return {("leaving", path) for path in PATHS}


def reloads_policies(world: World) -> set[tuple[str, str]]:
    """Show less of last names; once a worker says that it has loaded that, it holds."""
    file = world.servers[0].policies / "application_candidate.yaml"
    text = file.read_text()
    shorter = '[{with: candidates:read, as: {truncate: {keep: 1, suffix: "."}}}]'
    text = text.replace("last_name: candidates:read", f"last_name: {shorter}")
    given = "gives: {id: cand_1, first_name: Ann, last_name: "
    text = text.replace(f"{given}Lee,", f'{given}"L.",')
    file.write_text(text)
    for server in world.servers:
        server.wait_for("policies reloaded", len(server.pids()))
    return of_all("/applications/app_jkl012")


def deletes_the_account(world: World) -> set[tuple[str, str]]:
    accounts.delete_account(world.account, by=SYSTEM, now=1)
    return {("full", path) for path in PATHS}


CHANGES: list[Change] = [
    writes("job_posting", "/job_postings/job_abc123", title="Changed"),
    writes("stage", "/job_postings/job_abc123/stages", name="Changed"),
    writes("candidate", "/candidates/cand_ghi789", first_name="Changed"),
    writes("application", "/applications/app_jkl012", updated_at="2026-03-01T00:00:00Z"),
    writes("stage_progress", "/applications/app_jkl012", completed_at="2026-03-01T00:00:00Z"),
    adds,
    writes_to_another_account,
    rebuilds,
    reloads_policies,
    takes_scopes,
    gives_scopes,
    revokes,
    lets_expire,
    removes_a_member,
    deletes_the_account,
]


def test_every_change_is_in_every_worker_at_the_next_request(world):
    for number, change in enumerate(CHANGES):
        about = change(world)
        world.compare(f"change {number} ({change.__name__})", about)
    assert world.wrong == []
