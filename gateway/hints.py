"""Hints for people: the closest known word to one that is unknown.

Lowest layer: imports nothing of the project. Used by the messages about files and about parameters.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the *known* word that *word* was probably meant to be, or None.

    A word that differs in case alone is the closest of all.
    """
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return `; did you mean …` for the end of a message, or *otherwise* if nothing is close."""
    match = closest(word, known)
    return f"; did you mean `{match}`?" if match else otherwise
