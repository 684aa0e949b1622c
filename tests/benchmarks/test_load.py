"""What wrk reports, and when a measurement means nothing."""

import os
import time

import pytest

from benchmarks import load

OUTPUT = """\
Running 2s test @ http://127.0.0.1:1
  1 threads and 64 connections
Requests/sec:   1.0
REPORT {"requests": 3000, "duration_us": 1500000, "bytes": 42, "connect": 1, "read": 2, \
"write": 3, "status": 5, "timeout": 4, "p50_us": 2500, "p99_us": 40000}
"""


def test_a_report_is_read_in_seconds_and_milliseconds():
    report = load.parse(OUTPUT)
    assert report == load.Report(
        requests=3000, seconds=1.5, bytes=42, refused=5, failed=10, p50_ms=2.5, p99_ms=40
    )


def test_output_without_a_report_is_an_error():
    with pytest.raises(load.Unusable, match="no report"):
        load.parse("Running 2s test\n")


def test_a_missing_wrk_is_told_with_what_to_try(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(load.Unusable, match="apt-get install wrk"):
        load.run("http://x", tmp_path, None, seconds=1, processor=0, connections=1)


def test_a_run_goes_on_until_it_is_ended_and_then_reports(monkeypatch, tmp_path):
    """With a program in wrk's place that does what wrk does at SIGINT."""
    (tmp_path / "wrk").write_text(
        f"#!/bin/sh\ntrap 'cat {tmp_path}/output; exit 0' INT\ntouch {tmp_path}/started\n"
        "while :; do sleep 0.01; done\n"
    )
    (tmp_path / "wrk").chmod(0o755)
    (tmp_path / "output").write_text(OUTPUT)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    processor = min(os.sched_getaffinity(0))
    with load.going(
        "http://x", tmp_path, None, at_most=60, processor=processor, connections=1
    ) as going:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        assert going.report is None
    assert going.report == load.parse(OUTPUT)
