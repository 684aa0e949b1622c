"""Settings > Webhooks: who is told of the account's events, for its administrators.

listing.py     which endpoints there are, and how they fare
create.py      a new one
edit.py        address, events and scopes
state.py       switched off and on
rotate.py      a new secret, beside the old one for a while
delete.py      the end
deliveries.py  what was sent and is on its way
again.py       sending on request: again, or a test
moments.py     points in time that people type in
fields.py      the fields that several forms have
seen.py        what an endpoint is sent: scopes in plain words, previews
secret.py      the page that shows a secret, once, and how to receive
within.py      which endpoints somebody may see and change

An endpoint reads the account's data, whoever made it, so all of this is for administrators.
"""

from __future__ import annotations

from gateway.web.pages.webhooks import (
    again,
    create,
    delete,
    deliveries,
    edit,
    listing,
    rotate,
    seen,
    state,
)
from gateway.web.view import View

VIEWS: tuple[View, ...] = (
    *listing.VIEWS,
    *create.VIEWS,
    *seen.VIEWS,
    *edit.VIEWS,
    *state.VIEWS,
    *rotate.VIEWS,
    *delete.VIEWS,
    *deliveries.VIEWS,
    *again.VIEWS,
)
