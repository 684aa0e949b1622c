"""Tokens: the secret leaves once, only its digest stays, and revocation is for good."""

import hashlib
import re
from threading import Thread

import pytest
from peewee import Database

from gateway import accounts, tokens
from gateway.audit import SYSTEM
from gateway.errors import CommandError
from gateway.roles import Role
from models import TABLES, Account, Token, User

NOW = 1_768_471_200  # 2026-01-15T10:00:00Z
SCOPES = ("applications:read", "candidates:read", "job_postings:read")

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def account() -> Account:
    return accounts.create_account("Acme", by=SYSTEM, now=NOW)


@pytest.fixture
def user(account: Account) -> User:
    user = accounts.create_user("ann@example.com", "correct horse battery", by=SYSTEM, now=NOW)
    accounts.add_member(account, user, Role.MEMBER, by=SYSTEM, now=NOW)
    return user


@pytest.fixture
def create(account: Account, user: User):
    def create(**given) -> tuple[Token, str]:
        defaults = {"name": "Job board", "scopes": (), "expires_at": None}
        return tokens.create(
            account=account,
            user=user,
            by=SYSTEM,
            now=NOW,
            known_scopes=SCOPES,
            **{**defaults, **given},
        )

    return create


def test_a_secret_is_32_hexadecimal_digits_and_no_two_are_alike(create):
    secrets = {create()[1] for _ in range(20)}
    assert len(secrets) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", secret) for secret in secrets)


def test_of_a_secret_only_digest_and_last_four_digits_are_stored(create):
    token, secret = create()
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert token.last_four == secret[-4:]
    stored = [row for table in TABLES for row in table.select().tuples()]
    assert token.digest in str(stored)
    assert secret not in str(stored)


def test_a_token_has_what_it_was_given(create, account: Account, user: User):
    token, _ = create(
        name=" Job board ",
        scopes=["job_postings:read", "applications:read", "job_postings:read"],
        expires_at="2026-01-15T11:00:01+01:00",
    )
    stored = tokens.find(token.public_id)
    assert (stored.account, stored.user, stored.name) == (account, user, "Job board")
    assert stored.scopes == "applications:read job_postings:read"
    assert (stored.created_at, stored.expires_at) == (NOW, NOW + 1)
    assert (stored.last_used_at, stored.revoked_at) == (None, None)


def test_no_scopes_make_a_token_without_scopes(create):
    assert create(scopes=[])[0].scopes == ""


def test_an_unknown_scope_is_refused_with_the_closest_known_one(create):
    with pytest.raises(CommandError, match="unknown scope `candidate:read`; did you mean `candid"):
        create(scopes=["candidate:read"])
    with pytest.raises(CommandError, match="`x`; there are `applications:read`, `candidates:r"):
        create(scopes=["x"])
    assert not Token.select().exists()


@pytest.mark.parametrize("expires_at", ["2026-01-15T09:59:59Z", "2026-01-15T10:00:00Z"])
def test_an_expiry_in_the_past_is_refused(create, expires_at: str):
    with pytest.raises(CommandError, match="is in the past"):
        create(expires_at=expires_at)


@pytest.mark.parametrize("expires_at", ["tomorrow", "2027-01-15", "2027-01-15T10:00:00", "never"])
def test_an_expiry_that_is_no_time_is_refused(create, expires_at: str):
    with pytest.raises(CommandError, match=f"the expiry `{expires_at}` must be a time"):
        create(expires_at=expires_at)


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "a\0b"])
def test_a_wrong_name_is_refused(create, name: str):
    with pytest.raises(CommandError, match="the token's name must"):
        create(name=name)


def test_only_a_member_can_own_a_token(create, account: Account, user: User):
    accounts.remove_member(account, user, by=SYSTEM, now=NOW)
    with pytest.raises(CommandError, match=f"is no member of account `{account.public_id}`"):
        create()
    assert not Token.select().exists()


def test_a_removal_at_the_same_moment_revokes_the_new_token_too(
    create, account: Account, user: User, db: Database, monkeypatch: pytest.MonkeyPatch
):
    def remove() -> None:
        with db.connection_context():
            accounts.remove_member(account, user, by=SYSTEM, now=NOW + 1)

    removal = Thread(target=remove)
    hold = tokens._hold_membership

    def hold_while_somebody_removes(*which) -> None:
        hold(*which)
        removal.start()
        removal.join(0.5)  # far longer than it takes, if it does not wait

    monkeypatch.setattr(tokens, "_hold_membership", hold_while_somebody_removes)
    token, _ = create()
    removal.join()
    assert tokens.find(token.public_id).revoked_at == NOW + 1


def test_an_update_changes_what_it_is_given_and_nothing_else(create):
    token, _ = create(scopes=["candidates:read"], expires_at="2027-01-01T00:00:00Z")

    def updated(**changes) -> Token:
        return tokens.update(token, by=SYSTEM, now=NOW, known_scopes=SCOPES, **changes)

    before = token.expires_at
    assert updated(name="Board").name == "Board"
    assert updated().scopes == "candidates:read"
    assert updated(scopes=["job_postings:read"]).scopes == "job_postings:read"
    assert updated(scopes=[]).scopes == ""
    assert updated(name="Board 2").expires_at == before
    assert updated(expires_at="2026-01-15T10:00:01Z").expires_at == NOW + 1
    assert updated(expires_at="never").expires_at is None


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"scopes": ["x"]}, {"expires_at": "2020-01-01T00:00:00Z"}]
)
def test_an_update_refuses_what_creation_refuses(create, change):
    token, _ = create()
    with pytest.raises(CommandError):
        tokens.update(token, by=SYSTEM, now=NOW, known_scopes=SCOPES, **change)


def test_a_revoked_token_cannot_be_updated(create):
    token, _ = create()
    tokens.revoke(token, by=SYSTEM, now=NOW)
    with pytest.raises(CommandError, match="is revoked for good"):
        tokens.update(token, expires_at="never", by=SYSTEM, now=NOW, known_scopes=SCOPES)


def rotated(token: Token, keep_old_hours: int, now: int = NOW + 60) -> tuple[Token, str]:
    return tokens.rotate(token, keep_old_hours=keep_old_hours, by=SYSTEM, now=now)


def test_a_rotation_changes_the_secret_and_nothing_else(create):
    token, old = create(scopes=["candidates:read"], expires_at="2027-01-01T00:00:00Z")
    changed, secret = rotated(token, 24)
    assert secret != old
    assert (changed.digest, changed.last_four) == (tokens.digest(secret), secret[-4:])
    assert (changed.previous_digest, changed.previous_last_four) == (token.digest, old[-4:])
    assert (changed.rotated_at, changed.previous_expires_at) == (NOW + 60, NOW + 60 + 86_400)
    for same in ("id", "public_id", "name", "scopes", "created_at", "expires_at", "user_id"):
        assert getattr(changed, same) == getattr(token, same)
    assert {old, secret}.isdisjoint(str(row) for row in Token.select().tuples().get())


def test_a_rotation_that_keeps_nothing_forgets_the_old_secret(create):
    token, _ = create()
    changed, _ = rotated(rotated(token, 1)[0], 0)
    assert changed.previous_digest is None
    assert changed.previous_last_four is None
    assert changed.previous_expires_at is None


def test_a_rotation_keeps_one_secret_and_not_the_one_before_it(create):
    token, _ = create()
    first, _ = rotated(token, 24)
    second, _ = rotated(first, 1, NOW + 120)
    assert second.previous_digest == first.digest
    assert second.previous_expires_at == NOW + 120 + 3_600


def test_a_kept_secret_can_be_ended(create):
    changed, _ = rotated(create()[0], 24)
    tokens.end_previous(changed, by=SYSTEM, now=NOW)
    ended = tokens.find(changed.public_id)
    assert ended.previous_digest is None
    assert ended.digest == changed.digest


@pytest.mark.parametrize("hours", [-1, 2, 25])
def test_a_secret_is_kept_for_0_1_or_24_hours(create, hours: int):
    token, _ = create()
    with pytest.raises(CommandError, match="kept for 0, 1, 24 hours"):
        rotated(token, hours)
    assert tokens.find(token.public_id).digest == token.digest


def test_a_revoked_token_cannot_be_rotated(create):
    token, _ = create()
    tokens.revoke(token, by=SYSTEM, now=NOW)
    with pytest.raises(CommandError, match="is revoked for good"):
        rotated(token, 0)


def test_an_expired_token_cannot_be_rotated(create):
    token, _ = create(expires_at="2026-01-15T10:01:00Z")
    with pytest.raises(CommandError, match="has expired, and a new secret would be too"):
        rotated(token, 0)


def test_of_two_rotations_at_once_the_second_is_refused(create):
    token, _ = create()
    changed, _ = rotated(token, 24)
    with pytest.raises(CommandError, match="has been rotated by somebody else"):
        rotated(token, 24)
    assert tokens.find(token.public_id).digest == changed.digest


def test_revoking_twice_keeps_the_first_time(create):
    token, _ = create()
    tokens.revoke(token, by=SYSTEM, now=NOW + 1)
    tokens.revoke(token, by=SYSTEM, now=NOW + 2)
    assert tokens.find(token.public_id).revoked_at == NOW + 1


def test_revoking_one_token_leaves_the_others(create):
    token, other = create()[0], create()[0]
    tokens.revoke(token, by=SYSTEM, now=NOW)
    assert tokens.find(other.public_id).revoked_at is None


def test_an_account_lists_its_own_tokens_in_order_of_creation(create, account: Account):
    made = [create(name=name)[0].public_id for name in "cab"]
    tokens.revoke(tokens.find(made[0]), by=SYSTEM, now=NOW)
    assert [token.public_id for token in tokens.of_account(account)] == made
    assert tokens.of_account(accounts.create_account("Other", by=SYSTEM, now=NOW)) == []


def test_an_unknown_id_finds_no_token(create):
    create()
    with pytest.raises(CommandError, match="no token `tok_unknown`"):
        tokens.find("tok_unknown")


def test_a_secret_in_the_place_of_an_id_is_not_repeated(create):
    _, secret = create()
    with pytest.raises(CommandError) as caught:
        tokens.find(secret)
    assert secret not in str(caught.value)
