"""Accounts, users and memberships: what a removal and a deletion take along."""

import io
from collections.abc import Callable

import pytest
from peewee import Database

from gateway import accounts, tokens
from gateway.audit import SYSTEM
from gateway.errors import CommandError
from gateway.roles import Role
from ingest import demo, import_files, ranges
from models import (
    TABLES,
    Account,
    AlertDigest,
    InactivityAlert,
    Invitation,
    Membership,
    OutgoingMail,
    Token,
    User,
    WebhookEndpoint,
)

NOW = 1_768_471_200
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def account() -> Account:
    return accounts.create_account("Acme", by=SYSTEM, now=NOW)


@pytest.fixture
def user() -> User:
    return accounts.create_user("ann@example.com", PASSWORD, by=SYSTEM, now=NOW)


def token_of(account: Account, user: User) -> Token:
    token, _ = tokens.create(
        account=account,
        user=user,
        name="t",
        scopes=(),
        expires_at=None,
        by=SYSTEM,
        now=NOW,
        known_scopes=(),
    )
    return token


def revoked_at(token: Token) -> int | None:
    return tokens.find(token.public_id).revoked_at


def test_an_account_is_found_by_its_id(account: Account):
    assert account.public_id.startswith("acct_")
    assert accounts.find_account(account.public_id) == account
    with pytest.raises(CommandError, match="no account `acct_x`"):
        accounts.find_account("acct_x")


def test_ids_are_case_sensitive(account: Account):
    with pytest.raises(CommandError):
        accounts.find_account(account.public_id.swapcase())


def test_accounts_are_listed_in_order_of_creation():
    names = ["Cee", "Ay", "Bee", "Ay"]
    for name in names:
        accounts.create_account(name, by=SYSTEM, now=NOW)
    assert [account.name for account in accounts.list_accounts()] == names


@pytest.mark.parametrize("name", ["", "  ", "x" * 256, "a\0b"])
def test_an_account_with_a_wrong_name_is_refused(name: str):
    with pytest.raises(CommandError, match="the account's name must"):
        accounts.create_account(name, by=SYSTEM, now=NOW)


def test_a_user_is_found_by_the_address_in_any_case():
    user = accounts.create_user("Ann@Example.COM", PASSWORD, by=SYSTEM, now=NOW)
    assert (user.public_id[:4], user.email) == ("usr_", "ann@example.com")
    assert accounts.find_user("ANN@example.com") == user
    with pytest.raises(CommandError, match="no user `bob@"):
        accounts.find_user("bob@example.com")


def test_a_password_is_stored_as_a_hash_alone(user: User):
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(list(User.select().tuples()))


def test_an_address_belongs_to_one_user(user: User):
    with pytest.raises(CommandError, match="there is a user `ann@"):
        accounts.create_user("ANN@example.com", PASSWORD, by=SYSTEM, now=NOW)
    assert User.select().count() == 1


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("ann", PASSWORD, "the address `ann` must be an e-mail address"),
        ("ann@example.com", "too short", "the password must have 12 to 1024 characters"),
    ],
)
def test_a_user_with_wrong_address_or_password_is_refused(email, password, message):
    with pytest.raises(CommandError, match=message):
        accounts.create_user(email, password, by=SYSTEM, now=NOW)
    assert not User.select().exists()


def test_a_member_is_added_once(account: Account, user: User):
    accounts.add_member(account, user, Role.ADMIN, by=SYSTEM, now=NOW)
    with pytest.raises(CommandError, match=f"is a member of account `{account.public_id}` already"):
        accounts.add_member(account, user, Role.MEMBER, by=SYSTEM, now=NOW)
    assert [(m.account, m.user, m.role) for m in Membership.select()] == [(account, user, "admin")]


def test_a_removal_revokes_the_tokens_of_that_user_for_that_account_alone(
    account: Account, user: User
):
    other_account = accounts.create_account("Other", by=SYSTEM, now=NOW)
    other_user = accounts.create_user("bob@example.com", PASSWORD, by=SYSTEM, now=NOW)
    for pair in ((account, user), (account, other_user), (other_account, user)):
        accounts.add_member(*pair, Role.MEMBER, by=SYSTEM, now=NOW)
    mine = [token_of(account, user), token_of(account, user)]
    others = [token_of(account, other_user), token_of(other_account, user)]

    assert accounts.remove_member(account, user, by=SYSTEM, now=NOW + 5) == 2

    assert [revoked_at(token) for token in mine] == [NOW + 5, NOW + 5]
    assert [revoked_at(token) for token in others] == [None, None]
    assert Membership.select().count() == 2


def test_adding_a_member_again_does_not_revive_their_tokens(account: Account, user: User):
    accounts.add_member(account, user, Role.MEMBER, by=SYSTEM, now=NOW)
    token = token_of(account, user)
    accounts.remove_member(account, user, by=SYSTEM, now=NOW + 1)
    accounts.add_member(account, user, Role.MEMBER, by=SYSTEM, now=NOW + 2)
    assert revoked_at(token) == NOW + 1
    assert accounts.remove_member(account, user, by=SYSTEM, now=NOW + 3) == 0
    assert revoked_at(token) == NOW + 1


def test_who_is_no_member_cannot_be_removed(account: Account, user: User):
    with pytest.raises(CommandError, match="is no member of account"):
        accounts.remove_member(account, user, by=SYSTEM, now=NOW)


def test_the_last_administrator_can_be_removed_from_the_command_line(account: Account, user: User):
    accounts.add_member(account, user, Role.ADMIN, by=SYSTEM, now=NOW)
    accounts.remove_member(account, user, by=SYSTEM, now=NOW)
    assert not Membership.select().exists()


def rows_of(account: Account) -> dict[str, int]:
    owned = [table for table in TABLES if "account" in table._meta.fields]
    return {
        table.__name__: table.select().where(table.account == account).count() for table in owned
    }


@pytest.fixture
def full_account(db: Database, user: User, monkeypatch) -> Callable[[str], Account]:
    """Return a function that creates an account with rows in every table."""
    monkeypatch.setattr(ranges, "SIZE", 4)  # so that a short list has ranges
    monkeypatch.setattr(ranges, "MOST", 8)

    def create(name: str) -> Account:
        account = accounts.create_account(name, by=SYSTEM, now=NOW)
        accounts.add_member(account, user, Role.MEMBER, by=SYSTEM, now=NOW)
        token = token_of(account, user)
        digest = AlertDigest.create(account=account, day="2026-01-15", created_at=NOW)
        InactivityAlert.create(token=token, account=account, digest=digest, unused_since=NOW)
        OutgoingMail.create(
            key=name,
            account=account,
            user=user,
            subject="Unused",
            text="One is.",
            message_id=f"<{name}@example.com>",
            created_at=NOW,
        )
        Invitation.create(
            public_id=f"inv_{name}",
            account=account,
            email="bob@example.com",
            role=Role.MEMBER.value,
            digest=name,
            created_at=NOW,
            expires_at=NOW,
        )
        WebhookEndpoint.create(
            public_id=f"whk_{name}",
            account=account,
            url="https://example.com",
            description="",
            events="",
            scopes="",
            state="enabled",
            secret=name,
            created_at=NOW,
            last_event=0,
        )
        records = io.BytesIO()
        demo.write_records(demo.account(20).records(), records)
        records.seek(0)
        import_files(db, account, [records])
        return account

    return create


def test_deleting_an_account_takes_its_data_along_and_leaves_others_alone(full_account):
    gone, kept = full_account("Gone"), full_account("Kept")
    before = rows_of(kept)
    assert 0 not in before.values()
    assert rows_of(gone) == before

    accounts.delete_account(gone, by=SYSTEM, now=1)

    assert set(rows_of(gone).values()) == {0}
    assert rows_of(kept) == before
    assert accounts.list_accounts() == [kept]
    assert User.select().count() == 1


def test_an_account_that_is_gone_cannot_be_deleted_again(account: Account):
    accounts.delete_account(account, by=SYSTEM, now=1)
    with pytest.raises(CommandError, match="has been deleted already"):
        accounts.delete_account(account, by=SYSTEM, now=1)


OF_NO_ACCOUNT = [
    "Account",
    "User",
    "Session",
    "SpentForm",
    "SignInAttempts",
    "AuditEntry",
    "Lease",
    "ScheduledJob",
]
GOES_WITH_ITS_ENDPOINT = ["WebhookDelivery", "WebhookAttempt"]


def test_every_other_table_belongs_to_an_account():
    """What a deletion takes along is found by this column."""
    without = [table.__name__ for table in TABLES if "account" not in table._meta.fields]
    assert without == OF_NO_ACCOUNT + GOES_WITH_ITS_ENDPOINT
