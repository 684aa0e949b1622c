"""Passwords: what is stored of one.

Argon2id with the library's current parameters (RFC 9106, low memory); they stand in each hash, so
they can be raised later. A password is normalised first (NFKC): two keyboards may send the same
letter as different code points.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher

# Long enough to need no rules about its characters, short enough that hashing one is no attack.
# Source: NIST SP 800-63B, "Password verifiers".
MIN_LENGTH = 12
MAX_LENGTH = 1024


def hashed(password: str) -> str:
    """Return the hash of *password*, with its salt and parameters in PHC string format.

    Raises:
        ValueError: it is too short, too long, or no text.
    """
    normalised = unicodedata.normalize("NFKC", password)
    if not MIN_LENGTH <= len(normalised) <= MAX_LENGTH:
        raise ValueError(f"must have {MIN_LENGTH} to {MAX_LENGTH} characters")
    if any(unicodedata.category(character) == "Cs" for character in normalised):
        raise ValueError("must be text in UTF-8")
    return PasswordHasher().hash(normalised)
