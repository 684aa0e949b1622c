"""From imports to receivers, in processes of their own: what fails, hangs, is away or is killed.

Small runs of what `python -m benchmarks.webhooks` does at length.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.webhooks", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.timeout(300)
def test_every_event_arrives_once_and_in_order_though_receivers_misbehave(empty_database_url):
    result = run(
        "--events",
        "500",
        "--singles",
        "10",
        "--trouble-s",
        "4",
        "--database-url",
        empty_database_url,
    )
    assert result["events"] >= 450
    assert set(result["arrived"].values()) == {result["events"]}
    assert result["tries"]["fails a third of the time"] > result["events"]
    assert (result["unknown"], result["twice"], result["out_of_order"]) == (0, 0, 0)


@pytest.mark.timeout(300)
def test_kill_9_of_server_and_import_loses_no_event_and_makes_none_up(empty_database_url):
    result = run("kills", "--rounds", "3", "--database-url", empty_database_url)
    assert (result["torn"], result["lost"], result["made_up"]) == (0, 0, 0)
