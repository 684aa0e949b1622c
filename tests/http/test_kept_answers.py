"""Answers are kept, and nobody can tell but by the clock.

Each test asks twice, so that an answer is kept, and then changes something: the next answer must be
as if none had been.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from shutil import copyfile

import pytest

from gateway import accounts, tokens
from gateway.audit import SYSTEM
from gateway.reading.plan import Statement
from models import Application, Token

PATHS = [
    "/job_postings",
    "/job_postings?status=published",
    "/job_postings/job_abc123",
    "/job_postings/job_abc123/stages",
    "/candidates",
    "/candidates?search=john",
    "/candidates/cand_ghi789",
    "/applications",
    "/applications?status=active&job_posting_id=job_abc123",
    "/applications/app_jkl012",
]


def warm(gateway, secret: str, path: str) -> str:
    """Ask for *path* until its answer is kept; return it."""
    first, second = (gateway.get(path, secret) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    return first.text


def renamed(reference, record_type: str, **changes) -> dict:
    record = next(one for one in reference if one["type"] == record_type)
    return {**record, **changes}


@pytest.mark.parametrize("path", PATHS)
def test_what_is_kept_is_not_read_again(gateway, full, path, monkeypatch):
    warm(gateway, full, path)
    ran: list[str] = []
    bound = Statement.bound
    monkeypatch.setattr(
        Statement, "bound", lambda self, values: ran.append(self.sql) or bound(self, values)
    )
    gateway.get(path, full)
    tables = [sql for sql in ran if '"token"' not in sql]
    assert tables == []


@pytest.mark.parametrize("path", PATHS)
def test_without_room_everything_is_read(start, reference, path, monkeypatch):
    gateway = start(answer_cache_bytes=0)
    account = gateway.account()
    gateway.load(account, *reference)
    secret = gateway.token(account, "applications:read", "candidates:read", "job_postings:read")
    warm(gateway, secret, path)
    ran: list[str] = []
    bound = Statement.bound
    monkeypatch.setattr(
        Statement, "bound", lambda self, values: ran.append(self.sql) or bound(self, values)
    )
    gateway.get(path, secret)
    assert [sql for sql in ran if '"token"' not in sql]


def test_a_write_is_seen_by_the_next_request(gateway, acme, full, reference):
    for path in PATHS:
        warm(gateway, full, path)
    gateway.load(
        acme,
        renamed(reference, "job_posting", title="Changed posting"),
        renamed(reference, "stage", name="Changed stage"),
        renamed(reference, "candidate", first_name="Johnny"),
        renamed(reference, "application", updated_at="2026-03-01T00:00:00Z"),
    )
    seen = {path: gateway.get(path, full).text for path in PATHS}
    for path, text in seen.items():
        changes = ("Changed posting", "Changed stage", "Johnny", "2026-03-01")
        assert any(change in text for change in changes), path


@pytest.mark.parametrize(
    ("record_type", "changes", "path"),
    [
        ("job_posting", {"title": "Changed"}, "/job_postings/job_abc123"),
        ("stage", {"name": "Changed"}, "/job_postings/job_abc123/stages"),
        ("candidate", {"first_name": "Changed"}, "/candidates/cand_ghi789"),
        ("application", {"updated_at": "2026-03-01T00:00:00Z"}, "/applications/app_jkl012"),
        ("stage_progress", {"completed_at": "2026-03-01T00:00:00Z"}, "/applications/app_jkl012"),
    ],
)
def test_a_write_of_each_type_is_seen_by_the_next_request(
    gateway, acme, full, reference, record_type, changes, path
):
    """Alone in an import: the revision grows whatever was written."""
    [change] = changes.values()
    assert change not in warm(gateway, full, path)
    gateway.load(acme, renamed(reference, record_type, **changes))
    assert change in gateway.get(path, full).text


def test_a_write_to_another_account_changes_nothing(gateway, full, reference):
    before = warm(gateway, full, "/applications")
    other = gateway.account("Other")
    gateway.load(other, *reference, renamed(reference, "candidate", id="cand_2"))
    assert gateway.get("/applications", full).text == before


def test_two_accounts_with_the_same_data_have_answers_of_their_own(gateway, full, reference):
    before = {path: warm(gateway, full, path) for path in PATHS}
    changes = {
        "candidate": {"first_name": "Joan"},
        "job_posting": {"title": "Elsewhere"},
        "stage": {"name": "Elsewhere"},
    }
    other = gateway.account("Other")
    # In one import: their data is of the same revision as ours.
    gateway.load(other, *[{**one, **changes.get(one["type"], {})} for one in reference])
    secret = gateway.token(other, "applications:read", "candidates:read", "job_postings:read")
    for path, text in before.items():
        theirs = warm(gateway, secret, path)
        assert theirs != text, path
        assert "Joan" in theirs or "Elsewhere" in theirs, path
        assert gateway.get(path, full).text == text


def test_tokens_with_other_scopes_have_answers_of_their_own(gateway, acme, full, followers):
    whole = warm(gateway, full, "/applications")
    redacted = warm(gateway, followers, "/applications")
    assert "john@example.com" in whole
    assert "john@example.com" not in redacted
    assert gateway.get("/applications", full).text == whole


def test_a_change_of_scopes_binds_at_once(gateway, acme, full):
    warm(gateway, full, "/applications")
    token = Token.get(Token.digest == tokens.digest(full))
    token.scopes = "applications:read"
    token.save()
    assert "john@example.com" not in gateway.get("/applications", full).text


def test_a_revocation_binds_at_once(gateway, full):
    warm(gateway, full, "/applications")
    token = Token.get(Token.digest == tokens.digest(full))
    token.revoked_at = int(gateway.clock())
    token.save()
    assert gateway.get("/applications", full).status_code == 401


def test_an_expiry_binds_at_once(gateway, acme):
    secret = gateway.token(acme, "applications:read", expires_at="2026-05-28T20:27:40Z")
    warm(gateway, secret, "/applications")
    gateway.clock.now += 60
    assert gateway.get("/applications", secret).status_code == 401


def test_the_deletion_of_an_account_binds_at_once(gateway, acme, full):
    warm(gateway, full, "/applications")
    accounts.delete_account(acme, by=SYSTEM, now=1)
    assert gateway.get("/applications", full).status_code == 401


def test_the_use_of_a_token_is_noted_when_its_answer_was_kept(gateway, acme, full):
    warm(gateway, full, "/applications")
    gateway.clock.now += 1_000
    gateway.get("/applications", full)
    second = gateway.token(acme, "applications:read")
    gateway.get("/applications", second)
    gateway.clock.now += 1_000
    assert gateway.get("/applications", second).status_code == 200
    # The token's own document is never kept.
    uses = []
    for _ in range(100):
        uses.append(gateway.get("/token", full).json()["last_used_at"])
        if len(set(uses)) > 1:
            break
        gateway.clock.now += 10
    assert len(set(uses)) > 1


def test_what_was_kept_of_a_file_that_was_replaced_is_forgotten(
    dialect, gateway, acme, full, database_url
):
    """A restored file may have a revision that it had before, with other data."""
    if dialect == "postgres":
        return
    before = warm(gateway, full, "/applications/app_jkl012")
    path = Path(database_url.removeprefix("sqlite:///"))
    gateway.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.with_suffix(".restored")
    copyfile(path, copy)
    with sqlite3.connect(copy) as other:
        other.execute("UPDATE application SET updated_at = updated_at + 86400")
    other.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    copy.rename(path)
    after = gateway.get("/applications/app_jkl012", full).text
    assert json.loads(after)["updated_at"] != json.loads(before)["updated_at"]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/candidates/cand_new", {"type": "candidate", "id": "cand_new"}),
        ("/job_postings/job_new/stages", {"type": "job_posting", "id": "job_new"}),
    ],
)
def test_a_row_that_comes_is_found_by_the_next_request(
    gateway, acme, full, reference, path, written
):
    missing = [gateway.get(path, full) for _ in range(2)]
    assert [one.status_code for one in missing] == [404, 404]
    assert missing[0].json()["detail"] == missing[1].json()["detail"]
    gateway.load(acme, renamed(reference, written["type"], id=written["id"]))
    assert gateway.get(path, full).status_code == 200


def test_guessed_ids_push_out_no_answer(start, reference, monkeypatch):
    gateway = start(answer_cache_bytes=100_000)
    account = gateway.account()
    gateway.load(account, *reference)
    secret = gateway.token(account, "applications:read")
    warm(gateway, secret, "/applications")
    for number in range(300):
        assert gateway.get(f"/applications/app_{number}", secret).status_code == 404
    ran: list[str] = []
    bound = Statement.bound
    monkeypatch.setattr(
        Statement, "bound", lambda self, values: ran.append(self.sql) or bound(self, values)
    )
    gateway.get("/applications", secret)
    assert [sql for sql in ran if '"token"' not in sql] == []


def test_a_row_that_is_no_more_is_not_found(gateway, acme, full):
    """Nothing deletes single rows yet; whatever does must grow the account's revision."""
    warm(gateway, full, "/applications/app_jkl012")
    Application.delete().where(Application.account == acme).execute()
    acme.revision = type(acme).revision + 1
    acme.save(only=[type(acme).revision])
    assert gateway.get("/applications/app_jkl012", full).status_code == 404
