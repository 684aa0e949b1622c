"""The headers by which a receiver knows that a message is ours, new, and unchanged.

By the library of Standard Webhooks, whose verifiers exist for many languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook


def signed_headers(
    message_id: str, body: bytes, secrets: Sequence[str], *, now: int
) -> dict[str, str]:
    """Return the headers of one try to deliver *body*.

    Args:
        message_id: the same in every try, so that receivers can tell what they have already.
        secrets: one, or two while they are being rotated; a receiver needs to know either.
        now: seconds since the Unix epoch; receivers refuse what is older than a few minutes.
    Source: Standard Webhooks, "Webhook headers".
    """
    at = datetime.fromtimestamp(now, UTC)
    signatures = [Webhook(secret).sign(message_id, at, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(signatures),
    }
