"""Invitations: how people come into an account without mail.

An administrator invites an e-mail address and hands the link to that person by whatever way they
trust. Nobody is a member, and no user exists, until the link was opened: who has a password already
signs in with it, who has none chooses one. So nobody can take an address that is another's and wait
for it to be let into an account: the link goes to the person, not to whoever was first. And nobody
learns by inviting whether an address is a user's.

The code in the link is 256 random bits, stored as its SHA-256; it works once, for 7 days.
"""

from __future__ import annotations

import re
import secrets

from gateway import accounts
from gateway.audit import Action, Actor, Subject, record
from gateway.database import writing
from gateway.errors import CommandError
from gateway.ids import new_id
from gateway.roles import Role
from gateway.sessions import digest
from models import Account, Invitation, Membership, User, database

LIFETIME_S = 7 * 86_400
CODE_BYTES = 32
CODE = re.compile(r"[A-Za-z0-9_-]{43}")


def invite(
    account: Account, email: str, role: Role, *, by: Actor, now: int
) -> tuple[Invitation, str]:
    """Invite *email*; return the invitation and its code, which nobody sees again.

    An earlier invitation of the address to the account is worth nothing from then on.

    Args:
        email: as `gateway.texts.checked_email` gives it back.
    Raises:
        CommandError: the address is a member's already.
    """
    code = secrets.token_urlsafe(CODE_BYTES)
    with writing(database):
        if Membership.select().join(User).where(_of(account), User.email == email).exists():
            raise CommandError(f"{email} is a member of the account already")
        Invitation.delete().where(
            Invitation.account == account, Invitation.email == email
        ).execute()
        invitation = Invitation.create(
            public_id=new_id("inv"),
            account=account,
            email=email,
            role=role.value,
            digest=digest(code),
            created_at=now,
            expires_at=now + LIFETIME_S,
        )
        _record(Action.INVITATION_CREATED, invitation, by=by, now=now, after={"role": role.value})
    return invitation, code


def of_account(account: Account, *, now: int) -> list[Invitation]:
    """Return the account's open invitations, the newest first."""
    query = Invitation.select().where(Invitation.account == account, Invitation.expires_at > now)
    return list(query.order_by(Invitation.id.desc()))


def withdraw(invitation: Invitation, *, by: Actor, now: int) -> None:
    """Make the invitation's link useless."""
    with writing(database):
        if Invitation.delete().where(Invitation.id == invitation.id).execute():
            _record(Action.INVITATION_WITHDRAWN, invitation, by=by, now=now)


def find(code: str, *, now: int) -> Invitation | None:
    """Return the open invitation with *code*, its account read along; None: there is none."""
    if not CODE.fullmatch(code):
        return None
    query = Invitation.select(Invitation, Account).join(Account)
    open_ones = query.where(Invitation.digest == digest(code), Invitation.expires_at > now)
    invitation: Invitation | None = open_ones.first()
    return invitation


def accept(invitation: Invitation, user: User, *, by: Actor, now: int) -> None:
    """Make *user*, whose address is the invited one, a member; the invitation is used up.

    Raises:
        CommandError: it has been used or withdrawn meanwhile, or they are a member already.
    """
    if user.email != invitation.email:
        raise CommandError(f"the invitation is for {invitation.email}")
    with writing(database):
        # Deleted first: of two who accept at once, the second finds nothing to delete.
        if not Invitation.delete().where(Invitation.id == invitation.id).execute():
            raise CommandError("the invitation has been used or withdrawn")
        accounts.add_member(invitation.account, user, Role(invitation.role), by=by, now=now)


def accept_as_new(invitation: Invitation, password: str, *, address: str | None, now: int) -> User:
    """Create the invited user with *password*, make them a member, and return them.

    Raises:
        CommandError: as for `accept`; or the password is wrong, or there is such a user by now.
    """
    with writing(database):
        by = Actor.unknown(address)
        user = accounts.create_user(invitation.email, password, by=by, now=now)
        accept(invitation, user, by=Actor.of(user, address), now=now)
    return user


def _of(account: Account) -> object:
    return Membership.account == account


def _record(
    action: Action,
    invitation: Invitation,
    *,
    by: Actor,
    now: int,
    after: dict[str, str] | None = None,
) -> None:
    subject = Subject(invitation.public_id, invitation.email)
    record(action, subject, account=invitation.account, by=by, now=now, after=after)
