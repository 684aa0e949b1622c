"""`gateway token`."""

import re

import pytest

FIELDS = [
    "id",
    "name",
    "user",
    "scopes",
    "account_id",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at",
]


@pytest.fixture
def create(account: str, member: str) -> tuple[str, ...]:
    """Return the words that create a token."""
    return ("token", "create", "--account", account, "--user", member, "--name", "Job board")


def listed(gateway, account: str) -> list[dict]:
    return gateway.json("token", "list", "--account", account)


def test_create_prints_the_secret_alone_once(gateway, create, account, stored):
    result = gateway(*create)
    assert result.exit_code == 0
    secret = result.stdout.rstrip("\n")
    assert re.fullmatch("[0-9a-f]{32}", secret)
    assert secret not in result.stderr
    assert secret not in stored()
    assert secret not in gateway.done("token", "list", "--account", account)
    assert secret not in gateway.done("token", "list", "--account", account, "--json")


def test_create_as_json(gateway, create, account, member, stored):
    words = ("--scope", "candidates:read", "--scope", "applications:read")
    created = gateway.json(*create, *words, "--expires-at", "2999-01-01T01:00:00+01:00")
    secret = created.pop("token")
    assert re.fullmatch("[0-9a-f]{32}", secret)
    assert secret not in stored()
    assert list(created) == FIELDS
    assert created == {
        "id": created["id"],
        "name": "Job board",
        "user": member,
        "scopes": ["applications:read", "candidates:read"],
        "account_id": account,
        "created_at": created["created_at"],
        "expires_at": "2999-01-01T00:00:00Z",
        "last_used_at": None,
        "revoked_at": None,
    }
    assert listed(gateway, account) == [created]


def test_the_token_comes_right_after_the_id(gateway, create):
    assert list(gateway.json(*create))[:2] == ["id", "token"]


def test_without_a_scope_a_token_has_none(gateway, create):
    assert gateway.json(*create)["scopes"] == []


def test_a_scope_is_one_word_not_a_list(gateway, create):
    refusal = gateway.refusal(*create, "--scope", "applications:read,candidates:read")
    assert refusal.startswith("unknown scope `applications:read,candidates:read`")


def test_an_unknown_scope_is_refused_with_a_hint(gateway, create, account):
    assert gateway.refusal(*create, "--scope", "candidate:read") == (
        "unknown scope `candidate:read`; did you mean `candidates:read`?"
    )
    assert listed(gateway, account) == []


@pytest.mark.parametrize("time", ["2020-01-01T00:00:00Z", "tomorrow"])
def test_a_wrong_expiry_is_refused(gateway, create, account, time):
    assert f"the expiry `{time}` " in gateway.refusal(*create, "--expires-at", time)
    assert listed(gateway, account) == []


def test_the_table_says_what_the_tokens_are(gateway, create, account, member):
    secret = gateway.done(*create, "--scope", "candidates:read")
    gateway.done(*create)
    lines = gateway.done("token", "list", "--account", account).splitlines()
    assert re.split(" {2,}", lines[0]) == [
        "ID",
        "NAME",
        "USER",
        "SCOPES",
        "ENDS IN",
        "EXPIRES",
        "LAST USED",
        "REVOKED",
    ]
    row = re.split(" {2,}", lines[1])
    assert row[1:] == [
        "Job board",
        member,
        "candidates:read",
        secret[-4:],
        "never",
        "never",
        "no",
    ]
    assert re.split(" {2,}", lines[2])[3] == "none"


def test_an_update_changes_what_it_names(gateway, create, account):
    token_id = gateway.json(*create, "--scope", "candidates:read")["id"]
    update = ("token", "update", token_id)
    assert gateway.json(*update, "--name", "Board") == listed(gateway, account)[0]
    assert gateway.json(*update, "--scope", "applications:read")["scopes"] == ["applications:read"]
    assert gateway.json(*update, "--no-scopes")["scopes"] == []
    changed = gateway.json(*update, "--expires-at", "2999-01-01T00:00:00Z")
    assert changed["expires_at"] == "2999-01-01T00:00:00Z"
    assert gateway.json(*update, "--expires-at", "never")["expires_at"] is None
    assert gateway.done(*update, "--name", "Last") == f"updated token `{token_id}`"
    assert listed(gateway, account)[0]["name"] == "Last"


def test_an_update_of_nothing_and_a_contradiction_are_wrong_usage(gateway, create):
    update = ("token", "update", gateway.json(*create)["id"])
    assert gateway(*update).exit_code == 2
    assert gateway(*update, "--no-scopes", "--scope", "candidates:read").exit_code == 2


def test_revoking_twice_is_no_error(gateway, create, account):
    token_id = gateway.json(*create)["id"]
    for _ in range(2):
        assert gateway.done("token", "revoke", token_id) == f"revoked token `{token_id}`"
    assert listed(gateway, account)[0]["revoked_at"] is not None


def test_rotate_prints_the_new_secret_alone_once(gateway, create, stored):
    created = gateway.json(*create)
    result = gateway("token", "rotate", created["id"])
    assert result.exit_code == 0
    secret = result.stdout.rstrip("\n")
    assert re.fullmatch("[0-9a-f]{32}", secret)
    assert secret != created["token"]
    assert "the old one is not valid any more" in result.stderr
    assert secret not in result.stderr + stored()


@pytest.mark.parametrize("hours", ["1", "24"])
def test_rotate_says_until_when_the_old_secret_is_valid(gateway, create, hours):
    created = gateway.json(*create)
    rotated = gateway.json("token", "rotate", created["id"], "--keep-old", hours)
    assert list(rotated) == ["id", "token", *FIELDS[1:], "old_valid_until"]
    assert rotated["token"] != created["token"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rotated["old_valid_until"])
    result = gateway("token", "rotate", created["id"], "--keep-old", hours)
    assert "the old one is valid until " in result.stderr


def test_rotate_keeps_nothing_unless_told(gateway, create):
    assert gateway.json("token", "rotate", gateway.json(*create)["id"])["old_valid_until"] is None


@pytest.mark.parametrize("hours", ["2", "-1", "soon"])
def test_other_hours_are_wrong_usage(gateway, create, hours):
    token_id = gateway.json(*create)["id"]
    assert gateway("token", "rotate", token_id, "--keep-old", hours).exit_code == 2


def test_a_revoked_token_cannot_be_rotated(gateway, create):
    token_id = gateway.json(*create)["id"]
    gateway.done("token", "revoke", token_id)
    assert "is revoked for good" in gateway.refusal("token", "rotate", token_id)


def test_a_revoked_token_cannot_be_updated(gateway, create):
    token_id = gateway.json(*create)["id"]
    gateway.done("token", "revoke", token_id)
    assert "is revoked for good" in gateway.refusal("token", "update", token_id, "--name", "x")


@pytest.mark.parametrize("verb", [["revoke"], ["rotate"], ["update", "--name", "x"]])
def test_an_unknown_token_is_refused(gateway, stored, verb):
    assert "no token `tok_x`" in gateway.refusal("token", *verb, "tok_x")


def test_a_secret_in_the_place_of_an_id_is_not_repeated(gateway, create):
    secret = gateway.done(*create)
    assert secret not in gateway.refusal("token", "revoke", secret)
