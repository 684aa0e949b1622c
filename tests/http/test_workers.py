"""Several processes behind one port are one server: what binds in one binds in all."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from workers import Server, running

from gateway.disclosure import History
from gateway.disclosure.log import rotated

WORKERS = 2


@pytest.fixture
def workers(database_url, tmp_path):
    """Start workers with settings."""

    @contextmanager
    def workers(**settings: str) -> Iterator[Server]:
        policies, log = tmp_path / "policies", tmp_path / "log"
        with running(database_url, policies, log, WORKERS, **settings) as server:
            yield server

    return workers


@dataclass
class Asking:
    """Asks for everything again and again, and keeps what it is given.

    Attributes:
        given: the answers that have data, by request id.
    """

    url: str
    secrets: tuple[str, ...]
    given: dict[str, dict[str, Any]] = field(default_factory=dict)

    PATHS = (
        "/applications",
        "/applications/app_jkl012",
        "/candidates",
        "/candidates/cand_ghi789",
        "/candidates/cand_none",
        "/job_postings",
        "/token",
    )

    def run(self, rounds: int) -> None:
        """Ask *rounds* times; a new connection each time can meet another worker."""
        for _ in range(rounds):
            with suppress(httpx.TransportError), httpx.Client(base_url=self.url) as client:
                for secret in self.secrets:
                    for path in self.PATHS:
                        headers = {"Authorization": f"Bearer {secret}"}
                        self.note(client.get(f"/api/v1{path}", headers=headers))

    def note(self, answer: httpx.Response) -> None:
        if answer.status_code == 200:
            self.given[answer.headers["X-Request-Id"]] = answer.json()


@pytest.fixture
def asked(full, followers):
    """Ask a server from several threads; return all that was given, once they have ended."""

    @contextmanager
    def asked(url: str, rounds: int) -> Iterator[dict[str, dict[str, Any]]]:
        askers = [Asking(url, (full, followers)) for _ in range(4)]
        threads = [threading.Thread(target=one.run, args=[rounds]) for one in askers]
        for thread in threads:
            thread.start()
        given: dict[str, dict[str, Any]] = {}
        yield given
        for thread in threads:
            thread.join()
        for one in askers:
            given |= one.given

    return asked


def ids_in(body: Any) -> Counter[str]:
    """Return every value of a property `id` in an answer."""
    found: Counter[str] = Counter()
    if isinstance(body, list):
        for item in body:
            found += ids_in(item)
    elif isinstance(body, dict):
        for name, value in body.items():
            found += Counter([value]) if name == "id" else ids_in(value)
    return found


def change(policies: Path) -> None:
    with (policies / "application.yaml").open("a") as file:
        file.write("# another revision\n")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_changed_file_reaches_every_worker(workers):
    with workers() as server:
        [before] = server.revisions()
        change(server.policies)
        loaded = server.wait_for("policies reloaded", WORKERS)
        [after] = server.revisions()
    assert {(line["before"], line["policy_revision"]) for line in loaded} == {(before, after)}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_sighup_reaches_every_worker_and_restarts_none(workers):
    with workers(GATEWAY_POLICY_RELOAD_INTERVAL_S="0") as server:
        change(server.policies)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("policies reloaded", WORKERS)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("policies are those in force", WORKERS)
        assert len(server.revisions()) == 1
        assert len(server.lines("Application startup complete")) == WORKERS


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_wrong_file_stops_no_worker_and_one_that_dies_waits_for_a_right_one(workers):
    with workers() as server:
        before = server.revisions()
        file = server.policies / "application.yaml"
        right = file.read_text()
        file.write_text("wrong")
        refused = server.wait_for("policies refused", WORKERS)
        assert server.revisions() == before
        server.kill_one_worker()
        not_started = server.wait_for("worker not started", 1)
        assert server.revisions() == before
        file.write_text(right)
        server.wait_for("Application startup complete", WORKERS + 1)
        assert server.revisions() == before
    assert {line["policy_revision"] for line in refused} == before
    assert all(line["level"] == "error" for line in refused)
    assert not_started[0]["finding"].startswith(f"{file}:1: ")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_every_worker_answers_with_the_metrics_of_all(workers):
    with workers(GATEWAY_METRICS="on") as server:
        [revision] = server.revisions()
        for _ in range(30):
            httpx.get(f"{server.url}/api/v1/candidates")
        counted = 'gateway_requests_total{operation="list_candidates",status="401"} 30.0'
        for _ in range(20):
            assert counted in server.metrics()
        assert f'gateway_policy_workers{{revision="{revision}"}} 2.0' in server.metrics()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_worker_that_died_is_replaced_and_no_longer_counted_as_living(workers):
    with workers(GATEWAY_METRICS="on") as server:
        [revision] = server.revisions()
        server.kill_one_worker()
        server.wait_for("Application startup complete", WORKERS + 1)
        assert f'gateway_policy_workers{{revision="{revision}"}} 2.0' in server.metrics()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_disclosure_log_has_each_answer_once_over_rotations(workers, asked, tmp_path):
    path = tmp_path / "disclosures.jsonl"
    settings = {
        "GATEWAY_DISCLOSURE_LOG": str(path),
        "GATEWAY_DISCLOSURE_LOG_MAX_BYTES": "20000",
        "GATEWAY_DISCLOSURE_LOG_KEEP": "0",
    }
    with workers(**settings) as server, asked(server.url, rounds=8) as given:
        pass
    lines = list(History(path).lines())
    assert len(rotated(path)) > 3
    assert Counter(line["request_id"] for line in lines) == Counter(given.keys())
    for line in lines:
        answer = given[line["request_id"]]
        listed = [entry["ids"].get("id", []) for entry in line["components"].values()]
        assert {one for ids in listed for one in ids} == set(ids_in(answer))


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_killed_worker_has_recorded_all_that_it_has_given(workers, asked, tmp_path):
    path = tmp_path / "disclosures.jsonl"
    with (
        workers(GATEWAY_DISCLOSURE_LOG=str(path)) as server,
        asked(server.url, rounds=8) as given,
    ):
        while path.read_bytes().count(b"\n") < 50:
            time.sleep(0.01)
        server.kill_one_worker()
    recorded = Counter(line["request_id"] for line in History(path).lines())
    assert len(given) > 50
    assert set(given) <= set(recorded)
    assert set(recorded.values()) == {1}
