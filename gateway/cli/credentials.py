"""The demo's sign-in and tokens, kept so that a second `gateway demo` can print them again.

The database has only hashes of them. They open nothing but made-up data; still the file is for its
owner's eyes alone. No other command writes a secret to a file.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.errors import CommandError


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may look at the demo.

    Attributes:
        full_token: has every scope.
        limited_token: sees who applied for what, but not who they are.
        webhook_key: encrypts secrets of the demo's webhooks; None: it was begun without.
    """

    email: str
    password: str
    full_token: str
    limited_token: str
    webhook_key: str | None = None


def read(path: Path) -> Credentials | None:
    """Return what `write` wrote to *path*; None if there is no such file, or another one."""
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write(path: Path, credentials: Credentials) -> None:
    """Write *credentials* to a new file at *path* that its owner alone can read.

    Raises:
        CommandError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(credentials), file, indent=2)
            file.write("\n")
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror}") from error
