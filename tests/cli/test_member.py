"""`gateway user` and `gateway member`."""

import re

import pytest


@pytest.fixture
def user(gateway, stored) -> str:
    email = "bob@example.com"
    gateway.done("user", "create", email, "--password-stdin", stdin="correct horse battery")
    return email


def test_create_prints_the_id_and_stores_no_password(gateway, stored):
    words = ("user", "create", "Ann@Example.com", "--password-stdin")
    user_id = gateway.done(*words, stdin="correct horse battery\n")
    assert re.fullmatch(r"usr_[0-9A-Za-z]{16}", user_id)
    assert "correct horse" not in stored()


def test_create_as_json(gateway, stored):
    words = ("user", "create", "Ann@Example.com", "--password-stdin")
    created = gateway.json(*words, stdin="correct horse battery\n")
    assert list(created) == ["id", "email"]
    assert created["email"] == "ann@example.com"


def test_without_a_terminal_the_password_must_come_from_stdin(gateway, stored):
    result = gateway("user", "create", "ann@example.com", stdin="correct horse battery\n")
    assert result.exit_code == 2
    assert "--password-stdin" in result.stderr


def test_a_user_that_is_there_is_refused(gateway, user):
    words = ("user", "create", user.upper(), "--password-stdin")
    assert gateway.refusal(*words, stdin="correct horse battery") == (
        "there is a user `bob@example.com` already"
    )


def test_a_short_password_is_refused_and_not_repeated(gateway, stored):
    refusal = gateway.refusal("user", "create", "a@b.example", "--password-stdin", stdin="hunter2")
    assert refusal == "the password must have 12 to 1024 characters"


def test_a_member_is_added_once(gateway, account, user):
    words = ("member", "add", "--account", account, "--user", user)
    assert gateway.done(*words, "--role", "admin") == (
        f"added `{user}` to account `{account}` as admin"
    )
    assert gateway.refusal(*words) == f"user `{user}` is a member of account `{account}` already"


def test_an_unknown_role_is_wrong_usage(gateway, account, user):
    words = ("member", "add", "--account", account, "--user", user, "--role", "owner")
    assert gateway(*words).exit_code == 2


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_unknown_account_or_user_is_refused(gateway, account, user, verb):
    wrong_account = gateway.refusal("member", verb, "--account", "acct_x", "--user", user)
    assert wrong_account.startswith("no account `acct_x`")
    wrong_user = gateway.refusal("member", verb, "--account", account, "--user", "x@y.example")
    assert wrong_user.startswith("no user `x@y.example`")


def test_a_removal_revokes_the_members_tokens_for_good(gateway, account, member):
    both = ("--account", account, "--user", member)
    gateway.done("token", "create", *both, "--name", "t")
    assert gateway.done("member", "remove", *both) == (
        f"removed `{member}` from account `{account}`, revoked 1 token"
    )
    gateway.done("member", "add", *both)
    [token] = gateway.json("token", "list", "--account", account)
    assert token["revoked_at"] is not None


def test_who_is_no_member_cannot_be_removed(gateway, account, user):
    refusal = gateway.refusal("member", "remove", "--account", account, "--user", user)
    assert refusal == f"user `{user}` is no member of account `{account}`"
