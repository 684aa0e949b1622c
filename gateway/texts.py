"""Checks of short texts that people type in: names and e-mail addresses.

Lowest layer. A refusal is a ValueError whose text says what must be; whoever calls says of what.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 255
MAX_EMAIL = 254

# What browsers accept in an e-mail field. Source: HTML Standard, "Valid email address".
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")


def checked_name(text: str) -> str:
    """Return *text* without blanks around it.

    Raises:
        ValueError: nothing is left, it is too long, or it has a control character or a lone
            surrogate, which databases refuse.
    """
    name = text.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise ValueError(f"must have 1 to {MAX_NAME} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise ValueError("must not have control characters")
    return name


def checked_email(text: str) -> str:
    """Return *text* in lower case.

    Raises:
        ValueError: it is no e-mail address.
    """
    if len(text) > MAX_EMAIL or not EMAIL.fullmatch(text):
        raise ValueError(f"must be an e-mail address of at most {MAX_EMAIL} characters")
    return text.lower()
