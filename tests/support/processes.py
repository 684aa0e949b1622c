"""Processes of the gateway that do what is done beside requests, and what they log."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from live_gateway import COMMAND

WITHIN_S = 60
RUN_HERE = "background jobs run here"


@dataclass(frozen=True)
class Process:
    """A process of the gateway, and what it has logged."""

    popen: subprocess.Popen[bytes]
    log: Path

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.read_text().splitlines()]

    def runs_jobs(self) -> bool:
        return RUN_HERE in self.events()

    def stop(self) -> int:
        self.popen.terminate()
        return self.popen.wait(WITHIN_S)


@contextmanager
def jobs_process(environment: dict[str, str], log: Path) -> Iterator[Process]:
    with (
        log.open("wb") as output,
        subprocess.Popen([COMMAND, "jobs"], env=environment, stdout=output, stderr=output) as popen,
    ):
        try:
            yield Process(popen, log)
        finally:
            popen.terminate()


def until(condition: Callable[[], object], processes=()) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, [one.log.read_text() for one in processes]
        time.sleep(0.05)
