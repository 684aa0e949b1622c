"""Every page of the Settings at an address that exists, derived from the pages' own list.

A page with a variable part that is not known here fails every test that goes to all of them: say
in `SECTIONS` or `PARTS` what stands there, and let the tests' scenes make one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.web.site import VIEWS
from gateway.web.view import View

# What an `{id}` names below a path; the first that fits.
SECTIONS = (
    ("/settings/api/", "token"),
    ("/settings/members/invitations/", "invitation"),
    ("/settings/members/", "user"),
    ("/settings/profile/sessions/", "session"),
    ("/settings/webhooks/", "endpoint"),
)
PARTS = ("code", "delivery")
ELSEWHERE = "/settings/{rest:path}"  # whatever is no page
PART = re.compile(r"\{(\w+)(?::\w+)?\}")


def views() -> list[View]:
    """Return every page, but for the one that says that there is none."""
    return [view for view in VIEWS if view.path != ELSEWHERE]


def place(path: str, ids: Mapping[str, str]) -> str:
    """Return the *path* of a view with its variable parts filled in from *ids*."""
    return PART.sub(lambda match: ids[_named(path, match[1])], path)


def path_of(place: str) -> str:
    """Return the path of the view that answers at *place*."""
    found = (view.path for view in VIEWS if re.fullmatch(PART.sub("[^/]+", view.path), place))
    return next(found, ELSEWHERE)


def _named(path: str, part: str) -> str:
    if part == "id":
        found = next((kind for start, kind in SECTIONS if path.startswith(start)), None)
    else:
        found = part if part in PARTS else None
    assert found, f"tests/support/places.py does not know what `{part}` of {path} stands for"
    return found
