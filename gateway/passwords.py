"""Passwords: what is stored of one.

Argon2id with the library's current parameters (RFC 9106, low memory); they stand in each hash, so
they can be raised later. A password is normalised first (NFKC): two keyboards may send the same
letter as different code points.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Long enough to need no rules about its characters, short enough that hashing one is no attack.
# Source: NIST SP 800-63B, "Password verifiers".
MIN_LENGTH = 12
MAX_LENGTH = 1024


def hashed(password: str) -> str:
    """Return the hash of *password*, with its salt and parameters in PHC string format.

    Raises:
        ValueError: it is too short, too long, or no text.
    """
    return PasswordHasher().hash(checked(password))


def checked(password: str) -> str:
    """Return *password* as it is hashed. Raises as `hashed`, which takes longer."""
    normalised = _normalised(password)
    if not MIN_LENGTH <= len(normalised) <= MAX_LENGTH:
        raise ValueError(f"must have {MIN_LENGTH} to {MAX_LENGTH} characters")
    if _has_surrogates(normalised):
        raise ValueError("must be text in UTF-8")
    return normalised


def matches(password: str, stored: str | None) -> bool:
    """Return whether *stored* is the hash of *password*; takes as long where there is none.

    Args:
        stored: None: of a user who does not exist, or cannot sign in.
    """
    normalised = _normalised(password)
    hashable = len(normalised) <= MAX_LENGTH and not _has_surrogates(normalised)
    # The same work whatever is asked: who measures it learns nothing of who is a user.
    candidate, against = (normalised, stored) if stored and hashable else ("", _nobodys())
    try:
        PasswordHasher().verify(against, candidate)
    except (VerificationError, InvalidHashError):
        return False
    return against is stored


def is_outdated(stored: str) -> bool:
    """Return whether *stored* was made with weaker parameters than `hashed` uses now."""
    return PasswordHasher().check_needs_rehash(stored)


def _normalised(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _has_surrogates(text: str) -> bool:
    return any(unicodedata.category(character) == "Cs" for character in text)


@cache
def _nobodys() -> str:
    return PasswordHasher().hash("nobody's password")
