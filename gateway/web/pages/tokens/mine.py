"""Which tokens somebody may see and change: members their own, administrators the account's."""

from __future__ import annotations

from gateway import token_list
from gateway.web.page import Page
from models import Token, User

HOME = "/settings/api"


def owner(page: Page) -> User | None:
    """Return whose tokens the user may see; None: everyone's in the account."""
    return None if page.is_admin else page.user


def token(page: Page) -> Token:
    """Return the token that the path names.

    INVARIANT: the one way to a token. Of another account's, of another member's and of none at all
    the answer is the same 404.
    """
    found = token_list.one_of(page.account, page.sent.params["id"], owner=owner(page))
    return page.found(found)


def unused_s(page: Page) -> int:
    """Return after how many seconds without a use a token is unused."""
    return page.settings.token_unused_days * token_list.DAY_S


def path_of(token: Token, *more: str) -> str:
    """Return the path of the page of *token*, or of one below it."""
    return "/".join((HOME, token.public_id, *more))
