"""The machine under the measurements: processors, what a process has used, how it is called."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

PROC = Path("/proc")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

# Of /proc/PID/stat behind the command's name, counted from 0. Source: proc(5), "stat".
STAT_PARENT, STAT_USER, STAT_SYSTEM = 1, 11, 12


def processors() -> tuple[int, int]:
    """Return which processor is the servers' and which the load's; the same, if there is one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def stat(pid: int) -> tuple[int, float]:
    """Return the parent of a process and the CPU seconds that it has used, all threads together.

    Raises:
        OSError: there is no such process.
    """
    return parse_stat((PROC / str(pid) / "stat").read_text())


def parse_stat(line: str) -> tuple[int, float]:
    """Return parent and CPU seconds from a line of /proc/PID/stat."""
    # The command's name may hold blanks and brackets: what counts begins behind the last one.
    fields = line[line.rindex(")") + 2 :].split()
    ticks = int(fields[STAT_USER]) + int(fields[STAT_SYSTEM])
    return int(fields[STAT_PARENT]), ticks / TICKS_A_SECOND


def family(pid: int) -> list[int]:
    """Return *pid* and the processes that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                parent, _ = stat(int(folder.name))
            except OSError:  # it has ended meanwhile
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for one in found:  # grows while it is walked
        found.extend(children.get(one, ()))
    return found


def cpu_seconds(pids: list[int]) -> float:
    """Return the CPU seconds that *pids* have used so far."""
    return sum(stat(pid)[1] for pid in pids)


def memory_bytes(pids: list[int]) -> int:
    """Return the memory of *pids*: pages that several processes share count in parts (PSS)."""
    rollups = [(PROC / str(pid) / "smaps_rollup").read_text() for pid in pids]
    return sum(parse_pss(text) for text in rollups)


def parse_pss(text: str) -> int:
    """Return the bytes that a smaps_rollup gives as Pss.

    Raises:
        ValueError: it gives none.
    """
    match = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    if match is None:
        raise ValueError("no line `Pss:` in smaps_rollup")
    return int(match[1]) * 1024


def described() -> str:
    """Return one line that names the machine."""
    model = re.search(r"^model name\s*: (.+)$", (PROC / "cpuinfo").read_text(), re.MULTILINE)
    name = model[1] if model else platform.processor()
    count = len(os.sched_getaffinity(0))
    return f"{name}, {count} processors, Linux {platform.release()} {platform.machine()}"
