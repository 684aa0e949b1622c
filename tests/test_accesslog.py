"""The lines of requests are whole JSON objects of the same form as all others."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime

from gateway.accesslog import AccessLog


def test_lines_are_written_in_order_in_the_next_turn():
    stream = io.StringIO()
    log = AccessLog(lambda: stream)

    async def turns() -> tuple[str, str]:
        for number in range(3):
            log({"status": 200, "number": number})
        before = stream.getvalue()
        await asyncio.sleep(0)
        return before, stream.getvalue()

    before, after = asyncio.run(turns())
    lines = [json.loads(line) for line in after.splitlines()]
    assert before == ""
    assert [line["number"] for line in lines] == [0, 1, 2]
    assert {(line["event"], line["level"], line["logger"]) for line in lines} == {
        ("request", "info", "gateway.access")
    }


def test_the_time_is_utc_with_microseconds():
    stream = io.StringIO()
    log = AccessLog(lambda: stream)

    async def turns() -> None:
        log({})
        await asyncio.sleep(0)

    before = datetime.now(UTC)
    asyncio.run(turns())
    written = json.loads(stream.getvalue())["time"]
    assert written.endswith("Z")
    assert len(written) == len("2026-01-15T10:00:00.000000Z")
    assert before.replace(microsecond=before.microsecond) <= datetime.fromisoformat(written)
