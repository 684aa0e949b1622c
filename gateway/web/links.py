"""Addresses within the pages, and where a sign-in may lead back to."""

from __future__ import annotations

import re

HOME = "/settings"

# A path of our own, in plain letters: no host, no scheme, no way up.
SAFE = re.compile(r"/(?:settings(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*|docs)")


def relative(target: str, here: str) -> str:
    """Return *target* as seen from the page at *here*, so that both may stand below a prefix.

    Args:
        target: a path of the pages, with or without query or fragment: `/settings/members`.
        here: the path of the page that links to it.
    """
    up = here.count("/") - 1
    return "../" * up + target.removeprefix("/")


def safe_target(path: str) -> str:
    """Return *path* if it is one of ours, else the first page: no sign-in leads elsewhere."""
    return path if SAFE.fullmatch(path) else HOME
