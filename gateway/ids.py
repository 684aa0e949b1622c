"""Public ids of the objects that the project makes itself: `acct_`, `usr_`, `tok_`.

Lowest layer: imports nothing of the project. Ids of hiring data are not made here, they come with
the data. An id is a name, not a secret: whoever knows one gains no access by it.
"""

from __future__ import annotations

import secrets
import string

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = 16  # 95 bits: no two alike


def new_id(prefix: str) -> str:
    """Return *prefix*, `_` and 16 random ASCII letters or digits: `tok_3hV9bQx0LmZt27Ka`."""
    return f"{prefix}_" + "".join(secrets.choice(_BASE62) for _ in range(_LENGTH))
