"""Guards the disclosure log: every answer with data is in it before it is given, and no data is."""

from __future__ import annotations

import fcntl
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.disclosure import DisclosureLog, History
from gateway.exchange import send_reply
from gateway.protocol import Protocol
from gateway.stack import GuardedResponse

PERSONAL = ("John", "Doe", "john@example.com", "555-0100", "johndoe", "Senior Rails", "Interview")


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "disclosures.jsonl"


@pytest.fixture
def recording(start, path):
    """A gateway that records."""
    return start(disclosure_log=path, metrics=True)


@pytest.fixture
def library_settings(path) -> dict:
    return {"disclosure_log": path}


@pytest.fixture
def home(recording, reference):
    """An account that holds the reference's records."""
    account = recording.account()
    recording.load(account, *reference)
    return account


@pytest.fixture
def secret(recording, home) -> str:
    return recording.token(home, "applications:read", "candidates:read")


def lines(path: Path) -> list[dict]:
    return list(History(path).lines())


def test_an_answer_is_a_line_that_says_who_was_given_what(recording, home, secret, path):
    answer = recording.get("/applications/app_jkl012", secret)
    [line] = lines(path)
    components = line.pop("components")
    token = recording.get("/token", secret).json()["id"]
    assert line == {
        "time": "2026-05-28T20:26:40.000Z",
        "request_id": answer.headers["X-Request-Id"],
        "account": home.public_id,
        "token": token,
        "operation": "get_application",
        "scopes": ["applications:read", "candidates:read"],
        "policy_revision": answer.headers["X-Policy-Revision"],
    }
    assert components["ApplicationCandidate"] == {
        "ids": {"id": ["cand_ghi789"]},
        "fields": list(answer.json()["candidate"]),
    }
    assert components["StageProgress"]["ids"]["id"] == ["sp_mno345", "sp_pqr678"]


def test_fields_are_those_that_the_token_was_shown(recording, home, path):
    secret = recording.token(home, "applications:read")
    recording.get("/applications", secret)
    [line] = lines(path)
    assert line["components"]["ApplicationCandidate"]["fields"] == ["id"]
    assert "candidate.email" not in line["components"]["Application"]["fields"]


def test_no_value_is_in_the_log(recording, secret, path):
    for asked in ("/applications", "/candidates?search=john", "/candidates/cand_ghi789", "/token"):
        assert recording.get(asked, secret).status_code == 200
    text = path.read_text()
    assert len(text.splitlines()) == 4
    assert not [word for word in (*PERSONAL, secret) if word in text]


def test_what_gives_no_data_is_no_line(recording, secret, path):
    for asked in ("/job_postings", "/candidates/cand_none", "/candidates?page=0", "/nothing"):
        assert recording.get(asked, secret).status_code >= 400
    head = recording.client.head(
        "/api/v1/candidates", headers={"Authorization": f"Bearer {secret}"}
    )
    assert head.status_code == 200
    for asked in ("/readyz", "/metrics", "/api/v1/openapi.json"):
        assert recording.client.get(asked).status_code == 200
    assert not path.read_bytes()


def test_a_plain_document_of_a_handler_is_recorded_too(library, path):
    library("/holidays", "desk:read")
    [line] = lines(path)
    assert line["components"] == {"HolidayList": {"ids": {}, "fields": ["days"]}}


def test_an_answer_that_cannot_be_recorded_is_not_given(recording, secret, monkeypatch):
    async def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DisclosureLog, "write", full)
    with capture_logs() as logged:
        answer = recording.get("/candidates/cand_ghi789", secret)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert not [word for word in PERSONAL if word in answer.text]
    [line] = [one for one in logged if "disclosure log" in one["event"]]
    assert line["reason"] == "No space left on device"
    failures = "gateway_disclosure_log_failures_total 1.0"
    assert failures in recording.client.get("/metrics").text


def test_the_line_is_there_before_the_answer_leaves(start, path, reference, monkeypatch):
    lines_at_each_message = []

    class Watched(GuardedResponse):
        def wrap_send(self, send):
            async def watched(message):
                lines_at_each_message.append(len(lines(path)))
                await send(message)

            return super().wrap_send(watched)

    monkeypatch.setattr("gateway.stack.GuardedResponse", Watched)
    recording = start(disclosure_log=path, lane=False)
    account = recording.account()
    recording.load(account, *reference)
    recording.get("/candidates", recording.token(account, "candidates:read"))
    assert lines_at_each_message == [1, 1]


def test_the_line_is_there_before_the_answer_of_the_lane_leaves(
    start, path, reference, monkeypatch
):
    lines_at_each_answer = []

    def watch(write):
        def watched(*given):
            lines_at_each_answer.append(len(lines(path)))
            return write(*given)

        return watched

    monkeypatch.setattr("gateway.lane.send_reply", watch(send_reply))
    monkeypatch.setattr(Protocol, "_write", watch(Protocol._write))
    recording = start(disclosure_log=path)
    account = recording.account()
    recording.load(account, *reference)
    recording.get("/candidates", recording.token(account, "candidates:read"))
    assert lines_at_each_answer == [1]


def test_an_answer_waits_for_another_process_that_writes(start, path, reference):
    """It is recorded once, and given then."""
    recording = start(disclosure_log=path)
    account = recording.account()
    recording.load(account, *reference)
    secret = recording.token(account, "candidates:read")
    recording.get("/candidates", secret)
    with path.open("rb") as other, ThreadPoolExecutor() as threads:
        fcntl.flock(other, fcntl.LOCK_EX)
        asked = threads.submit(recording.get, "/candidates", secret)
        assert recording.client.get("/livez").status_code == 200
        assert not asked.done()
        fcntl.flock(other, fcntl.LOCK_UN)
        assert asked.result().status_code == 200
    assert len(lines(path)) == 2


def test_a_candidate_s_disclosures_are_found_wherever_it_was_embedded(recording, secret, path):
    for asked in ("/candidates", "/candidates/cand_ghi789", "/applications/app_jkl012", "/token"):
        recording.get(asked, secret)
    found = Counter(one.operation for one in History(path).of("cand_ghi789"))
    assert found == {"list_candidates": 1, "get_candidate": 1, "get_application": 2}
