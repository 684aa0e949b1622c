"""Guards the contract's "Authentication" and "Account": who is let in, and to what."""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic, sleep

import httpx
import pytest
from peewee import PostgresqlDatabase

from gateway import accounts, tokens
from gateway.audit import SYSTEM
from gateway.database import SqlitePool
from gateway.errors import Unauthorized
from gateway.execution import Executor
from gateway.lookup import SOUGHT
from gateway.roles import Role
from gateway.security import Authenticator
from models import Token

PATHS = [
    "/job_postings",
    "/job_postings/job_abc123",
    "/job_postings/job_abc123/stages",
    "/candidates",
    "/candidates/cand_ghi789",
    "/applications",
    "/applications/app_jkl012",
    "/token",
]
NOW = 1_780_000_000
SCOPE_OF = {
    "/job_postings": "job_postings:read",
    "/candidates": "candidates:read",
    "/applications": "applications:read",
}


def scope_of(path: str) -> str | None:
    return next((scope for start, scope in SCOPE_OF.items() if path.startswith(start)), None)


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_every_operation_is_401(gateway, path):
    answer = gateway.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token", "TOKEN  "])
def test_both_header_forms_are_accepted(gateway, full, scheme):
    answer = gateway.get("/token", headers={"Authorization": f"{scheme} {full}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "value",
    ["{0}", "Basic {0}", "Bearer {0} x", "Bearer", "Bearer {0}0", "Token {1}", "Bearer {0},{0}"],
)
def test_anything_else_presented_is_401_with_invalid_token(gateway, full, value):
    header = value.format(full, full.upper())
    answer = gateway.get("/token", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert full not in answer.text


def test_two_headers_are_401(gateway, full):
    header = ("Authorization", f"Bearer {full}")
    answer = gateway.client.get("/api/v1/token", headers=[header, header])
    assert answer.status_code == 401


def test_unknown_expired_and_revoked_tokens_get_one_and_the_same_answer(gateway, acme):
    expiring = gateway.token(acme, expires_at="2026-05-29T00:00:00Z")
    revoked = gateway.token(acme)
    tokens.revoke(Token.get(Token.digest == tokens.digest(revoked)), by=SYSTEM, now=0)
    gateway.clock.now += 86_400
    answers = [gateway.get("/token", secret) for secret in ("0" * 32, expiring, revoked)]
    bodies = []
    for answer in answers:
        assert answer.status_code == 401
        body = answer.json()
        assert body.pop("request_id") == answer.headers["X-Request-Id"]
        bodies.append(body)
    assert bodies[0] == bodies[1] == bodies[2]
    assert all(word in bodies[0]["detail"] for word in ("unknown", "expired", "revoked"))


def test_a_token_expires_to_the_second(gateway, acme):
    secret = gateway.token(acme, expires_at="2026-05-28T20:27:40Z")
    gateway.clock.now += 59.9
    assert gateway.get("/token", secret).status_code == 200
    gateway.clock.now += 0.1
    assert gateway.get("/token", secret).status_code == 401


def test_revocation_binds_from_the_next_request_on(gateway, acme, full):
    assert gateway.get("/token", full).status_code == 200
    tokens.revoke(Token.get(Token.digest == tokens.digest(full)), by=SYSTEM, now=1)
    assert gateway.get("/token", full).status_code == 401


def rotated(gateway, secret: str, keep_old_hours: int) -> str:
    """Rotate the token that has *secret* or had it before; return its new secret."""
    found = tokens.digest(secret)
    token = Token.get((Token.digest == found) | (Token.previous_digest == found))
    _, new = tokens.rotate(
        token, keep_old_hours=keep_old_hours, by=SYSTEM, now=int(gateway.clock())
    )
    return new


def test_a_rotation_binds_from_the_next_request_on(gateway, full):
    new = rotated(gateway, full, 0)
    assert gateway.get("/candidates", new).status_code == 200
    assert gateway.get("/candidates", full).status_code == 401


@pytest.mark.parametrize("hours", [1, 24])
def test_a_kept_secret_is_the_same_token_until_its_time_to_the_second(gateway, full, hours):
    token_id = gateway.get("/token", full).json()["id"]
    new = rotated(gateway, full, hours)
    gateway.clock.now += hours * 3_600 - 0.1
    assert [gateway.get("/token", one).json()["id"] for one in (full, new)] == [token_id] * 2
    gateway.clock.now += 0.1
    assert [gateway.get("/token", one).status_code for one in (full, new)] == [401, 200]


def test_an_ended_secret_is_told_from_an_unknown_one_by_nothing(gateway, full):
    rotated(gateway, full, 1)
    gateway.clock.now += 3_600
    bodies = [gateway.get("/token", secret).json() for secret in (full, "0" * 32)]
    assert all(body.pop("request_id") for body in bodies)
    assert bodies[0] == bodies[1]


def test_a_second_rotation_ends_the_secret_that_the_first_one_kept(gateway, full):
    second = rotated(gateway, full, 24)
    third = rotated(gateway, second, 24)
    answers = [gateway.get("/token", one).status_code for one in (full, second, third)]
    assert answers == [401, 200, 200]


def test_a_kept_secret_can_be_ended_at_once(gateway, full):
    new = rotated(gateway, full, 24)
    tokens.end_previous(Token.get(Token.digest == tokens.digest(new)), by=SYSTEM, now=1)
    assert [gateway.get("/token", one).status_code for one in (full, new)] == [401, 200]


def test_revocation_ends_both_secrets(gateway, full):
    new = rotated(gateway, full, 24)
    tokens.revoke(Token.get(Token.digest == tokens.digest(new)), by=SYSTEM, now=1)
    assert [gateway.get("/token", one).status_code for one in (full, new)] == [401, 401]


def test_expiry_ends_both_secrets(gateway, acme):
    old = gateway.token(acme, expires_at="2026-05-28T20:27:40Z")
    new = rotated(gateway, old, 24)
    gateway.clock.now += 60
    assert [gateway.get("/token", one).status_code for one in (old, new)] == [401, 401]


def test_any_secret_is_looked_for_by_one_statement(db, monkeypatch):
    """To refuse an unknown one takes no second way to the database."""
    authenticator = Authenticator(Executor(db), lambda: NOW)
    statements = []
    execute = Executor.run_blocking if isinstance(db, SqlitePool) else Executor.run

    def counted(self, work, **options):
        return execute(self, lambda query: work(partial(noted, query)), **options)

    def noted(query, sql, parameters):
        statements.append(sql)
        return query(sql, parameters)

    monkeypatch.setattr(Executor, execute.__name__, counted)
    with pytest.raises(Unauthorized):
        asyncio.run(authenticator.required([(b"authorization", b"Bearer " + b"0" * 32)]))
    assert sum("token" in sql for sql in statements) == 1


def test_both_secrets_of_a_token_are_found_by_an_index(db, gateway):
    for number in range(20):  # none of which is rotated
        gateway.token(gateway.account(f"Account {number}"))
    db.execute_sql("ANALYZE")
    statement = Authenticator(Executor(db), lambda: NOW)._tokens.statement
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("SET enable_seqscan = off")  # of an empty table a scan is the cheapest
        prefix, sought = "EXPLAIN", ["0" * 64, "1" * 64]
    else:
        prefix, sought = "EXPLAIN QUERY PLAN", "0" * 64
    asked = (f"{prefix} {statement.sql}", statement.bound({SOUGHT: sought}))
    found = repr(db.execute_sql(*asked).fetchall())
    for index in ("token_digest", "token_previous_digest"):
        assert index in found
    assert "SCAN" not in found
    assert "Seq Scan" not in found


def test_a_change_of_scopes_binds_from_the_next_request_on(gateway, followers):
    token = Token.get(Token.digest == tokens.digest(followers))
    assert gateway.get("/candidates", followers).status_code == 403
    known = ("applications:read", "candidates:read")
    tokens.update(token, scopes=["candidates:read"], by=SYSTEM, now=0, known_scopes=known)
    assert gateway.get("/candidates", followers).status_code == 200
    assert gateway.get("/applications", followers).status_code == 403


def test_removing_a_member_binds_from_the_next_request_on_and_for_good(gateway, acme, full):
    owner = gateway.owners[acme.public_id]
    accounts.remove_member(acme, owner, by=SYSTEM, now=1)
    assert gateway.get("/token", full).status_code == 401
    accounts.add_member(acme, owner, Role.MEMBER, by=SYSTEM, now=2)
    assert gateway.get("/token", full).status_code == 401


def test_deleting_an_account_ends_its_tokens(gateway, acme, full):
    accounts.delete_account(acme, by=SYSTEM, now=1)
    assert gateway.get("/token", full).status_code == 401


@pytest.mark.parametrize("path", [path for path in PATHS if scope_of(path)])
def test_a_token_without_the_scope_is_403_that_names_it(gateway, acme, path):
    needed = scope_of(path)
    others = [scope for scope in SCOPE_OF.values() if scope != needed]
    answer = gateway.get(path, gateway.token(acme, *others))
    assert answer.status_code == 403
    assert answer.json()["required_scopes"] == [needed]
    challenge = f'Bearer error="insufficient_scope", scope="{needed}"'
    assert answer.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize("path", PATHS)
def test_a_token_without_scopes_reaches_its_own_description_alone(gateway, acme, path):
    expected = 200 if path == "/token" else 403
    assert gateway.get(path, gateway.token(acme)).status_code == expected


def test_403_does_not_tell_what_exists(gateway, acme):
    secret = gateway.token(acme)
    bodies = []
    for candidate in ("cand_ghi789", "cand_nobody", "42"):
        body = gateway.get(f"/candidates/{candidate}?x=1", secret).json()
        assert body["status"] == 403
        bodies.append({key: body[key] for key in body if key != "request_id"})
    assert bodies[0] == bodies[1] == bodies[2]


def test_checks_come_in_their_order(gateway, acme):
    """Route, token, scope, parameters, existence: each hides the ones after it."""
    no_scope, full = gateway.token(acme), gateway.token(acme, *SCOPE_OF.values())

    def status(path: str, secret: str | None, method: str = "GET") -> int:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return gateway.client.request(method, f"/api/v1{path}", headers=headers).status_code

    assert status("/nothing?x=1", None) == 404
    assert status("/candidates/cand_no?x=1", None, "POST") == 405
    assert status("/candidates/cand_no?x=1", None) == 401
    assert status("/candidates/cand_no?x=1", no_scope) == 403
    assert status("/candidates/cand_no?x=1", full) == 400
    assert status("/candidates/cand_no", full) == 404


def test_the_own_token_is_described_in_order_and_without_the_secret(gateway, acme):
    secret = gateway.token(acme, "applications:read", "job_postings:read")
    answer = gateway.get("/token", secret)
    row = Token.get(Token.digest == tokens.digest(secret))
    assert list(answer.json().items()) == [
        ("id", row.public_id),
        ("name", "test"),
        ("account_id", acme.public_id),
        ("account_name", "Acme"),
        ("scopes", ["applications:read", "job_postings:read"]),
        ("created_at", "2026-05-28T20:26:40Z"),
        ("expires_at", None),
        ("last_used_at", None),
    ]
    assert secret not in answer.text


def wait_until_used(secret: str, expected: int | None) -> int | None:
    """Return the token's last use, once it is *expected* or two seconds have passed."""
    deadline = monotonic() + 2
    while True:
        used = Token.get(Token.digest == tokens.digest(secret)).last_used_at
        if used == expected or monotonic() > deadline:
            return used
        sleep(0.02)


def test_success_is_noted_as_the_last_use_and_seen_by_the_next_request(gateway, full):
    used_at = int(gateway.clock.now)
    assert gateway.get("/candidates", full).status_code == 200
    assert wait_until_used(full, used_at) == used_at
    gateway.clock.now += 60
    assert gateway.get("/token", full).json()["last_used_at"] == "2026-05-28T20:26:40Z"
    assert wait_until_used(full, used_at + 60) == used_at + 60


@pytest.mark.parametrize("path", ["/candidates?page=0", "/candidates/cand_no", "/nothing"])
def test_a_refused_request_is_no_use(gateway, acme, full, path):
    used_at = int(gateway.clock.now)
    assert gateway.get("/token", full).status_code == 200
    gateway.clock.now += 60
    assert gateway.get(path, full).status_code >= 400
    # A second token's use is written after the first's: once it is there, nothing is pending.
    later = gateway.token(acme)
    assert gateway.get("/token", later).status_code == 200
    assert wait_until_used(later, used_at + 60) == used_at + 60
    assert wait_until_used(full, used_at) == used_at


def test_another_account_is_not_there(gateway, acme, full):
    other = gateway.account("Other")
    secret = gateway.token(other, *SCOPE_OF.values())
    for path in PATHS[:-1]:
        answer = gateway.get(path, secret)
        if path in SCOPE_OF:
            assert answer.json()["data"] == []
            assert answer.json()["pagination"]["total_count"] == 0
        else:
            assert answer.status_code == 404
    filtered = gateway.get("/applications?job_posting_id=job_abc123", secret)
    assert filtered.json()["pagination"]["total_count"] == 0


def test_the_same_data_lives_in_two_accounts(gateway, acme, full, reference):
    other = gateway.account("Other")
    changed = [{**r, "first_name": "Jane"} if r["id"] == "cand_ghi789" else r for r in reference]
    gateway.load(other, *changed)
    theirs = gateway.token(other, *SCOPE_OF.values())
    names = [
        gateway.get("/candidates/cand_ghi789", secret).json()["first_name"]
        for secret in (full, theirs)
    ]
    assert names == ["John", "Jane"]


@pytest.mark.parametrize("kind", ["job_postings", "candidates", "applications"])
def test_foreign_missing_and_malformed_ids_differ_in_nothing_but_the_id(gateway, full, kind):
    other = gateway.account("Other")
    job = {
        "type": "job_posting",
        "id": "job_foreign",
        "title": "T",
        "status": "draft",
        "employment_type": "full_time",
        "remote": False,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    gateway.load(other, job)
    ids = ["job_foreign", "job_missing", "42", "JOB_abc123", "job_abc123'--", "%00", "é", "a" * 500]
    seen = set()
    for one in ids:
        answer: httpx.Response = gateway.get(f"/{kind}/{one}", full)
        assert answer.status_code == 404, one
        body = answer.json()
        assert body.pop("request_id") == answer.headers["X-Request-Id"]
        assert len(body["detail"]) < 150
        shown = httpx.URL(f"http://x/{one}").path.removeprefix("/")
        if len(shown) > 100:
            shown = shown[:99] + "…"
        body["detail"] = body["detail"].replace(shown, "ID")
        names = sorted(name for name in answer.headers if name != "content-length")
        seen.add((repr(body), tuple(names)))
    assert len(seen) == 1, seen
