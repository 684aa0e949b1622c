"""Public ids of our own objects."""

import re

from gateway.ids import new_id


def test_an_id_is_a_prefix_and_sixteen_letters_or_digits():
    assert re.fullmatch(r"tok_[0-9A-Za-z]{16}", new_id("tok"))


def test_no_two_ids_are_alike():
    assert len({new_id("acct") for _ in range(1_000)}) == 1_000
