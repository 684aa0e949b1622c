"""Metrics of a running gateway, as Prometheus would read them."""

from __future__ import annotations

import time
from typing import Any

WITHIN_S = 30


def wait_for_metric(gateway: Any, line: str) -> str:
    """Return all metrics once *line* is among them."""
    deadline = time.monotonic() + WITHIN_S
    while line not in (text := gateway.client.get("/metrics").text):
        assert time.monotonic() < deadline, text
        time.sleep(0.02)
    return str(text)
