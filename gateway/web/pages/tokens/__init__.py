"""Settings > API: the tokens of the account, for people.

listing.py   which there are
create.py    a new one
edit.py      name, scopes and expiry
rotate.py    a new secret, and the end of the old one
revoke.py    the end
fields.py    the fields that several forms have
seen.py      what a token sees: scopes in plain words, previews
secret.py    the page that shows a secret, once
mine.py      which tokens somebody may see and change

Members see and change their own tokens, administrators all of the account's: every function finds
a token by `mine.token`, which knows no other.
"""

from __future__ import annotations

from gateway.web.pages.tokens import create, edit, listing, revoke, rotate, seen
from gateway.web.view import View

VIEWS: tuple[View, ...] = (
    *listing.VIEWS,
    *create.VIEWS,
    *seen.VIEWS,
    *edit.VIEWS,
    *rotate.VIEWS,
    *revoke.VIEWS,
)
