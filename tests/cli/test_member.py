"""`gateway user` and `gateway member`."""

import json
import re

import pytest

from gateway import passwords, sessions
from gateway.cli import environment
from models import Session, User

NOW = 1_768_471_200
NEW_PASSWORD = "another horse, another battery"


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


def sign_in(email: str, *agents: str) -> User:
    """Let somebody be signed in in so many browsers; return them as they are then."""
    with environment.database():
        user = User.get(User.email == email)
        for agent in agents:
            sessions.begin(user, address="192.0.2.7", agent=agent, now=NOW)
        return user


def signed_in() -> list[str]:
    with environment.database():
        return [one.user.email for one in Session.select().order_by(Session.id)]


def password_hash(email: str) -> str:
    with environment.database():
        return User.get(User.email == email).password_hash


def test_another_password_ends_every_session_of_the_user_alone(gateway, member, user):
    sign_in(user, "one", "other")
    sign_in(member, "one")
    words = ("user", "password", user.upper(), "--password-stdin")
    assert gateway.done(*words, stdin=f"{NEW_PASSWORD}\n") == (
        f"changed the password of `{user}`, ended 2 sessions"
    )
    assert signed_in() == [member]
    assert passwords.matches(NEW_PASSWORD, password_hash(user))


def test_another_password_is_in_the_trail_of_each_account_and_of_none_in_words(
    gateway, stored, member
):
    user = sign_in(member, "one")
    changed = gateway.json("user", "password", member, "--password-stdin", stdin=NEW_PASSWORD)
    assert changed == {"id": user.public_id, "email": member, "sessions_ended": 1}
    [line] = gateway.done("audit", "--action", "user.updated", "--json").splitlines()
    entry = json.loads(line)
    assert (entry["account"]["name"], entry["actor"]["via"]) == ("Acme Inc.", "shell")
    assert entry["subject"] == {"id": user.public_id, "name": member}
    assert (entry["before"], entry["after"]) == (
        None,
        {"changed": "password", "sessions_ended": 1},
    )
    assert NEW_PASSWORD not in stored()


def test_a_short_password_and_an_unknown_user_change_nothing(gateway, member):
    before = sign_in(member, "one").password_hash
    words = ("user", "password")
    refusal = gateway.refusal(*words, member, "--password-stdin", stdin="hunter2")
    assert refusal == "the password must have 12 to 1024 characters"
    refusal = gateway.refusal(*words, "no@example.com", "--password-stdin", stdin=NEW_PASSWORD)
    assert refusal == "no user `no@example.com`; create one with `gateway user create`"
    assert (signed_in(), password_hash(member)) == ([member], before)


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
