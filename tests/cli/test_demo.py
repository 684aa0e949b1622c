"""`gateway demo`, without the server: what it loads, prints and keeps."""

import json
import os
import re
import shlex
import stat
from functools import partial
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher

import gateway.server
from gateway.cli.demo import _site
from gateway.database import connect
from gateway.tokens import digest
from gateway.webhooks.sealing import new_key
from ingest import demo as demo_data
from models import Account, Application, Event, Membership, Token, User


@pytest.fixture
def served(monkeypatch) -> list[dict]:
    """Return what would have been served, instead of serving it."""
    calls: list[dict] = []
    monkeypatch.setattr(gateway.server, "serve", lambda settings, **given: calls.append(given))
    return calls


@pytest.fixture
def demo(gateway, served, empty_database_url, tmp_path, monkeypatch):
    """Return a function that runs a small demo on a database without a schema."""
    monkeypatch.setattr("ingest.demo.accounts", partial(demo_data.accounts, scale=0.02))
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setattr("os.environ", os.environ.copy())  # the demo sets what it needs
    monkeypatch.chdir(tmp_path)

    def demo(*words: str) -> str:
        return gateway.done("demo", *words)

    return demo


@pytest.fixture
def rows(empty_database_url):
    """Return a function that runs a query of the models on the demo's database."""

    def rows(query) -> list:
        database = connect(empty_database_url)
        with database.connection_context():
            found = list(query)
        database.close_all()
        return found

    return rows


def credentials_file() -> Path:
    [path] = Path().rglob("*.demo.json")
    return path


def tokens_in(printed: str) -> list[str]:
    """Return the tokens in the order in which they are printed first."""
    return list(dict.fromkeys(re.findall(r"\b[0-9a-f]{32}\b", printed)))


def requests_in(printed: str) -> list[list[str]]:
    return [shlex.split(line) for line in printed.splitlines() if line.startswith("curl ")]


def test_it_loads_three_accounts_and_serves(demo, rows, served):
    demo("--port", "8123", "--host", "127.0.0.2", "--workers", "2")
    assert served == [{"host": "127.0.0.2", "port": 8123, "workers": 2}]
    accounts = rows(Account.select())
    assert len(accounts) == 3
    for account in accounts:
        assert rows(Application.select().where(Application.account == account).limit(1))
    assert {member.role for member in rows(Membership.select())} == {"admin"}
    assert not rows(Event.select().limit(1))


def test_it_prints_a_sign_in_and_two_tokens_of_one_account(demo, rows):
    printed = demo()
    full, limited = tokens_in(printed)
    by_digest = {token.digest: token for token in rows(Token.select())}
    assert by_digest[digest(full)].scopes == "applications:read candidates:read job_postings:read"
    assert by_digest[digest(limited)].scopes == "applications:read"
    assert len({token.account_id for token in by_digest.values()}) == 1
    [user] = rows(User.select())
    password = re.search(r"with the password (\S+)", printed)[1]
    assert user.email in printed
    assert PasswordHasher().verify(user.password_hash, password)


def test_the_requests_ask_for_a_list_and_for_one_application_twice(demo, rows):
    printed = demo("--port", "8123")
    full, limited = tokens_in(printed)
    listed, whole, redacted = requests_in(printed)
    assert [words[2] for words in (listed, whole, redacted)] == [
        f"Authorization: Bearer {token}" for token in (full, full, limited)
    ]
    assert listed[-1] == "http://127.0.0.1:8123/api/v1/job_postings?status=published"
    assert whole[-1] == redacted[-1]
    application_id = urlsplit(whole[-1]).path.rsplit("/", 1)[1]
    tokens = rows(Token.select())
    [application] = rows(Application.select().where(Application.public_id == application_id))
    assert application.account_id == tokens[0].account_id


def test_a_second_run_prints_the_same_and_loads_nothing(demo, rows, served):
    first = demo()
    before = len(rows(Token.select())), len(rows(Application.select()))
    assert demo() == first
    assert (len(rows(Token.select())), len(rows(Application.select()))) == before
    assert len(served) == 2


def test_its_secrets_are_in_a_file_for_its_owner_alone(demo):
    printed = demo()
    path = credentials_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(tokens_in(printed)) <= set(json.loads(path.read_text()).values())


def test_webhooks_can_be_tried_with_a_program_on_this_machine(demo, monkeypatch):
    served_with = []
    monkeypatch.setattr(gateway.server, "serve", lambda settings, **_: served_with.append(settings))
    demo()
    demo()
    first, second = served_with
    assert first.webhook_keys == second.webhook_keys
    assert first.webhook_keys == (json.loads(credentials_file().read_text())["webhook_key"],)
    assert [str(one) for one in first.webhook_allowed_networks] == ["127.0.0.0/8", "::1/128"]
    assert first.webhook_plain_http


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "demo.example.com", "192.0.2.1"])
def test_a_demo_that_others_reach_sends_nothing_to_this_machine(demo, monkeypatch, host):
    served_with = []
    monkeypatch.setattr(gateway.server, "serve", lambda settings, **_: served_with.append(settings))
    demo("--host", host)
    [settings] = served_with
    assert settings.webhook_keys
    assert not settings.webhook_allowed_networks
    assert not settings.webhook_plain_http


def test_settings_of_webhooks_are_left_as_they_are(demo, monkeypatch):
    served_with = []
    monkeypatch.setattr(gateway.server, "serve", lambda settings, **_: served_with.append(settings))
    key = new_key()
    monkeypatch.setenv("GATEWAY_WEBHOOK_KEY", key)
    monkeypatch.setenv("GATEWAY_WEBHOOK_PLAIN_HTTP", "off")
    demo()
    [settings] = served_with
    assert (settings.webhook_keys, settings.webhook_plain_http) == ((key,), False)


def test_a_demo_that_was_begun_without_a_key_goes_on(demo, monkeypatch):
    served_with = []
    monkeypatch.setattr(gateway.server, "serve", lambda settings, **_: served_with.append(settings))
    demo()
    del os.environ["GATEWAY_WEBHOOK_KEY"]
    path = credentials_file()
    path.write_text(json.dumps({**json.loads(path.read_text()), "webhook_key": None}))
    demo()
    assert served_with[-1].webhook_keys == ()


def test_a_new_database_gets_new_secrets(demo, rows, gateway, monkeypatch, tmp_path):
    first = tokens_in(demo())
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    assert not set(tokens_in(demo())) & set(first)


@pytest.mark.parametrize(
    "words", [["account", "create", "Acme"], ["user", "create", "a@b.example"]]
)
def test_other_data_is_left_alone(demo, gateway, served, rows, words):
    gateway.done("migrate")
    stdin = ["--password-stdin"] if words[0] == "user" else []
    gateway.done(*words, *stdin, stdin="correct horse battery")
    assert "the database holds data already" in gateway.refusal("demo")
    assert served == []
    assert rows(Application.select()) == []


def test_a_demo_without_its_file_is_not_taken_over(demo, gateway):
    demo()
    credentials_file().unlink()
    assert "the database holds data already" in gateway.refusal("demo")


def test_a_demo_whose_tokens_were_revoked_is_over(demo, gateway, rows):
    demo()
    gateway.done("token", "revoke", rows(Token.select())[0].public_id)
    assert "the database holds data already" in gateway.refusal("demo")


def test_a_demo_that_cannot_keep_its_secrets_is_not_begun(demo, gateway, rows, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("os.open", Mock(side_effect=OSError(28, "No space left on device")))
        refusal = gateway.refusal("demo")
    assert refusal.endswith(".demo.json: cannot be written: No space left on device")
    assert rows(Account.select()) == rows(User.select()) == []
    demo()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_the_printed_address_is_one_that_this_machine_reaches(host, address):
    assert _site(host, 80) == address
