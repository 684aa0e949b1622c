"""The session's cookie, as it comes in. Lowest layer: imports nothing of the project.

How it goes out is `gateway.web.cookies`.
"""

from __future__ import annotations

import re

NAME = "gateway_session"
# Browsers take a cookie with this prefix only over HTTPS, from this very host, for all of it.
SECURE_NAME = f"__Host-{NAME}"
NAMES = (SECURE_NAME, NAME)  # the one that nobody can have planted first

_VALUES = {name: re.compile(rf"(?:^|;)\s*{re.escape(name)}=([^;]*)") for name in NAMES}
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64


def secret_in(header: str, name: str) -> str | None:
    """Return the session's secret in a Cookie header.

    Returns:
        None: it is not there, is there twice (one of them may be planted), or is none of ours.
    """
    values = _VALUES[name].findall(header)
    if len(values) != 1 or not _SECRET.fullmatch(values[0]):
        return None
    return str(values[0])
