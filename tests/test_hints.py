"""Hints: the closest known word."""

from __future__ import annotations

from gateway.hints import closest, did_you_mean


def test_word_of_another_case_is_the_closest() -> None:
    assert closest("Published", ["publish", "published", "draft"]) == "published"


def test_typo_is_close_and_another_word_is_not() -> None:
    assert closest("candidate:read", ["candidates:read", "books:read"]) == "candidates:read"
    assert closest("xyz", ["candidates:read"]) is None


def test_hint_ends_a_message() -> None:
    assert did_you_mean("titel", ["title"]) == "; did you mean `title`?"
    assert did_you_mean("xyz", ["title"], "; write it out") == "; write it out"
    assert did_you_mean("xyz", ["title"]) == ""
