"""When a message is tried again."""

import pytest

from gateway.webhooks.schedule import DAY, HOUR, MINUTE, Schedule, retry_after_s

NOW = 1_790_000_000  # 2026-09-21T14:13:20Z


def test_the_delays_are_those_of_standard_webhooks():
    delays = [Schedule().delay_s(tries, lambda: 0.0) for tries in range(1, 11)]
    hours = [2, 5, 10, 14, 20, 24]
    assert delays == [5, 5 * MINUTE, 30 * MINUTE, *(hour * HOUR for hour in hours), None]
    assert 3 * DAY < sum(delays[:-1]) < 3.25 * DAY


def test_what_failed_together_is_not_tried_together():
    assert [Schedule().delay_s(4, lambda part=part: part) for part in (0, 0.5, 0.999)] == [
        7_200,
        7_920,
        8_639,
    ]


def test_an_endpoint_that_fails_rests_for_longer_and_longer():
    rests = [Schedule().rest_s(failures) for failures in (0, 1, 4, 5, 6, 7, 12, 13, 14, 10**9)]
    assert rests == [0, 0, 0, 1, 2, 4, 128, 256, 300, 300]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        ("0", 0),
        ("99999999999999999999", DAY),
        ("Mon, 21 Sep 2026 14:15:20 GMT", 120),
        ("Mon, 21 Sep 2026 14:15:20 -0000", 120),
        ("Mon, 21 Sep 2026 14:13:00 GMT", 0),
        ("Mon, 21 Sep 2099 14:13:00 GMT", DAY),
        ("soon", None),
        ("-1", None),
        ("１２０", None),
        ("1.5", None),
        ("", None),
        ("Mon, 99 Sep 2026 14:15:20 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after_s(value, now=NOW) == seconds
