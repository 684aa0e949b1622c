"""How long a start takes: the gateway until `/readyz` says yes, against importing Connexion alone.

In turn, on one processor, each in a process of its own, with its bytecode compiled before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks import machine
from benchmarks.data import Data
from benchmarks.figures import alternating
from benchmarks.load import Unusable
from benchmarks.servers import SERVERS, running

IMPORT, READY = "import connexion", "gateway serve, until /readyz"
PAUSE_S = 0.005


@dataclass(frozen=True, slots=True)
class Sample:
    """One start: seconds on the clock, and of the processor."""

    what: str
    round: int
    seconds: float
    cpu_seconds: float


def measure(data: Data, *, rounds: int) -> list[Sample]:
    """Measure both in turn.

    Raises:
        Unusable: the gateway does not become ready.
    """
    processor, _ = machine.processors()
    measured: dict[str, Callable[[], tuple[float, float]]] = {
        IMPORT: partial(importing, processor),
        READY: partial(becoming_ready, data.url, processor),
    }
    for one in measured.values():
        one()
    return [
        Sample(what, number, *measured[what]())
        for number, what in alternating(list(measured), rounds)
    ]


def importing(processor: int) -> tuple[float, float]:
    """Return what `python -c "import connexion"` takes."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", "import connexion"],
        stderr=subprocess.DEVNULL,  # a warning of its own
        preexec_fn=partial(os.sched_setaffinity, 0, {processor}),  # noqa: PLW1509 - no threads here
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Unusable("Connexion cannot be imported")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def becoming_ready(url: str, processor: int) -> tuple[float, float]:
    """Return what the gateway takes until it is ready."""
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(
            SERVERS["gateway"], url, processor, Path(folder), path="/readyz", pause_s=PAUSE_S
        ) as one,
    ):
        seconds = time.perf_counter() - began
        status, _, _ = one.ask("/readyz")
        if status != 200:
            raise Unusable(f"/readyz answers with {status}")
        return seconds, machine.cpu_seconds(one.pids)


def document(samples: list[Sample]) -> dict[str, object]:
    """Return what is kept of *samples*."""
    return {"samples": [asdict(one) for one in samples]}
