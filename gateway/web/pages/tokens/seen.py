"""What a token sees: the scopes in plain words, and previews of each operation's answer.

Everything is derived from document and policies; `gateway.preview` has the previews from the policy
itself. With the script the preview is a fragment that follows the form.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gateway import preview, token_list
from gateway.policy.grants import Change, Opening, gained, openings
from gateway.web.page import Page
from gateway.web.pages.tokens import mine
from gateway.web.view import View, member
from models import Token


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope in the document's own words.

    Attributes:
        subjects: what its operations are about: pairs of name and description.
    """

    name: str
    subjects: tuple[tuple[str, str], ...]
    opening: Opening


def scopes(page: Page) -> list[Scope]:
    """Return the scopes that a token can have."""
    model = page.bundle.policy.model
    described = {tag["name"]: tag.get("description", "") for tag in model.document.raw["tags"]}
    found = []
    for opening in openings(model):
        tags = [tag for one in opening.operations for tag in one.raw.get("tags", ())]
        subjects = tuple((tag, described.get(tag, "")) for tag in dict.fromkeys(tags))
        found.append(Scope(opening.scope, subjects, opening))
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """What a set of scopes sees, and what differs from what a token saw before.

    Attributes:
        previews: those that answer first.
        gained, lost: None: there is nothing to compare with.
        opened: the operation that is shown open.
    """

    chosen: frozenset[str]
    previews: list[preview.Preview]
    gained: Change | None
    lost: Change | None
    opened: str | None

    @property
    def reached(self) -> int:
        """How many operations answer."""
        return sum(one.is_reached for one in self.previews)

    @property
    def hidden(self) -> int:
        """How many properties are hidden in those that answer."""
        return sum(one.hidden for one in self.previews)


def seen(page: Page, chosen: frozenset[str], token: Token | None = None) -> Seen:
    """Return what *chosen* scopes see.

    Args:
        token: that has other scopes so far; None: it is to be made.
    """
    policy = page.bundle.policy
    before = None if token is None else frozenset(token.scopes.split())
    found = preview.previews(policy, chosen, before)
    return Seen(
        chosen=chosen,
        previews=sorted(found, key=lambda one: not one.is_reached),
        gained=None if before is None else gained(policy.model, before, chosen),
        lost=None if before is None else gained(policy.model, chosen, before),
        opened=_most_telling(found),
    )


def _most_telling(found: list[preview.Preview]) -> str | None:
    """Return which operation is shown open: one in which something turns, else is hidden.

    Of several it is the shortest: one thing tells as much as a list of them.
    """
    reached = sorted((one for one in found if one.is_reached), key=lambda one: len(one.lines))
    telling = (
        [one for one in reached if one.turns and one.turn is None],
        [one for one in reached if one.turn],
        [one for one in reached if one.hidden],
        [one for one in reached if one.operation.scopes],
        reached,
    )
    return next((some[0].operation.id for some in telling if some), None)


@member
def fragment(page: Page) -> Response:
    """Show the preview alone, for the script."""
    chosen = frozenset(page.sent.query.get("scopes", "").split())
    token = None
    if token_id := page.sent.query.get("token"):
        token = page.found(token_list.one_of(page.account, token_id, owner=mine.owner(page)))
    known = chosen & frozenset(page.bundle.document.scopes)
    return page.render("tokens/preview.html", seen=seen(page, known, token))


VIEWS = (View("/settings/api/preview", get=fragment),)
