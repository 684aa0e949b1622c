"""Sessions of signed-in browsers: begun, found, ended.

A session's id is 256 random bits. It leaves this module once, in the result of `begin`, for the
cookie; only its SHA-256 is stored, so who reads the database cannot become anybody. A session ends
when it was idle for too long, when it is too old however busy, or when its row is deleted: at once,
in every worker.

Not on the way of a request with a token. `gateway.security` reads the table itself for requests
without one, and shares `digest` and `is_live`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from gateway.database import writing
from gateway.ids import new_id
from models import Account, Membership, Session, SpentForm, User, database

SECRET_BYTES = 32
SEEN_EVERY_S = 60  # how exact `seen_at` is
MAX_AGENT = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives, in seconds: without a request, and at most."""

    idle_s: int
    absolute_s: int


NONE = Limits(0, 0)


def digest(secret: str) -> str:
    """Return what is stored of a session's id: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def is_live(created_at: int, seen_at: int, limits: Limits, now: float) -> bool:
    """Return whether a session with these times may still be used."""
    return now < seen_at + limits.idle_s and now < created_at + limits.absolute_s


def begin(user: User, *, address: str, agent: str, now: int) -> tuple[Session, str]:
    """Begin a session of *user*; return it and its secret.

    Always a new secret, whatever the browser had before: one that somebody planted there opens
    nothing. Who belongs to one account alone has it selected.

    Args:
        address, agent: of the client, for the list of sessions.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    memberships = Membership.select(Membership.account).where(Membership.user == user).limit(2)
    accounts = [one.account_id for one in memberships]
    session = Session.create(
        public_id=new_id("ses"),
        digest=digest(secret),
        user=user,
        selected_account=accounts[0] if len(accounts) == 1 else None,
        created_at=now,
        seen_at=now,
        address=address,
        agent=agent[:MAX_AGENT],
    )
    return session, secret


def find(secret: str, limits: Limits, *, now: int) -> Session | None:
    """Return the live session with *secret*, its user and selected account read along.

    Args:
        secret: as `gateway.cookies.secret_in` lets it through.
    Returns:
        None: there is none, or it has ended.
    """
    query = Session.select(Session, User).join(User).where(Session.digest == digest(secret))
    session: Session | None = query.first()
    if session is None or not is_live(session.created_at, session.seen_at, limits, now):
        return None
    return session


def touch(session: Session, *, now: int) -> None:
    """Note that *session* is in use; seldom enough that reading pages writes next to nothing."""
    if now - session.seen_at >= SEEN_EVERY_S:
        Session.update(seen_at=now).where(Session.id == session.id).execute()


def select(session: Session, account: Account) -> None:
    """Make *account* the one that *session* works in. Who calls has seen the membership."""
    Session.update(selected_account=account).where(Session.id == session.id).execute()


def of_user(user: User, limits: Limits, *, now: int) -> list[Session]:
    """Return the live sessions of *user*, the last used first."""
    query = Session.select().where(Session.user == user).order_by(Session.seen_at.desc())
    return [one for one in query if is_live(one.created_at, one.seen_at, limits, now)]


def end(session: Session) -> None:
    """End *session* for good. Ending it twice changes nothing."""
    Session.delete().where(Session.id == session.id).execute()


def end_all(user: User, *, but: Session | None = None) -> int:
    """End every session of *user*, except *but*; return how many there were."""
    which = Session.user == user
    if but is not None:
        which &= Session.id != but.id
    ended: int = Session.delete().where(which).execute()
    return ended


def forget_ended(limits: Limits, *, now: int) -> None:
    """Delete sessions that are too old to be used."""
    Session.delete().where(Session.created_at <= now - limits.absolute_s).execute()


def note(session: Session, notice: str | None) -> None:
    """Keep what the next page of *session* shall say once; None: nothing."""
    Session.update(notice=notice).where(Session.id == session.id).execute()


def spend(session: Session, form: str) -> bool:
    """Note that *form* has been sent; return False if it had been before."""
    with writing(database):
        added: int = (
            SpentForm.insert(session=session, form=form)
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
    return added == 1


def unspend(session: Session, form: str) -> None:
    """Let *form* be sent again: nothing came of it."""
    SpentForm.delete().where(SpentForm.session == session, SpentForm.form == form).execute()
