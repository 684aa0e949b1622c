"""`gateway import`. What is right and wrong in a record is tested in tests/ingest."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "examples" / "reference.jsonl"
RECORDS = [json.loads(line) for line in REFERENCE.read_text().splitlines()]

POSTING = {
    "type": "job_posting",
    "id": "job_new",
    "title": "Gardener",
    "status": "draft",
    "employment_type": "part_time",
    "remote": False,
    "created_at": "2026-01-10T08:30:00Z",
    "updated_at": "2026-01-10T08:30:00Z",
}
LINE = json.dumps(POSTING)


def created(report: dict) -> dict[str, int]:
    return {name: counts["created"] for name, counts in report["records"].items()}


def test_it_says_what_became_of_the_records_by_type(gateway, account, stored):
    report = gateway.json("import", str(REFERENCE), "--account", account)
    assert list(report) == ["dry_run", "records", "seconds", "rows_per_second"]
    assert report["dry_run"] is False
    assert created(report) == {
        name: sum(record["type"] == name for record in RECORDS) for name in report["records"]
    }
    assert "job_abc123" in stored()


def test_the_table_ends_with_rows_per_second(gateway, account):
    lines = gateway.done("import", str(REFERENCE), "--account", account).splitlines()
    assert lines[0].split() == ["TYPE", "CREATED", "UPDATED", "UNCHANGED"]
    assert lines[1].split() == ["job_posting", "1", "0", "0"]
    assert lines[-1].startswith(f"{len(RECORDS)} rows in ")
    assert lines[-1].endswith(" rows/s")


def test_it_may_be_repeated(gateway, account):
    gateway.done("import", str(REFERENCE), "--account", account)
    report = gateway.json("import", str(REFERENCE), "--account", account)
    assert sum(created(report).values()) == 0
    assert report["records"]["job_posting"] == {"created": 0, "updated": 0, "unchanged": 1}


def test_several_files_are_one_import(gateway, account, tmp_path):
    (tmp_path / "new.jsonl").write_text(LINE + "\n")
    words = ("import", str(REFERENCE), str(tmp_path / "new.jsonl"), "--account", account)
    assert created(gateway.json(*words))["job_posting"] == 2


def test_a_dry_run_says_what_would_be_and_stores_nothing(gateway, account, stored):
    before = stored()
    words = ("import", str(REFERENCE), "--account", account, "--dry-run")
    assert gateway.json(*words)["dry_run"] is True
    assert gateway.done(*words).endswith("; nothing was stored: a dry run")
    assert stored() == before


def test_stdin_is_read_where_a_dash_stands(gateway, account, stored):
    gateway.done("import", "-", "--account", account, stdin=LINE + "\n")
    assert "job_new" in stored()


def test_a_refusal_names_file_and_line_and_stores_nothing(gateway, account, tmp_path, stored):
    before = stored()
    path = tmp_path / "bad.jsonl"
    path.write_text(f'{LINE}\n{{"type": "job_postin"}}\nnot json\n')
    lines = gateway.refusal("import", str(path), "--account", account).splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}:2", f"{path}:3"]
    assert stored() == before


def test_in_messages_stdin_is_a_dash(gateway, account):
    assert gateway.refusal("import", "-", "--account", account, stdin="x").startswith("-:1: ")


def test_a_file_that_is_not_there_is_named(gateway, account, tmp_path):
    path = tmp_path / "nothing.jsonl"
    refusal = gateway.refusal("import", str(path), "--account", account)
    assert refusal.startswith(f"{path}: cannot be read")


def test_an_unknown_account_is_refused(gateway, stored):
    refusal = gateway.refusal("import", str(REFERENCE), "--account", "acct_x")
    assert refusal.startswith("no account `acct_x`")


@pytest.mark.parametrize("words", [[str(REFERENCE)], ["--account", "acct_x"]])
def test_without_a_file_or_an_account_it_is_wrong_usage(gateway, words):
    assert gateway("import", *words).exit_code == 2


def test_the_schema_is_printed_without_a_database(gateway, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    validator = jsonschema_rs.validator_for(json.loads(gateway.done("import", "--schema")))
    assert all(validator.is_valid(record) for record in RECORDS)
    assert not validator.is_valid({**POSTING, "status": "Draft"})


def test_no_events_keeps_webhooks_from_being_told(gateway, account, stored):
    gateway.done("import", str(REFERENCE), "--account", account, "--no-events")
    assert "job_abc123" in stored()
    assert "application.created" not in stored()


def test_webhooks_are_told_of_an_import(gateway, account, stored):
    gateway.done("import", str(REFERENCE), "--account", account)
    assert "application.created" in stored()
