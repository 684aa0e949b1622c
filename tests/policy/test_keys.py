"""The keys of hashes: from outside, long enough, and not needed for the proof."""

from __future__ import annotations

import pytest

from gateway.errors import ConfigError


def test_key_that_is_not_set_stops_the_start(library) -> None:
    with pytest.raises(ConfigError) as caught:
        library.load(key="")
    assert [str(finding).rpartition("/")[2] for finding in caught.value.findings] == [
        "reader.yaml:11: environment variable `LIBRARY_KEY`, the key of a `hash`, is not set;"
        " give it 16 characters or more",
        "reference.yaml:9: environment variable `LIBRARY_KEY`, the key of a `hash`, is not set;"
        " give it 16 characters or more",
    ]


def test_short_key_stops_the_start_and_is_not_told(library) -> None:
    with pytest.raises(ConfigError, match="is too short; give it 16 characters") as caught:
        library.load(key="s3cret")
    assert "s3cret" not in str(caught.value)


def test_proof_needs_no_key(library) -> None:
    assert library.findings() == []


def test_hash_takes_the_key_from_the_environment(library, scopes) -> None:
    reader = {"$ref": "#/components/schemas/Reader"}
    body = {"id": "r1", "email": "ann@example.com"}
    view_of = lambda key: library.load(key).view(scopes("desk", "loans"))  # noqa: E731
    one = view_of("a key for the tests").redact(reader, body)["email"]
    assert one == view_of("a key for the tests").redact(reader, body)["email"]
    assert one != view_of("another key, as long").redact(reader, body)["email"]
