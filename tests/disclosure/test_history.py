"""Who was given what of one record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.disclosure import History


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "disclosures.jsonl"


def line(token: str = "tok_1", account: str = "acct_1", **components) -> str:
    return json.dumps(
        {
            "time": "2026-01-15T10:00:00.000Z",
            "request_id": "r1",
            "account": account,
            "token": token,
            "operation": "get_application",
            "scopes": ["applications:read"],
            "policy_revision": "abc",
            "components": components,
        }
    )


def entry(*fields: str, **ids: list[str]) -> dict:
    return {"ids": ids, "fields": list(fields)}


def test_a_record_is_found_by_its_id_and_by_others_that_name_it(path):
    path.write_text(
        line(
            Application=entry("id", "candidate_id", id=["app_1"], candidate_id=["cand_1"]),
            ApplicationCandidate=entry("id", id=["cand_1"]),
            StageProgress=entry("id", id=["sp_1"]),
        )
        + "\n"
    )
    found = [(one.component, one.fields) for one in History(path).of("cand_1")]
    assert found == [("Application", ("id", "candidate_id")), ("ApplicationCandidate", ("id",))]


def test_an_id_that_another_one_begins_with_is_not_it(path):
    path.write_text(line(Candidate=entry("id", id=["cand_11"])) + "\n")
    assert list(History(path).of("cand_1")) == []


def test_it_keeps_to_an_account(path):
    texts = [
        line(token, account, Candidate=entry("id", id=["cand_1"]))
        for token, account in [("tok_1", "acct_1"), ("tok_2", "acct_2")]
    ]
    path.write_text("\n".join(texts) + "\n")
    assert [one.token for one in History(path).of("cand_1", "acct_2")] == ["tok_2"]
    assert [one.token for one in History(path).of("cand_1")] == ["tok_1", "tok_2"]


def test_files_are_read_from_the_oldest_on(path):
    for number, name in enumerate(["disclosures.jsonl.9", "disclosures.jsonl.10", path.name]):
        text = line(f"tok_{number}", Candidate=entry("id", id=["cand_1"]))
        path.with_name(name).write_text(text + "\n")
    assert [one.token for one in History(path).of("cand_1")] == ["tok_0", "tok_1", "tok_2"]


def test_between_two_files_there_may_be_no_current_one(path):
    path.with_name(path.name + ".1").write_text(line() + "\n")
    assert len(list(History(path).lines())) == 1


def test_a_log_that_is_not_there_is_an_error(path):
    with pytest.raises(FileNotFoundError):
        list(History(path).lines())


def test_a_damaged_line_is_counted(path):
    path.write_text("{broken}\n" + line() + "\n\n")
    history = History(path)
    assert len(list(history.lines())) == 1
    assert history.damaged == 2
