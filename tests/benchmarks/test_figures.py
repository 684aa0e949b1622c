"""The arithmetic of the benchmarks: a wrong median would be a wrong claim."""

import pytest

from benchmarks.figures import Spread, alternating, ratio


def test_rounds_go_forth_and_back_so_that_a_slowing_machine_favours_nobody():
    assert list(alternating("abc", 3)) == [
        (0, "a"),
        (0, "b"),
        (0, "c"),
        (1, "c"),
        (1, "b"),
        (1, "a"),
        (2, "a"),
        (2, "b"),
        (2, "c"),
    ]


def test_a_spread_is_the_median_between_least_and_most():
    assert Spread.of([9, 1, 2]) == Spread(2, 1, 9)
    assert Spread.of([1, 2, 4, 9]) == Spread(3, 1, 9)


def test_a_ratio_is_taken_round_by_round():
    # The machine was half as fast in the second round, for both.
    assert ratio([200, 100], [100, 50]) == Spread(2, 2, 2)
    assert ratio([10, 30], [10, 10]) == Spread(2, 1, 3)


def test_a_ratio_of_unequally_many_rounds_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        ratio([1, 2], [1])
