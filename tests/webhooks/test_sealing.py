"""Secrets of endpoints are of no use without the key, and to no other endpoint."""

import pytest

from gateway.webhooks.sealing import Sealer, SealingError, new_key, new_secret


def test_a_sealed_secret_is_not_readable_and_opens_with_the_key():
    sealer, secret = Sealer([new_key()]), new_secret()
    sealed = sealer.seal(secret, "whe_1")
    assert secret.removeprefix("whsec_") not in sealed
    assert sealer.open(sealed, "whe_1") == secret
    assert sealer.seal(secret, "whe_1") != sealed


def test_without_a_key_nothing_is_sealed_or_opened():
    sealed = Sealer([new_key()]).seal(new_secret(), "whe_1")
    for attempt in (
        lambda: Sealer([]).seal("whsec_", "whe_1"),
        lambda: Sealer([]).open(sealed, ""),
    ):
        with pytest.raises(SealingError, match="GATEWAY_WEBHOOK_KEY: is not set"):
            attempt()


def test_another_key_does_not_open():
    sealed = Sealer([new_key()]).seal(new_secret(), "whe_1")
    with pytest.raises(SealingError, match="is not the key"):
        Sealer([new_key()]).open(sealed, "whe_1")


def test_what_was_tampered_with_does_not_open():
    sealer = Sealer([new_key()])
    sealed = sealer.seal(new_secret(), "whe_1")
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
    with pytest.raises(SealingError):
        sealer.open(changed, "whe_1")


def test_a_sealed_secret_of_one_endpoint_is_none_of_another():
    sealer = Sealer([new_key()])
    sealed = sealer.seal(new_secret(), "whe_1")
    with pytest.raises(SealingError, match="whe_2"):
        sealer.open(sealed, "whe_2")


def test_a_key_is_replaced_by_a_new_one_before_it():
    old, new = new_key(), new_key()
    secret = new_secret()
    sealed = Sealer([old]).seal(secret, "whe_1")
    both = Sealer([new, old])
    assert both.open(sealed, "whe_1") == secret
    assert Sealer([new]).open(both.seal(secret, "whe_1"), "whe_1") == secret
