"""Every change has its entry, in its transaction; no entry changes or goes, none has a secret."""

from __future__ import annotations

import pytest
from peewee import Database, PeeweeException, SqliteDatabase

from gateway import accounts, audit, tokens
from gateway.audit import SYSTEM, Action, Actor, Filter, Subject
from gateway.errors import CommandError
from gateway.roles import Role
from models import Account, AuditEntry, Membership, Token, User

NOW = 1_768_471_200  # 2026-01-15T10:00:00Z
PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def account() -> Account:
    return accounts.create_account("Acme", by=SYSTEM, now=NOW)


@pytest.fixture
def user(account: Account) -> User:
    user = accounts.create_user("ann@example.com", PASSWORD, by=SYSTEM, now=NOW)
    accounts.add_member(account, user, Role.ADMIN, by=SYSTEM, now=NOW)
    return user


@pytest.fixture
def ann(user: User) -> Actor:
    return Actor.of(user, ADDRESS)


def create_token(account: Account, user: User, by: Actor, **given) -> tuple[Token, str]:
    defaults = {"name": "Job board", "scopes": ["b:read", "a:read"], "expires_at": None}
    return tokens.create(
        account=account,
        user=user,
        by=by,
        now=NOW,
        known_scopes=("a:read", "b:read"),
        **{**defaults, **given},
    )


def newest(number: int = 1) -> list[dict]:
    """Return the newest entries, oldest of them first."""
    return [audit.document(entry) for entry in audit.entries(Filter())][-number:]


def actions() -> list[str]:
    return [entry.action for entry in audit.entries(Filter())]


def test_an_entry_says_who_did_what_to_what_when_and_from_where(account, user, ann):
    token, _ = create_token(account, user, ann)
    [entry] = newest()
    assert entry.pop("id").startswith("aud_")
    assert entry == {
        "time": "2026-01-15T10:00:00Z",
        "action": "token.created",
        "account": {"id": account.public_id, "name": "Acme"},
        "actor": {
            "kind": "user",
            "id": user.public_id,
            "name": "ann@example.com",
            "via": "session",
            "address": ADDRESS,
        },
        "subject": {"id": token.public_id, "name": "Job board"},
        "before": None,
        "after": {
            "name": "Job board",
            "owner": "ann@example.com",
            "scopes": ["a:read", "b:read"],
            "expires_at": None,
            "revoked_at": None,
        },
    }


def test_an_update_tells_what_has_changed_and_nothing_else(account, user, ann):
    token, _ = create_token(account, user, ann)
    tokens.update(
        token, name="New", scopes=["a:read"], by=ann, now=NOW + 1, known_scopes=("a:read",)
    )
    [entry] = newest()
    assert entry["action"] == "token.updated"
    assert entry["before"] == {"name": "Job board", "scopes": ["a:read", "b:read"]}
    assert entry["after"] == {"name": "New", "scopes": ["a:read"]}


def test_an_update_that_changes_nothing_is_no_change(account, user, ann):
    token, _ = create_token(account, user, ann)
    before = actions()
    tokens.update(token, name="Job board", by=ann, now=NOW, known_scopes=())
    tokens.update(token, by=ann, now=NOW, known_scopes=())
    assert actions() == before


def test_what_is_refused_has_no_entry(account, user, ann):
    token, _ = create_token(account, user, ann)
    tokens.revoke(token, by=ann, now=NOW)
    before = actions()
    with pytest.raises(CommandError):
        tokens.update(token, name="x", by=ann, now=NOW, known_scopes=())
    with pytest.raises(CommandError):
        accounts.add_member(account, user, Role.ADMIN, by=ann, now=NOW)
    with pytest.raises(CommandError):
        accounts.create_user("ann@example.com", PASSWORD, by=ann, now=NOW)
    tokens.revoke(token, by=ann, now=NOW)
    assert actions() == before


def test_a_removal_tells_the_role_and_each_token_that_died_with_it(account, user, ann):
    live, _ = create_token(account, user, ann)
    dead, _ = create_token(account, user, ann)
    tokens.revoke(dead, by=ann, now=NOW)
    accounts.remove_member(account, user, by=ann, now=NOW + 5)
    removed, revoked = newest(2)
    assert (removed["action"], removed["before"], removed["after"]) == (
        "member.removed",
        {"role": "admin"},
        None,
    )
    assert removed["subject"] == {"id": user.public_id, "name": "ann@example.com"}
    assert (revoked["action"], revoked["subject"]["id"]) == ("token.revoked", live.public_id)
    assert revoked["before"] == {"revoked_at": None}
    assert revoked["after"] == {"revoked_at": "2026-01-15T10:00:05Z"}


def test_entries_outlive_the_account_and_the_user(account, user, ann):
    create_token(account, user, ann)
    accounts.delete_account(account, by=ann, now=NOW + 1)
    User.delete().where(User.id == user.id).execute()
    told = list(audit.entries(Filter(account_id=account.public_id)))
    assert [entry.action for entry in told] == [
        "account.created",
        "member.added",
        "token.created",
        "account.deleted",
    ]
    assert audit.document(told[-1])["before"] == {"name": "Acme", "members": 1, "live_tokens": 1}


@pytest.mark.parametrize("action", ["create_account", "create_user", "add_member", "token"])
def test_a_change_that_is_rolled_back_leaves_no_entry_and_no_entry_no_change(
    db, account, user, ann, action, monkeypatch
):
    def fail(*_args, **_kwargs):
        raise RuntimeError

    other = accounts.create_user("bob@example.com", PASSWORD, by=SYSTEM, now=NOW)
    monkeypatch.setattr(f"gateway.{'tokens' if action == 'token' else 'accounts'}.record", fail)
    counts = [table.select().count() for table in (Account, User, Membership, Token, AuditEntry)]
    does = {
        "create_account": lambda: accounts.create_account("B", by=ann, now=NOW),
        "create_user": lambda: accounts.create_user("c@example.com", PASSWORD, by=ann, now=NOW),
        "add_member": lambda: accounts.add_member(account, other, Role.ADMIN, by=ann, now=NOW),
        "token": lambda: create_token(account, user, ann),
    }
    with pytest.raises(RuntimeError):
        does[action]()
    after = [table.select().count() for table in (Account, User, Membership, Token, AuditEntry)]
    assert after == counts


def test_an_entry_outside_a_transaction_is_a_defect(account):
    with pytest.raises(ValueError, match="belongs into the transaction"):
        audit.record(
            Action.ACCOUNT_UPDATED, Subject.of(account), account=account, by=SYSTEM, now=NOW
        )


def test_no_secret_comes_into_the_trail(account, user, ann, db):
    _, secret = create_token(account, user, ann)
    told = repr(list(AuditEntry.select().tuples()))
    for text in (secret, PASSWORD, tokens.digest(secret), user.password_hash):
        assert text not in told


@pytest.mark.parametrize("key", ["password_hash", "secret", "digest"])
def test_a_key_that_names_a_secret_is_refused(account, db, key):
    with db.atomic(), pytest.raises(ValueError, match="no secrets"):
        audit.record(
            Action.ACCOUNT_UPDATED,
            Subject.of(account),
            account=account,
            by=SYSTEM,
            now=NOW,
            after={key: "x"},
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_name = 'somebody else'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(db: Database, account, statement):
    before = list(AuditEntry.select().tuples())
    assert before
    with pytest.raises(PeeweeException, match="append-only"), db.atomic():
        db.execute_sql(statement)
    assert list(AuditEntry.select().tuples()) == before


def test_the_database_refuses_the_ways_around(db: Database, account):
    before = list(AuditEntry.select().tuples())
    entry = AuditEntry.get()
    if isinstance(db, SqliteDatabase):
        # A replacement would not fire the trigger of a deletion.
        columns = "id, public_id, at, action, actor_kind, via"
        statements = [
            f"REPLACE INTO audit_entry ({columns}) VALUES ({entry.id}, 'aud_x', 0, 'a', 'b', 'c')",
            f"REPLACE INTO audit_entry ({columns}) "
            f"VALUES (999, '{entry.public_id}', 0, 'a', 'b', 'c')",
        ]
    else:
        statements = ["TRUNCATE audit_entry"]
    for statement in statements:
        with pytest.raises(PeeweeException, match="append-only"), db.atomic():
            db.execute_sql(statement)
    assert list(AuditEntry.select().tuples()) == before


def test_sign_ins_are_told_to_each_account_of_the_user(account, user):
    other = accounts.create_account("Other", by=SYSTEM, now=NOW)
    accounts.create_account("Foreign", by=SYSTEM, now=NOW)
    accounts.add_member(other, user, Role.MEMBER, by=SYSTEM, now=NOW)
    audit.signed_in(user, address=ADDRESS, now=NOW)
    told = newest(2)
    assert {entry["account"]["name"] for entry in told} == {"Acme", "Other"}
    assert {entry["action"] for entry in told} == {"session.signed_in"}
    assert {entry["actor"]["name"] for entry in told} == {"ann@example.com"}
    assert {entry["actor"]["address"] for entry in told} == {ADDRESS}


def test_signing_out_is_told_of_this_session_and_of_all(account, user):
    audit.signed_out(user, address=ADDRESS, now=NOW)
    audit.signed_out(user, address=ADDRESS, now=NOW, everywhere=True)
    assert actions()[-2:] == ["session.signed_out", "session.signed_out_everywhere"]


def test_a_failed_sign_in_tells_whose_address_was_given_and_that_nobody_came_in(account, user):
    audit.sign_in_failed(user, address=ADDRESS, now=NOW)
    [entry] = newest()
    assert entry["action"] == "session.failed"
    assert entry["account"]["name"] == "Acme"
    assert entry["subject"]["name"] == "ann@example.com"
    assert entry["actor"] == {
        "kind": "unknown",
        "id": None,
        "name": None,
        "via": "session",
        "address": ADDRESS,
    }


def test_a_failed_sign_in_of_nobody_is_for_the_operator_alone(account):
    audit.sign_in_failed(None, address=ADDRESS, now=NOW)
    [entry] = newest()
    assert (entry["account"], entry["subject"]) == (None, None)


def test_a_user_without_an_account_signs_in_on_the_record(account):
    bob = accounts.create_user("bob@example.com", PASSWORD, by=SYSTEM, now=NOW)
    audit.signed_in(bob, address=None, now=NOW)
    [entry] = newest()
    assert (entry["account"], entry["subject"]["name"]) == (None, "bob@example.com")
