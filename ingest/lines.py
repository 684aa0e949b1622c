"""Lines of files: read one at a time, numbered through the whole import, and decoded strictly."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import orjson

from gateway.errors import echo
from ingest.findings import Findings, Positions

MAX_LINE_BYTES = 1 << 20
BUFFER_BYTES = 1 << 20
BOM = b"\xef\xbb\xbf"
SHORTEST_PAIR = len('"":0,')

# How messages name a stream that is no file of its own.
STDIN = Path("-")

Record = dict[str, Any]


def read_lines(
    files: Sequence[Path | BinaryIO],
    positions: Positions,
    findings: Findings,
    progress: Callable[[int], None],
) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, each with its number; one that is too long is cut.

    Args:
        findings: where files go that cannot be read.
        progress: is told how many more bytes have been read, about once a MiB.
    """
    ordinal = 1
    for file in files:
        path = file if isinstance(file, Path) else STDIN
        positions.begin(path, ordinal)
        unreported = 0
        try:
            opened = path.open("rb", BUFFER_BYTES) if isinstance(file, Path) else nullcontext(file)
            with opened as stream:
                line = stream.readline(MAX_LINE_BYTES + 1).removeprefix(BOM)
                while line:
                    unreported += len(line)
                    if not line.isspace():
                        yield ordinal, line
                    if len(line) > MAX_LINE_BYTES:
                        unreported += _skip_rest(stream)
                    if unreported >= BUFFER_BYTES:
                        progress(unreported)
                        unreported = 0
                    ordinal += 1
                    line = stream.readline(MAX_LINE_BYTES + 1)
        except OSError as error:
            findings.add_of_file(ordinal, f"cannot be read: {error.strerror}")
        ordinal += 1  # the place of an error at a file's end, or of an empty file
        progress(unreported)


def _skip_rest(stream: BinaryIO | io.BufferedReader) -> int:
    skipped = 0
    while part := stream.readline(MAX_LINE_BYTES):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def decode(line: bytes) -> Record:
    """Return the record in *line*.

    Raises:
        ValueError: it is not a JSON object of which each key stands there once, or it has
            characters that databases cannot keep.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes; a record is one line")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        _explain(line)
    if type(record) is not dict:
        raise ValueError("not a JSON object; a record is `{…}` on one line")
    if _may_repeat_a_key(line, record):
        _load_strictly(line.decode())
    if b"\\" in line and b"\\u0000" in line:
        _refuse_nul(record)
    return record


def _may_repeat_a_key(line: bytes, record: Record) -> bool:
    """Return whether a key may stand in *line* twice; orjson keeps the last one without a word.

    Cheap ways to be sure that none does; `_load_strictly` is a slow one.
    """
    # A key is followed by a colon. Where no white space stands before any colon, each key has its
    # `":`, so as many of those as keys leave no room for a second one.
    if (
        line.count(b'":') == len(record)
        and b" :" not in line
        and b"\t:" not in line
        and b"\r:" not in line
    ):
        return False
    try:
        # What orjson writes is as short as can be (but for floats, which no field takes).
        return len(line) - len(orjson.dumps(record)) >= SHORTEST_PAIR
    except orjson.JSONEncodeError:  # nested too deeply, where its reader is patient
        return True


def _explain(line: bytes) -> NoReturn:
    """Say why orjson refused *line*. Raises ValueError."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: byte {error.start + 1} of the line") from error
    value = _load_strictly(text)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text has a lone surrogate, such as `\\ud800`; remove it") from error
    raise ValueError("not JSON that can be read: is a number out of range?")


def _load_strictly(text: str) -> Any:
    """Return the value of *text*. Raises ValueError: it is not JSON, or has a key twice."""
    try:
        return json.loads(
            text.rstrip("\r\n"), object_pairs_hook=_each_key_once, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("not a record: nested too deeply") from error


def _each_key_once(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key `{printable(twice)}` stands there twice; keep one")
    return record


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"not JSON: `{name}`")


def _refuse_nul(record: Record) -> None:
    for name, value in record.items():
        if isinstance(value, str) and "\0" in value:
            raise ValueError(f"`{printable(name)}` must not have the character U+0000; remove it")


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def printable(name: str) -> str:
    """Return *name*, shortened, with no character that a terminal acts on or refuses."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", echo(name))
