"""Lines are decoded strictly: what passes has each key once, and characters that can be kept."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.findings import Findings, Positions
from ingest.lines import MAX_LINE_BYTES, decode, read_lines

# Rich in what could be taken for a key, for its end or for a colon.
TEXTS = st.text('":\\ \tab\0é\ud800', max_size=6)
KEYS = st.sampled_from(["a", "b"]) | TEXTS
SPACES = st.sampled_from(["", " ", "\t", "\r", " \t"])
MEMBERS = st.lists(st.tuples(KEYS, SPACES, SPACES, TEXTS | st.integers() | st.none()), max_size=4)


def strict(text):
    """Return whether *text* is a record, by the slow and obvious way."""
    pairs = []

    def noted(these):
        pairs.append([key for key, _ in these])
        return dict(these)

    value = json.loads(text, object_pairs_hook=noted)
    if "\ud800" in json.dumps(value, ensure_ascii=False):
        return None
    if any("\0" in str(one) for one in value.values()):
        return None
    return value if all(len(set(keys)) == len(keys) for keys in pairs) else None


@given(MEMBERS, st.booleans())
def test_each_key_is_there_once_in_what_passes(members, ascii_only):
    def written(value):
        return json.dumps(value, ensure_ascii=ascii_only or "\ud800" in str(value))

    line = ",".join(
        f"{written(key)}{before}:{after}{written(value)}" for key, before, after, value in members
    ).join("{}")

    try:
        record = decode(line.encode())
    except ValueError:
        record = None

    expected = strict(line)
    if expected is not None and any("\0" in key for key in expected):
        assert record in (None, expected)  # refused later, as an unknown field
    else:
        assert record == expected


def read(*contents, progress=lambda _: None):
    positions, findings = Positions(), Findings()
    lines = list(read_lines([io.BytesIO(one) for one in contents], positions, findings, progress))
    return [(positions.of(ordinal)[1], line) for ordinal, line in lines]


def test_lines_have_the_numbers_of_their_file():
    assert read(b"a\n\nb\n", b"", b"\xef\xbb\xbfc\r\n \nd") == [
        (1, b"a\n"),
        (3, b"b\n"),
        (1, b"c\r\n"),
        (3, b"d"),
    ]


@pytest.mark.parametrize("excess", [1, 2, MAX_LINE_BYTES, 3 * MAX_LINE_BYTES + 5])
def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole(excess):
    long = b"x" * (MAX_LINE_BYTES + excess)
    parts = []

    lines = read(long + b"\nnext\n", progress=parts.append)

    assert [number for number, _ in lines] == [1, 2]
    assert len(lines[0][1]) == MAX_LINE_BYTES + 1
    assert lines[1][1] == b"next\n"
    assert sum(parts) == len(long) + len(b"\nnext\n")
    with pytest.raises(ValueError, match="longer than 1048576 bytes"):
        decode(lines[0][1])


def test_a_line_of_just_the_limit_passes():
    line = b'{"a":"' + b"x" * (MAX_LINE_BYTES - 9) + b'"}\n'
    assert len(line) == MAX_LINE_BYTES

    assert [decode(one) for _, one in read(line)] == [json.loads(line)]


def test_a_stream_that_breaks_is_said_and_the_next_is_read():
    class Broken(io.BytesIO):
        def readline(self, size=-1):
            raise OSError(5, "Input/output error")

    positions, findings = Positions(), Findings()
    files = [Broken(), io.BytesIO(b"a")]
    lines = list(read_lines(files, positions, findings, lambda _: None))

    assert [line for _, line in lines] == [b"a"]
    assert findings.total == 1
