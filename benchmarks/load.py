"""The load: wrk, pinned to one processor, over a list of paths; and its report, read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGINT
from typing import Any

SCRIPT = Path(__file__).with_name("wrk.lua")
MARK = "REPORT "
CONNECTIONS = 64


class Unusable(Exception):
    """A measurement that means nothing: an error, a refused answer, a program that is missing."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of wrk has seen.

    Attributes:
        refused: answers with a status of 400 and more.
        failed: connections and requests that got no whole answer, timeouts included.
    """

    requests: int
    seconds: float
    bytes: int
    refused: int
    failed: int
    p50_ms: float
    p99_ms: float


@dataclass(slots=True)
class Going:
    """A run that goes on until its context ends.

    Attributes:
        report: what it has seen, once it has ended.
    """

    report: Report | None = None


def run(
    base: str, paths: Path, token: str | None, *, seconds: int, processor: int, connections: int
) -> Report:
    """Send requests to *base* for *seconds*, each connection one after the other.

    Args:
        paths: a file with a path a line; they are taken in turn.
        token: sent with each request; None: none is.
    Raises:
        Unusable: wrk is missing, or has not reported.
    """
    words = _command(base, paths, token, seconds, connections)
    with _started(words, processor) as process:
        return _reported(process, within_s=seconds + 60)


@contextmanager
def going(
    base: str, paths: Path, token: str | None, *, at_most: int, processor: int, connections: int
) -> Iterator[Going]:
    """Send requests as `run` does, until the context ends.

    Args:
        at_most: seconds after which they end by themselves.
    """
    one = Going()
    words = _command(base, paths, token, at_most, connections)
    with _started(words, processor) as process:
        yield one
        process.send_signal(SIGINT)  # wrk ends, and reports
        one.report = _reported(process, within_s=60)


def _command(
    base: str, paths: Path, token: str | None, seconds: int, connections: int
) -> list[str]:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise Unusable("wrk is not installed; try `apt-get install wrk`")
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
    return [wrk, *options, base, "--", str(paths), token or ""]


@contextmanager
def _started(words: list[str], processor: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(os.sched_setaffinity, 0, {processor}),  # noqa: PLW1509 - no threads here
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _reported(process: subprocess.Popen[str], *, within_s: int) -> Report:
    output, errors = process.communicate(timeout=within_s)
    if process.returncode:
        raise Unusable(f"wrk: {errors.strip() or output.strip()}")
    return parse(output)


def parse(output: str) -> Report:
    """Return the report in wrk's output.

    Raises:
        Unusable: there is none.
    """
    for line in output.splitlines():
        if line.startswith(MARK):
            told: dict[str, Any] = json.loads(line.removeprefix(MARK))
            failed = told["connect"] + told["read"] + told["write"] + told["timeout"]
            return Report(
                requests=told["requests"],
                seconds=told["duration_us"] / 1e6,
                bytes=told["bytes"],
                refused=told["status"],
                failed=failed,
                p50_ms=told["p50_us"] / 1e3,
                p99_ms=told["p99_us"] / 1e3,
            )
    raise Unusable(f"wrk has printed no report: {output[-200:]!r}")
