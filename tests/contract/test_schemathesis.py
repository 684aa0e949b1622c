"""Schemathesis, from the command line, against the running server: all phases, all checks.

What it finds it says itself; here stands what it cannot say of itself: that it really asked. A run
that met 401 and 404 alone, or left out a phase, a check or an operation, is a failure.

TEST_SEED sets the seed; without it all runs are alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "reports"
SEED = os.environ.get("TEST_SEED", "1")
TIMEOUT_S = 240

# Of the document's answers, and of its own checks (`hooks.py`); left out is what schemathesis.toml
# leaves out, with its reasons.
CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "answers_name_their_request",
    "errors_have_one_shape",
    "FollowersSeeNoCandidate",
    "TenantsAreApart",
}


@dataclass(frozen=True)
class Seen:
    """A request of a run, and its answer.

    Attributes:
        path: as the document has it: `/candidates/{id}`.
        checks: that looked at the answer.
        identity: who asked, where there are several.
    """

    phase: str
    method: str
    path: str
    status: int
    checks: tuple[str, ...]
    identity: str | None


@dataclass(frozen=True)
class Run:
    """What Schemathesis said at its end, and all that it saw."""

    exit_code: int
    output: str
    seen: list[Seen]


def run(api: Any, folder: Path, *options: str) -> Run:
    """Run Schemathesis from the command line."""
    peers = folder / "peers.json"
    peers.write_text(json.dumps({"auth": [user("own", api.own), user("peer", api.peer)]}))
    environment = os.environ | {
        "CONTRACT_TOKEN": api.own.full,
        "CONTRACT_FOLLOWER_TOKEN": api.own.live[frozenset({"applications:read"})],
        "CONTRACT_PEER_TOKEN": api.peer.full,
        "CONTRACT_PEER_MARK": api.mark,
        "CONTRACT_PEERS": str(peers),
    }
    program = Path(sys.executable).with_name("schemathesis")
    events = folder / "events.ndjson"
    command = [program, *options, "--no-color", "--seed", SEED]
    command += ["--report", "junit,ndjson", "--report-ndjson-path", events]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr, list(seen_in(events)))


def user(name: str, tenant: Any) -> dict[str, Any]:
    header = {"name": "Authorization", "value": f"Bearer {tenant.full}"}
    return {"name": name, "fixedHeaders": [header]}


def seen_in(events: Path) -> Iterator[Seen]:
    """Yield the requests in the report of a run."""
    for line in events.read_text(encoding="utf-8").splitlines():
        scenario = json.loads(line).get("ScenarioFinished")
        if scenario is None:
            continue
        recorder = scenario["recorder"]
        for name, interaction in recorder.get("interactions", {}).items():
            case = recorder["cases"][name]["value"]
            yield Seen(
                phase=scenario["phase"],
                method=case["method"],
                path=case["path"],
                status=interaction["response"]["status_code"],
                checks=tuple(one["name"] for one in recorder["checks"].get(name, ())),
                identity=case.get("auth_identity"),
            )


@pytest.mark.timeout(TIMEOUT_S + 60)
def test_schemathesis_finds_nothing_though_it_asks_for_everything(
    api, dialect, document, resolve, tmp_path
):
    """One test, since each worker of pytest-xdist would make a run of its own for each further."""
    junit = REPORTS / f"contract-{dialect}.xml"
    url = f"{api.url}{document.base_path}/openapi.json"
    done = run(api, tmp_path, "run", url, "--report-junit-path", str(junit))
    assert done.exit_code == 0, done.output
    for operation in document.operations.values():
        seen = [one for one in done.seen if one.path == operation.path]
        was_asked_in_every_phase(operation, seen, is_linked(document, operation, resolve))
        was_answered_with_data(operation, seen)
        refused_other_methods(seen)
    assert {check for one in done.seen for check in one.checks} == CHECKS


@pytest.mark.timeout(TIMEOUT_S + 60)
def test_two_users_read_no_rows_of_each_other(api, dialect, document, tmp_path):
    junit = REPORTS / f"contract-peers-{dialect}.xml"
    options = ["--config-file", "tests/contract/peers.toml", "run"]
    url = f"{api.url}{document.base_path}/openapi.json"
    done = run(api, tmp_path, *options, url, "--report-junit-path", str(junit))
    assert done.exit_code == 0, done.output
    answered = Counter((one.identity, one.status) for one in done.seen)
    assert {check for one in done.seen for check in one.checks} == {"object_level_authorization"}
    assert answered["own", 200] >= 50, answered
    assert answered["peer", 404] >= 1, answered


def is_linked(document: Any, operation: Any, resolve: Any) -> bool:
    """Tell whether a link leads to the operation or from it."""
    components = document.raw["components"]["responses"].values()
    targets = {link["operationId"] for one in components for link in one.get("links", {}).values()}
    own = [resolve(document.raw, one) for one in operation.raw["responses"].values()]
    return operation.id in targets or any("links" in one for one in own)


def was_asked_in_every_phase(operation: Any, seen: list[Seen], linked: bool) -> None:
    phases = {one.phase for one in seen if one.method == operation.method.upper()}
    missing = {"examples", "coverage", "fuzzing", *(["stateful"] if linked else [])} - phases
    assert not missing, f"{operation.id} is not asked in {missing}"


def was_answered_with_data(operation: Any, seen: list[Seen]) -> None:
    statuses = Counter(one.status for one in seen if one.method == operation.method.upper())
    where = {parameter.where for parameter in operation.parameters}
    asked = sum(statuses.values())
    # Without parameters, all requests are the same one.
    assert statuses[200] >= (max(20, asked / 3) if where else 3), (operation.id, statuses)
    assert statuses[401] >= 1, (operation.id, statuses)
    assert statuses[400] >= 10 or "query" not in where, (operation.id, statuses)
    assert statuses[404] >= 1 or "path" not in where, (operation.id, statuses)


def refused_other_methods(seen: list[Seen]) -> None:
    refused = {one.method for one in seen if one.status == 405}
    assert refused >= {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}, refused
