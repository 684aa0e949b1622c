"""`/metrics` counts what happens, of all workers, and names nobody."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.guard import Breach, Guard

ROOT = Path(__file__).resolve().parents[2]


def samples(text: str) -> dict[str, float]:
    """Return the value of each series: `name{label=value,…}`."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


@pytest.fixture
def counting(start):
    return start(metrics=True)


@pytest.fixture
def read(counting):
    """Return what `/metrics` says now."""

    def read() -> dict[str, float]:
        answer = counting.client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=")
        return samples(answer.text)

    return read


def test_unless_asked_for_there_is_no_such_path(gateway):
    assert gateway.client.get("/metrics").status_code == 404


def test_requests_are_counted_by_operation_and_status(counting, read, reference):
    account = counting.account()
    counting.load(account, *reference)
    secret = counting.token(account, "applications:read")
    for path in ("/applications", "/applications", "/applications/app_none", "/candidates", "/no"):
        counting.get(path, secret)
    found = read()
    for operation, status, times in [
        ("list_applications", 200, 2),
        ("get_application", 404, 1),
        ("list_candidates", 403, 1),
        ("none", 404, 1),
    ]:
        series = f"gateway_requests_total{{operation={operation},status={status}}}"
        assert found[series] == times
    took = "gateway_request_duration_seconds_count{operation=list_applications}"
    assert found[took] == 2


def test_what_has_not_happened_yet_is_0(read, counting):
    found = read()
    for operation in counting.reloader.bundle.document.operations:
        assert found[f"gateway_egress_guard_hits_total{{operation={operation}}}"] == 0
    for result in ("loaded", "refused", "unchanged"):
        assert found[f"gateway_policy_reloads_total{{result={result}}}"] == 0


def test_an_answer_that_the_guard_withholds_is_counted(counting, read, monkeypatch):
    account = counting.account()
    monkeypatch.setattr(Guard, "breach", lambda *_: Breach("/data", "/required"))
    secret = counting.token(account, "applications:read")
    assert counting.get("/applications", secret).status_code == 500
    assert read()["gateway_egress_guard_hits_total{operation=list_applications}"] == 1


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_reloads_and_the_revision_in_force_are_counted(start, tmp_path):
    policies = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", policies)
    counting = start(metrics=True, policies=policies)
    before = counting.reloader.bundle.revision
    file = policies / "application.yaml"
    good = file.read_text() + "# changed\n"
    for text in (good, "wrong", "wrong"):
        file.write_text(text)
        counting.reloader.reload()
    found = samples(counting.client.get("/metrics").text)
    assert found["gateway_policy_reloads_total{result=loaded}"] == 1
    assert found["gateway_policy_reloads_total{result=refused}"] == 2
    assert found["gateway_policy_last_reload_successful{}"] == 0
    after = counting.reloader.bundle.revision
    assert found[f"gateway_policy_workers{{revision={before}}}"] == 0
    assert found[f"gateway_policy_workers{{revision={after}}}"] == 1
    file.write_text(good)
    counting.reloader.reload()
    found = samples(counting.client.get("/metrics").text)
    assert found["gateway_policy_last_reload_successful{}"] == 1


def test_nobody_is_named(counting, reference):
    account = counting.account()
    counting.load(account, *reference)
    secret = counting.token(account, "candidates:read")
    for path in ("/candidates?search=john", "/candidates/cand_ghi789", "/nobody/cand_ghi789"):
        counting.get(path, secret)
    text = counting.client.get("/metrics").text
    assert "get_candidate" in text
    words = ["john", "Doe", "cand_ghi789", "nobody", secret, account.public_id]
    assert not [word for word in words if word.lower() in text.lower()]
