"""Guards the contract's "Logs": no query values, personal data or tokens, whatever happens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gateway import tokens


@contextmanager
def served(database_url: str, **environment: str) -> Iterator[tuple[str, list[str]]]:
    """Run `gateway serve` as a process of its own; give its address and its log, once ended."""
    lines: list[str] = []
    command = [Path(sys.executable).with_name("gateway"), "serve", "--port", "0"]
    environment = {**os.environ, "DATABASE_URL": database_url, **environment}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            for line in process.stderr:
                lines.append(line)
                if match := re.search(r"running on (http://[0-9.:]+)", line):
                    break
            else:
                pytest.fail("".join(lines))
            yield match[1], lines
        finally:
            process.terminate()
            lines += process.stderr


def test_nothing_personal_and_no_secret_is_logged(db, database_url, gateway, acme, full):
    unknown = "f" * 32
    with served(database_url, GATEWAY_LOG_LEVEL="debug") as (url, lines):
        for path, secret in [
            ("/candidates?search=doesearched", full),
            ("/candidates/cand_ghi789", full),
            ("/candidates/mailto:jane@example.com", full),
            ("/applications/app_jkl012", full),
            ("/applications?status=johnwrong", full),
            ("/nothing/jane@example.com", full),
            ("/token", unknown),
        ]:
            headers = {"Authorization": f"Bearer {secret}", "User-Agent": "agentjohn"}
            httpx.get(f"{url}/api/v1{path}", headers=headers)
    log = "".join(lines)
    assert log.count('"request"') >= 7
    for word in ["doesearched", "John", "Doe", "example.com", "johnwrong", full, unknown]:
        assert word not in log, word
    line = next(json.loads(line) for line in lines if "get_candidate" in line)
    assert line["route"] == "/candidates/{id}"
    assert line["account"] == acme.public_id
    assert line["status"] in (200, 404)


def test_a_stop_loses_no_last_use(db, database_url, gateway, acme):
    from models import Token

    secret = gateway.token(acme)
    before = int(time.time())
    with served(database_url, GATEWAY_LAST_USED_FLUSH_INTERVAL_S="3600") as (url, _):
        answer = httpx.get(f"{url}/api/v1/token", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200
        assert Token.get(Token.digest == tokens.digest(secret)).last_used_at is None
    assert Token.get(Token.digest == tokens.digest(secret)).last_used_at >= before
