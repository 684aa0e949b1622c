"""Where the time goes: each step is counted once, and every step of the lane is found."""

from __future__ import annotations

import pytest

from benchmarks import steps, tables
from benchmarks.data import prepared
from benchmarks.steps import STEPS, Stopwatch


def test_a_step_within_a_step_is_not_counted_twice(monkeypatch):
    ticks = iter((0, 10, 14, 20))  # outer begins, inner begins, inner ends, outer ends
    monkeypatch.setattr(steps.time, "perf_counter_ns", lambda: next(ticks))
    watch = Stopwatch()
    with watch.step("outer"):
        watch.timed("inner", lambda: None)()
    assert watch.ns == {"outer": 16, "inner": 4}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    return prepared(lambda name: f"sqlite:///{folder}/{name}.db", large=60, small=40, folder=folder)


def test_every_step_of_the_lane_is_met(data, monkeypatch):
    monkeypatch.setattr(steps, "REQUESTS", 5)
    kept = steps.document(steps.measure(data, rounds=2))
    assert len(kept["samples"]) == 2 * len(steps.ENDPOINTS)
    for sample in kept["samples"]:
        met = {step for step, us in sample["us"].items() if us > 0}
        assert met >= set(STEPS) - {"the query's values"}, sample
    lines = list(tables.of_steps(kept))
    assert [line.split(" | ")[0] for line in lines[2:-1]] == [f"| {step}" for step in STEPS]
