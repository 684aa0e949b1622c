"""The lines of requests, as JSON, written in batches.

A request's log line by the way of all others takes longer than the request. Here it is made at once
and written with those of the same turn of the event loop, in one system call. The form is that of
every other line (`gateway.telemetry.configure_logging`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson


class AccessLog:
    """Writes log lines to *stream*, from one event loop."""

    def __init__(self, stream: Callable[[], TextIO]) -> None:
        self._stream = stream
        self._lines: list[bytes] = []

    def __call__(self, line: Mapping[str, Any]) -> None:
        """Write the *line* of a request before the event loop's next turn."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        whole = {
            **line,
            "event": "request",
            "level": "info",
            "logger": "gateway.access",
            "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        self._lines.append(orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE))

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        stream = self._stream()
        stream.write(b"".join(lines).decode("utf-8"))
        stream.flush()
