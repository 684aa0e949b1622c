"""Who did what, when, from where, and what it was before and after: written once, kept for good.

Whatever changes accounts, members, users or tokens takes an `Actor` and calls `record` in its own
transaction, so there is no change without its entry and no entry of a change that did not happen.
`signed_in`, `sign_in_failed`, `signed_out` and `password_changed` write an entry for each account
of who it is about.

Entries are never changed or deleted: triggers of the database refuse it. They have no foreign keys,
so they outlive what they tell of, under the ids and names that it had. They hold no secret.
"""

from gateway.audit.actor import SYSTEM, Actor, ActorKind, Via
from gateway.audit.record import (
    Action,
    Subject,
    password_changed,
    record,
    sign_in_failed,
    signed_in,
    signed_out,
    time_of,
)
from gateway.audit.trail import Change, Filter, Page, changes, document, entries, page

__all__ = [
    "SYSTEM",
    "Action",
    "Actor",
    "ActorKind",
    "Change",
    "Filter",
    "Page",
    "Subject",
    "Via",
    "changes",
    "document",
    "entries",
    "page",
    "password_changed",
    "record",
    "sign_in_failed",
    "signed_in",
    "signed_out",
    "time_of",
]
