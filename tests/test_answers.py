"""Answers that are kept: found for the same version only, bounded in bytes."""

from __future__ import annotations

from gateway.answers import OVERHEAD_BYTES, Answers

SIZE = 1_000
ROOM_FOR_TWO = 2 * (SIZE + OVERHEAD_BYTES)


def answer(letter: bytes = b"a") -> bytes:
    return letter * SIZE


def test_an_answer_is_found_for_its_version_and_no_other():
    answers, kept = Answers(ROOM_FOR_TWO), answer()
    answers.keep("key", 1, kept)
    assert answers.get("key", 1) is kept
    assert answers.get("key", 2) is None
    assert answers.get("other", 1) is None


def test_another_version_takes_the_place_of_the_one_before():
    answers = Answers(ROOM_FOR_TWO)
    answers.keep("key", 1, answer())
    newer = answer(b"b")
    answers.keep("key", 2, newer)
    assert answers.get("key", 2) is newer
    assert answers.get("key", 1) is None
    assert answers.size == SIZE + OVERHEAD_BYTES


def test_what_was_used_least_recently_goes_first():
    answers = Answers(ROOM_FOR_TWO)
    answers.keep("one", 1, answer())
    answers.keep("two", 1, answer())
    answers.get("one", 1)
    answers.keep("three", 1, answer())
    assert answers.get("two", 1) is None
    assert answers.get("one", 1)
    assert answers.get("three", 1)
    assert answers.size == ROOM_FOR_TWO


def test_an_answer_that_has_no_room_drops_no_other():
    answers = Answers(SIZE + OVERHEAD_BYTES)
    answers.keep("one", 1, answer())
    answers.keep("large", 1, b"x" * 2 * SIZE)
    assert answers.get("one", 1)
    assert answers.get("large", 1) is None


def test_long_keys_take_room_too():
    answers = Answers(ROOM_FOR_TWO)
    answers.keep("one", 1, answer(), key_bytes=SIZE)
    answers.keep("two", 1, answer())
    assert answers.get("one", 1) is None
    assert answers.size == SIZE + OVERHEAD_BYTES


def test_without_room_nothing_is_kept():
    answers = Answers(0)
    answers.keep("one", 1, b"")
    assert answers.get("one", 1) is None
    assert answers.size == 0
