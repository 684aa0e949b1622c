"""The load: wrk, pinned to one processor, over a list of paths; and its report, read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
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
    wrk = shutil.which("wrk")
    if wrk is None:
        raise Unusable("wrk is not installed; try `apt-get install wrk`")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    done = subprocess.run(
        [*command, "-s", SCRIPT, base, "--", paths, token or ""],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
        preexec_fn=partial(os.sched_setaffinity, 0, {processor}),
    )
    if done.returncode:
        raise Unusable(f"wrk: {done.stderr.strip() or done.stdout.strip()}")
    return parse(done.stdout)


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
