"""The lines of requests, as JSON, written in batches.

A request's log line by the way of all others takes longer than the request. Here it is made at once
and written with those of the same turn of the event loop, in one system call. The form is that of
every other line (`gateway.telemetry.configure_logging`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TextIO

import orjson

EPOCH = datetime(1970, 1, 1)


class AccessLog:
    """Writes log lines to *stream*, from one event loop."""

    def __init__(self, stream: Callable[[], TextIO]) -> None:
        self._stream = stream
        self._lines: list[bytes] = []
        self._second = -1
        self._written = ""

    def __call__(self, line: dict[str, Any]) -> None:
        """Write the *line* of a request, which is completed, in the event loop's next turn."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        line["event"] = "request"
        line["level"] = "info"
        line["logger"] = "gateway.access"
        line["time"] = self._time()
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def _time(self) -> str:
        """Return the time as other log lines have it; its seconds are written once a second."""
        seconds, microseconds = divmod(time.time_ns() // 1_000, 1_000_000)
        if seconds != self._second:
            self._second = seconds
            self._written = (EPOCH + timedelta(seconds=seconds)).isoformat()
        return f"{self._written}.{microseconds:06}Z"

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        stream = self._stream()
        stream.write(b"".join(lines).decode("utf-8"))
        stream.flush()
