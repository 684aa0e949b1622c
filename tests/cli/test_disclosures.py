"""`gateway disclosures`: who was given what of a candidate, told from the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def line(time: str, token: str, request_id: str, account: str = "acct_1", *fields: str) -> str:
    entry = {"ids": {"id": ["cand_1", "cand_2"]}, "fields": list(fields or ("id",))}
    return json.dumps(
        {
            "time": f"2026-01-{time}T10:00:00.000Z",
            "request_id": request_id,
            "account": account,
            "token": token,
            "operation": "list_candidates",
            "scopes": ["candidates:read"],
            "policy_revision": "abc",
            "components": {"Candidate": entry},
        }
    )


@pytest.fixture
def log(tmp_path, monkeypatch) -> Path:
    """A log of four answers, the oldest in a file that was put aside."""
    path = tmp_path / "disclosures.jsonl"
    monkeypatch.setenv("GATEWAY_DISCLOSURE_LOG", str(path))
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")
    path.with_name("disclosures.jsonl.1").write_text(line("01", "tok_1", "r1") + "\n")
    texts = [
        line("02", "tok_1", "r2"),
        line("03", "tok_2", "r3", "acct_1", "id", "email"),
        line("04", "tok_3", "r4", "acct_2"),
    ]
    path.write_text("\n".join(texts) + "\n")
    return path


def test_it_tells_which_token_was_given_which_fields_and_when(gateway, log):
    shown = gateway.done("disclosures", "--candidate", "cand_1", "--account", "acct_1")
    headings, *rows = (row.split() for row in shown.splitlines())
    assert headings == ["TOKEN", "ACCOUNT", "OF", "TIMES", "FIRST", "LAST", "FIELDS"]
    first, third = "2026-01-01T10:00:00.000Z", "2026-01-03T10:00:00.000Z"
    assert rows == [
        ["tok_1", "acct_1", "Candidate", "2", first, "2026-01-02T10:00:00.000Z", "id"],
        ["tok_2", "acct_1", "Candidate", "1", third, third, "id,", "email"],
    ]


def test_as_json_each_disclosure_is_told(gateway, log):
    groups = gateway.json("disclosures", "--candidate", "cand_2")
    assert [group["token"] for group in groups] == ["tok_1", "tok_2", "tok_3"]
    assert groups[1] == {
        "account": "acct_1",
        "token": "tok_2",
        "component": "Candidate",
        "fields": ["id", "email"],
        "disclosures": [
            {
                "time": "2026-01-03T10:00:00.000Z",
                "operation": "list_candidates",
                "scopes": ["candidates:read"],
                "request_id": "r3",
                "policy_revision": "abc",
            }
        ],
    }


def test_of_whom_nothing_was_given_nothing_is_told(gateway, log):
    assert gateway.json("disclosures", "--candidate", "cand_9") == []
    shown = gateway("disclosures", "--candidate", "cand_9")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert shown.stderr == "the log has no disclosure of `cand_9`\n"


def test_damaged_lines_are_told_of(gateway, log):
    with log.open("a") as file:
        file.write('{"cut": \n')
    shown = gateway("disclosures", "--candidate", "cand_1", "--json")
    assert shown.exit_code == 0
    assert shown.stderr == "passed over 1 damaged lines\n"


def test_without_a_log_it_says_what_to_set(gateway, monkeypatch):
    monkeypatch.delenv("GATEWAY_DISCLOSURE_LOG", raising=False)
    said = gateway.refusal("disclosures", "--candidate", "cand_1")
    assert said == "there is no disclosure log; set `GATEWAY_DISCLOSURE_LOG` to its file"


def test_a_log_that_is_not_there_is_refused(gateway, log):
    for path in (log, log.with_name(log.name + ".1")):
        path.unlink()
    said = gateway.refusal("disclosures", "--candidate", "cand_1")
    assert said.startswith("the disclosure log cannot be read: No such file")
