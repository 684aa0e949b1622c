"""What was measured, kept in `benchmarks/results/`, so that tables can be written anew from it."""

from __future__ import annotations

import json
import platform
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.servers import PEERS

FOLDER = Path(__file__).with_name("results")
PACKAGES = (
    "connexion",
    "starlette",
    "uvicorn",
    "uvloop",
    "orjson",
    "jsonschema-rs",
    "peewee",
    "fastapi",
    "pydantic",
    "sqlalchemy",
    "asyncpg",
    "psycopg",
)


def keep(part: str, measured: dict[str, Any], command: str, **more: str) -> None:
    """Keep what a part has measured, with the machine, the versions and the command.

    Args:
        more: versions that only this part knows.
    """
    FOLDER.mkdir(exist_ok=True)
    document = {
        "command": command,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine.described(),
        "versions": versions() | more,
        **measured,
    }
    (FOLDER / f"{part}.json").write_text(json.dumps(document, indent=1) + "\n")


def kept(part: str) -> dict[str, Any] | None:
    """Return what a part has measured last; None: nothing yet."""
    file = FOLDER / f"{part}.json"
    if not file.exists():
        return None
    document: dict[str, Any] = json.loads(file.read_text())
    return document


def versions() -> dict[str, str]:
    """Return the versions of what runs, by name."""
    found = {"Python": platform.python_version(), "SQLite in Python": sqlite3.sqlite_version}
    found |= {name: version(name) for name in PACKAGES}
    found["wrk"] = _told("wrk", "-v").partition(" ")[2].partition(" ")[0]
    found["Node.js"] = _told("node", "--version").removeprefix("v")
    found |= json.loads((PEERS / "package.json").read_text())["dependencies"]
    return {name: one for name, one in found.items() if one}


def _told(program: str, option: str) -> str:
    """Return the first line that a program tells of itself; empty: it is not there."""
    if shutil.which(program) is None:
        return ""
    done = subprocess.run([program, option], capture_output=True, text=True, check=False)
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0].strip() if lines else ""
