"""Runs commands in this process. What must be a process of its own is in test_process.py."""

import json
import shutil
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.commands import app
from gateway.settings import Settings

PASSWORD = "correct horse battery"


class Gateway:
    """Runs `gateway *words` as Typer's `Result`."""

    def __call__(self, *words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(
            app, words, input=stdin, prog_name="gateway", catch_exceptions=False
        )

    def done(self, *words: str, stdin: str | None = None) -> str:
        """Return what the command printed, without the line's end; it must succeed."""
        result = self(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout.rstrip("\n")

    def json(self, *words: str, stdin: str | None = None) -> Any:
        """Return what the command printed as JSON; it must succeed."""
        return json.loads(self.done(*words, "--json", stdin=stdin))

    def refusal(self, *words: str, stdin: str | None = None) -> str:
        """Return what the command said on stderr; it must say no, and print nothing else."""
        result = self(*words, stdin=stdin)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        assert "Traceback" not in result.stderr
        return result.stderr.rstrip("\n")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    # Typer takes these for a terminal with colours, whatever its output goes to.
    for variable in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"):
        monkeypatch.delenv(variable, raising=False)
    return Gateway()


@pytest.fixture
def stored(db, database_url: str, monkeypatch: pytest.MonkeyPatch):
    """Let commands work on the database of this test; return all that it holds, as text."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def stored() -> str:
        tables = [db.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in db.get_tables()]
        return repr(tables)

    return stored


@pytest.fixture
def account(gateway: Gateway, stored) -> str:
    """Return the id of an account."""
    return gateway.done("account", "create", "Acme Inc.")


@pytest.fixture
def member(gateway: Gateway, account: str) -> str:
    """Return the address of a member of `account`."""
    email = "ann@example.com"
    gateway.done("user", "create", email, "--password-stdin", stdin=PASSWORD + "\n")
    gateway.done("member", "add", "--account", account, "--user", email)
    return email


@pytest.fixture
def policies(tmp_path, monkeypatch):
    """Return a copy of the project's policies that the commands look at."""
    copy = tmp_path / "policies"
    shutil.copytree(Settings().policies, copy)
    monkeypatch.setenv("GATEWAY_POLICIES", str(copy))
    return copy
