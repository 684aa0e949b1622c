"""Accounts, users and who belongs where: made, listed, taken away.

Not on a request's way. The command line and the Settings pages come through here; what is refused
is a `CommandError`.

A removal is never refused, not even the last administrator's: it takes access away, and whoever
works at the command line can give it back. That people do not lock themselves out is the concern
of the Settings pages.
"""

from __future__ import annotations

from peewee import IntegrityError

from gateway import tokens
from gateway.errors import CommandError, echo
from gateway.ids import new_id
from gateway.passwords import hashed
from gateway.roles import Role
from gateway.texts import checked_email, checked_name
from models import TABLES, Account, Membership, User, database


def create_account(name: str, *, now: int) -> Account:
    """Create an account without members.

    Args:
        now: seconds since the Unix epoch.
    Raises:
        CommandError: the name is wrong. Two accounts may have the same one.
    """
    return Account.create(public_id=new_id("acct"), name=_name(name), created_at=now)


def list_accounts() -> list[Account]:
    """Return all accounts in the order of their creation."""
    return list(Account.select().order_by(Account.id))


def find_account(account_id: str) -> Account:
    """Return the account with the public id *account_id*.

    Raises:
        CommandError: there is none.
    """
    account: Account | None = Account.get_or_none(Account.public_id == account_id)
    if account is None:
        raise CommandError(f"no account `{echo(account_id)}`; see `gateway account list`")
    return account


def delete_account(account: Account) -> None:
    """Delete the account with its hiring data, tokens and memberships; its users stay.

    Raises:
        CommandError: somebody else has deleted it.
    """
    this = Account.id == account.id
    with database.atomic():
        # First, so that an import into the account has ended, or finds no account.
        if not Account.update(revision=Account.revision + 1).where(this).execute():
            raise CommandError(f"account `{account.public_id}` has been deleted already")
        # Children before parents: a cascade would look for the children of each row.
        for table in reversed(TABLES):
            if owner := table._meta.fields.get("account"):
                table.delete().where(owner == account).execute()
        Account.delete().where(this).execute()


def create_user(email: str, password: str, *, now: int) -> User:
    """Create a user who may sign in, but belongs nowhere yet.

    Raises:
        CommandError: the address is wrong or taken, or the password too short or too long.
    """
    columns = {
        "public_id": new_id("usr"),
        "email": _email(email),
        "password_hash": _password_hash(password),
        "created_at": now,
    }
    try:
        with database.atomic():
            return User.create(**columns)
    except IntegrityError as error:
        raise CommandError(f"there is a user `{columns['email']}` already") from error


def find_user(email: str) -> User:
    """Return the user with the address *email*, in any case.

    Raises:
        CommandError: there is none.
    """
    user: User | None = User.get_or_none(User.email == email.lower())
    if user is None:
        raise CommandError(f"no user `{echo(email)}`; create one with `gateway user create`")
    return user


def add_member(account: Account, user: User, role: Role, *, now: int) -> None:
    """Make *user* a member of *account*. Tokens revoked by an earlier removal stay revoked.

    Raises:
        CommandError: they are one already.
    """
    try:
        with database.atomic():
            Membership.create(account=account, user=user, role=role.value, created_at=now)
    except IntegrityError as error:
        raise CommandError(
            f"user `{user.email}` is a member of account `{account.public_id}` already"
        ) from error


def remove_member(account: Account, user: User, *, now: int) -> int:
    """Take *user* out of *account* and revoke their tokens for it, for good.

    Returns:
        How many tokens were revoked.
    Raises:
        CommandError: they are no member.
    """
    with database.atomic():
        row = (Membership.account == account) & (Membership.user == user)
        if not Membership.delete().where(row).execute():
            raise CommandError(f"user `{user.email}` is no member of account `{account.public_id}`")
        return tokens.revoke_all(account, user, now=now)


def _name(text: str) -> str:
    try:
        return checked_name(text)
    except ValueError as error:
        raise CommandError(f"the account's name {error}") from error


def _email(text: str) -> str:
    try:
        return checked_email(text)
    except ValueError as error:
        raise CommandError(f"the address `{echo(text)}` {error}") from error


def _password_hash(password: str) -> str:
    try:
        return hashed(password)
    except ValueError as error:
        raise CommandError(f"the password {error}") from error
