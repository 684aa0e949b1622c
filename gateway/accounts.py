"""Accounts, users and who belongs where: made, listed, taken away.

Not on a request's way. The command line and the Settings pages come through here; what is refused
is a `CommandError`. Each change is written down in the audit trail, in its own transaction.

From the command line a removal is never refused, not even the last administrator's: it takes access
away, and whoever works there can give it back. The Settings pages ask to `keep_an_admin`: people
must not lock themselves out.
"""

from __future__ import annotations

from peewee import IntegrityError

from gateway import sessions, tokens
from gateway.audit import Action, Actor, Subject, password_changed, record
from gateway.database import writing
from gateway.errors import CommandError, echo
from gateway.ids import new_id
from gateway.passwords import hashed
from gateway.roles import Role
from gateway.texts import checked_email, checked_name
from models import TABLES, Account, Invitation, Membership, Session, Token, User, database


def create_account(name: str, *, by: Actor, now: int) -> Account:
    """Create an account without members.

    Args:
        now: seconds since the Unix epoch.
    Raises:
        CommandError: the name is wrong. Two accounts may have the same one.
    """
    columns = {"public_id": new_id("acct"), "name": _name(name), "created_at": now}
    with writing(database):
        account = Account.create(**columns)
        record(
            Action.ACCOUNT_CREATED,
            Subject.of(account),
            account=account,
            by=by,
            now=now,
            after={"name": account.name},
        )
    return account


def rename_account(account: Account, name: str, *, by: Actor, now: int) -> None:
    """Give the account another name.

    Raises:
        CommandError: the name is wrong, or the account has been deleted.
    """
    name = _name(name)
    with writing(database):
        before = _held(account).name
        if name == before:
            return
        Account.update(name=name).where(Account.id == account.id).execute()
        account.name = name
        record(
            Action.ACCOUNT_UPDATED,
            Subject.of(account),
            account=account,
            by=by,
            now=now,
            before={"name": before},
            after={"name": name},
        )


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


def delete_account(account: Account, *, by: Actor, now: int) -> None:
    """Delete the account with its hiring data, tokens and memberships; its users stay.

    Raises:
        CommandError: somebody else has deleted it.
    """
    this = Account.id == account.id
    with writing(database):
        # First, so that an import into the account has ended, or finds no account.
        if not Account.update(revision=Account.revision + 1).where(this).execute():
            raise CommandError(f"account `{account.public_id}` has been deleted already")
        _record_deletion(account, by=by, now=now)
        # Children before parents: a cascade would look for the children of each row.
        for table in reversed(TABLES):
            if owner := table._meta.fields.get("account"):
                table.delete().where(owner == account).execute()
        Account.delete().where(this).execute()


def create_user(email: str, password: str, *, by: Actor, now: int) -> User:
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
        with writing(database):
            user = User.create(**columns)
            record(
                Action.USER_CREATED,
                Subject.of(user),
                account=None,
                by=by,
                now=now,
                after={"email": user.email},
            )
    except IntegrityError as error:
        raise CommandError(f"there is a user `{columns['email']}` already") from error
    return user


def set_password(
    user: User, password: str, *, by: Actor, now: int, keep: Session | None = None
) -> int:
    """Give *user* another password, and end their sessions: who knew the old one is out.

    Args:
        keep: the session that goes on, of who changes their own.
    Returns:
        How many sessions were ended.
    Raises:
        CommandError: it is too short or too long.
    """
    password_hash = _password_hash(password)
    with writing(database):
        User.update(password_hash=password_hash).where(User.id == user.id).execute()
        ended = sessions.end_all(user, but=keep)
        password_changed(user, by=by, now=now, sessions_ended=ended)
    return ended


def find_user(email: str) -> User:
    """Return the user with the address *email*, in any case.

    Raises:
        CommandError: there is none.
    """
    user: User | None = User.get_or_none(User.email == email.lower())
    if user is None:
        raise CommandError(f"no user `{echo(email)}`; create one with `gateway user create`")
    return user


def add_member(account: Account, user: User, role: Role, *, by: Actor, now: int) -> None:
    """Make *user* a member of *account*. Tokens revoked by an earlier removal stay revoked.

    Raises:
        CommandError: they are one already.
    """
    try:
        with writing(database):
            Membership.create(account=account, user=user, role=role.value, created_at=now)
            record(
                Action.MEMBER_ADDED,
                Subject.of(user),
                account=account,
                by=by,
                now=now,
                after={"role": role.value},
            )
    except IntegrityError as error:
        raise CommandError(
            f"user `{user.email}` is a member of account `{account.public_id}` already"
        ) from error


def change_role(account: Account, user: User, role: Role, *, by: Actor, now: int) -> None:
    """Give a member another role; the account keeps an administrator.

    Raises:
        CommandError: they are no member, or the last administrator.
    """
    row = (Membership.account == account) & (Membership.user == user)
    with writing(database):
        _held(account)
        membership: Membership | None = Membership.get_or_none(row)
        if membership is None:
            raise CommandError(f"user `{user.email}` is no member of account `{account.public_id}`")
        if role == membership.role:
            return
        if role is not Role.ADMIN:
            _require_another_admin(account, user)
        Membership.update(role=role.value).where(row).execute()
        if membership.role == Role.ADMIN:
            _withdraw_invitations(account, by=by, now=now)
        record(
            Action.MEMBER_UPDATED,
            Subject.of(user),
            account=account,
            by=by,
            now=now,
            before={"role": membership.role},
            after={"role": role.value},
        )


def remove_member(
    account: Account, user: User, *, by: Actor, now: int, keep_an_admin: bool = False
) -> int:
    """Take *user* out of *account* and revoke their tokens for it, for good.

    Returns:
        How many tokens were revoked.
    Raises:
        CommandError: they are no member; or, to *keep_an_admin*, the last administrator.
    """
    with writing(database):
        _held(account)
        if keep_an_admin:
            _require_another_admin(account, user)
        row = (Membership.account == account) & (Membership.user == user)
        removed = list(Membership.delete().where(row).returning(Membership.role).execute())
        if not removed:
            raise CommandError(f"user `{user.email}` is no member of account `{account.public_id}`")
        record(
            Action.MEMBER_REMOVED,
            Subject.of(user),
            account=account,
            by=by,
            now=now,
            before={"role": removed[0].role},
        )
        if removed[0].role == Role.ADMIN:
            _withdraw_invitations(account, by=by, now=now)
        return tokens.revoke_all(account, user, by=by, now=now)


def _withdraw_invitations(account: Account, *, by: Actor, now: int) -> None:
    """Make every open link into *account* useless, for an administrator who goes may hold any.

    Whoever has made a link has seen it: without this, one made beforehand would lead back in.
    """
    gone = Invitation.delete().where(Invitation.account == account).returning(Invitation)
    for one in list(gone.execute()):
        if one.expires_at > now:
            subject = Subject(one.public_id, one.email)
            record(Action.INVITATION_WITHDRAWN, subject, account=account, by=by, now=now)


def _held(account: Account) -> Account:
    """Return the account as it is, held until the end of the transaction.

    INVARIANT: who changes members holds the account, so of two administrators who take away each
    other's role at once, the second finds nobody left. An UPDATE that changes nothing is the row
    lock that both databases have.

    Raises:
        CommandError: it has been deleted.
    """
    this = Account.id == account.id
    if not Account.update(name=Account.name).where(this).execute():
        raise CommandError(f"account `{account.public_id}` has been deleted already")
    held: Account = Account.get(this)
    return held


def _require_another_admin(account: Account, user: User) -> None:
    others = Membership.select().where(
        Membership.account == account, Membership.role == Role.ADMIN, Membership.user != user
    )
    if not others.exists() and Membership.get_or_none(account=account, user=user, role=Role.ADMIN):
        raise CommandError(
            f"user `{user.email}` is the last administrator of the account; make another first"
        )


def _record_deletion(account: Account, *, by: Actor, now: int) -> None:
    live = (Token.account == account) & Token.revoked_at.is_null()
    record(
        Action.ACCOUNT_DELETED,
        Subject.of(account),
        account=account,
        by=by,
        now=now,
        before={
            "name": account.name,
            "members": Membership.select().where(Membership.account == account).count(),
            "live_tokens": Token.select().where(live).count(),
        },
    )


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
