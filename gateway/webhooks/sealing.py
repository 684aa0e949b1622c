"""Secrets of endpoints: made here, kept encrypted, opened to sign with.

A signature needs the secret itself, so a hash will not do. What is stored is sealed with a key
that is not in the database (a setting): a copy of the database alone forges nothing. A sealed
secret is bound to its endpoint, so that it cannot be moved to another's row.

Several keys may be given: the first one seals, all of them open. So a key is replaced by putting
the new one before the old one.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from gateway.errors import CommandError

PREFIX = "whsec_"
SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64
VARIABLE = "GATEWAY_WEBHOOK_KEY"


class SealingError(CommandError):
    """A secret can be neither sealed nor opened; the text says why and what to do."""


def new_secret() -> str:
    """Return a secret for signatures: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_key() -> str:
    """Return a key to seal with, as the setting takes it."""
    return Fernet.generate_key().decode()


class Sealer:
    """Seals and opens secrets."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Work with *keys*; with none, everything is refused.

        Args:
            keys: well-formed ones; see `gateway.settings`.
        """
        self._keys = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def seal(self, secret: str, endpoint_id: str) -> str:
        """Return *secret* of the endpoint *endpoint_id* as it may be stored.

        Raises:
            SealingError: there is no key.
        """
        return self._fernet().encrypt(_bound(secret, endpoint_id)).decode()

    def open(self, sealed: str, endpoint_id: str) -> str:
        """Return the secret of the endpoint *endpoint_id*.

        Raises:
            SealingError: there is no key, another one, or it is the secret of another endpoint.
        """
        try:
            opened = self._fernet().decrypt(sealed)
        except InvalidToken as error:
            raise SealingError(
                f"{VARIABLE}: is not the key that the secrets of the webhook endpoints were "
                "encrypted with; set that one"
            ) from error
        owner, _, secret = opened.decode().partition(" ")
        if owner != endpoint_id:
            raise SealingError(f"the secret of endpoint `{endpoint_id}` is not its own; rotate it")
        return secret

    def _fernet(self) -> MultiFernet:
        if self._keys is None:
            raise SealingError(
                f"{VARIABLE}: is not set, and webhooks need it to encrypt their secrets; make a "
                "key with `gateway webhook key`"
            )
        return self._keys


def _bound(secret: str, endpoint_id: str) -> bytes:
    return f"{endpoint_id} {secret}".encode()
