"""Mail that waits in the database until a server has taken it.

Each function is a transaction, or a part of the one that is open. Who is to get a mail stands in it
as a user, not as an address: whoever leaves meanwhile gets none.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.database import writing
from gateway.ids import new_id
from gateway.roles import Role
from models import Account, Membership, OutgoingMail, User, database

CLAIM_S = 120  # longer than any try takes
DELAYS_S = (60, 300, 900, 3_600)  # after the first try, the second, …
LONGEST_DELAY_S = 14_400
DAY_S = 86_400
TRIED_FOR_S = 7 * DAY_S
KEPT_S = 30 * DAY_S


def administrators(account: Account) -> Sequence[User]:
    """Return who administers *account*."""
    query = User.select().join(Membership).where(Membership.account == account)
    return list(query.where(Membership.role == Role.ADMIN).order_by(User.id))


def queue(account: Account, key: str, subject: str, text: str, *, now: int) -> int:
    """Queue a mail to each administrator of *account*, once for each *key*; return how many."""
    rows = [
        {
            "key": f"{key}:{user.public_id}",
            "account": account.id,
            "user": user.id,
            "subject": " ".join(subject.split()),
            "text": text,
            "message_id": new_id("mail"),
            "created_at": now,
            "due_at": now,
        }
        for user in administrators(account)
    ]
    if rows:
        OutgoingMail.insert_many(rows).on_conflict_ignore().execute()
    return len(rows)


def claim(*, now: int) -> OutgoingMail | None:
    """Return the mail that has waited longest, which nobody else takes for `CLAIM_S`."""
    is_free = (OutgoingMail.due_at <= now) & (OutgoingMail.claimed_until <= now)
    with writing(database):
        query = OutgoingMail.select(OutgoingMail, User, Account).join(User)
        query = query.switch(OutgoingMail).join(Account).where(is_free)
        mail: OutgoingMail | None = query.order_by(OutgoingMail.due_at, OutgoingMail.id).first()
        if mail is None:
            return None
        # Again whether it is free: on PostgreSQL another process may have come between.
        mine = OutgoingMail.update(claimed_until=now + CLAIM_S)
        if not mine.where(OutgoingMail.id == mail.id, is_free).execute():
            return None
        mail.claimed_until = now + CLAIM_S
    return mail


def has_been_sent(mail: OutgoingMail, *, now: int) -> None:
    """Write down that the server has taken *mail*. What it said is of no more use."""
    taken = {"sent_at": now, "due_at": None, "claimed_until": 0, "tries": OutgoingMail.tries + 1}
    OutgoingMail.update({**taken, "subject": "", "text": ""}).where(
        OutgoingMail.id == mail.id
    ).execute()


def has_failed(mail: OutgoingMail, *, now: int) -> bool:
    """Write down that *mail* was not sent; return whether it will be tried again."""
    tries = mail.tries + 1
    delay_s = DELAYS_S[tries - 1] if tries <= len(DELAYS_S) else LONGEST_DELAY_S
    goes_on = bool(now - mail.created_at < TRIED_FOR_S)
    changes = {"tries": tries, "due_at": now + delay_s if goes_on else None, "claimed_until": 0}
    # Another process may have taken it over, if this one was paused, and sent it.
    mine = (OutgoingMail.id == mail.id) & (OutgoingMail.claimed_until == mail.claimed_until)
    OutgoingMail.update(changes).where(mine).execute()
    return goes_on


def drop(mail: OutgoingMail) -> None:
    """Forget *mail*: nobody is to get it any more."""
    OutgoingMail.delete().where(OutgoingMail.id == mail.id).execute()


def remove_old(*, now: int) -> int:
    """Delete what was sent, or given up, and is older than `KEPT_S`; return how many."""
    is_over = OutgoingMail.due_at.is_null() & (OutgoingMail.created_at < now - KEPT_S)
    removed: int = OutgoingMail.delete().where(is_over).execute()
    return removed
