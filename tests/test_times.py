"""Times come in as RFC 3339 with an offset and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.times import epoch_seconds
from models import UtcSecondsField

FIRST = -62_135_596_800  # 0001-01-01T00:00:00Z
LAST = 253_402_300_799  # 9999-12-31T23:59:59Z


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-01-15T10:00:00Z", 1_768_471_200),
        ("2026-01-15t10:00:00z", 1_768_471_200),
        ("2026-01-15T12:30:00+02:30", 1_768_471_200),
        ("2026-01-15T05:00:00-05:00", 1_768_471_200),
        ("2024-02-29T00:00:00Z", 1_709_164_800),
    ],
)
def test_a_time_with_an_offset_becomes_seconds_since_the_epoch(text: str, seconds: int):
    assert epoch_seconds(text) == seconds


@pytest.mark.parametrize("text", ["2026-01-15T10:00:00.999999999Z", "2026-01-15T10:00:00.0Z"])
def test_a_fraction_is_cut_not_rounded(text: str):
    assert epoch_seconds(text) == 1_768_471_200


@pytest.mark.parametrize(
    "text", ["2016-12-31T23:59:60Z", "2016-12-31T18:59:60-05:00", "2016-12-31T23:59:60.5Z"]
)
def test_a_leap_second_is_the_one_after_it(text: str):
    assert epoch_seconds(text) == epoch_seconds("2017-01-01T00:00:00Z")


def test_a_fraction_before_the_epoch_is_cut_too():
    assert epoch_seconds("1969-12-31T23:59:59.9Z") == -1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-15",
        "2026-01-15T10:00:00",
        "2026-01-15 10:00:00Z",
        "20260115T100000Z",
        "2026-W03-4T10:00:00Z",
        "2026-01-15T10:00Z",
        "2026-01-15T10:00:00,5Z",
        "2026-01-15T10:00:00+0200",
        "٢٠٢٦-01-15T10:00:00Z",
        "2026-01-15T10:00:00Z\n",
    ],
)
def test_another_form_is_refused_with_an_example(text: str):
    with pytest.raises(ValueError, match="such as 2026-01-15T10:00:00Z"):
        epoch_seconds(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-15T24:00:01Z",
        "2026-01-15T10:00:60Z",
        "2026-01-15T10:00:00+25:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_a_time_that_does_not_exist_is_refused(text: str):
    with pytest.raises(ValueError, match="is not a time that exists"):
        epoch_seconds(text)


@given(st.integers(FIRST, LAST))
def test_what_documents_show_is_read_back_as_it_was(seconds: int):
    assert epoch_seconds(UtcSecondsField.document_value(seconds)) == seconds
