"""Folding of text for search: what is stored and what is asked for go through the same function.

Lowest layer: imports nothing of the project.
"""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Return *text* without case and accents: NFKD, category Mn dropped, full case folding.

    Source: contract, "Search".
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn").casefold()
