"""The documentation is tested: the README's commands run and print what it says they print."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from gateway.cli.commands import app
from gateway.settings import variables

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- tested: shell -->\n```console\n(.*?)```", re.DOTALL)
PORT = "8000"


def steps() -> list[tuple[str, str]]:
    """Return each command of the tested blocks, in order, with the output that the README shows."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(README):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def as_run(command: str, port: str) -> str:
    """Return *command* on a port that is free, and with the wait that a person would make."""
    if command.startswith("gateway serve"):
        command = command.replace("gateway serve", f"gateway serve --port {port}")
        command += f"\nuntil curl -sf http://127.0.0.1:{port}/readyz > /dev/null; do"
        command += "\n  kill -0 $! || { cat serve.log; exit 1; }; sleep 0.1; done"
    return command.replace(f":{PORT}", f":{port}")


def pattern_of(shown: str) -> str:
    """Return the pattern of an output; `…` stands for what differs from run to run."""
    return ".*".join(map(re.escape, shown.strip("\n").split("…")))


def test_the_commands_print_what_the_readme_shows(tmp_path):
    port = free_port()
    script = ["set -eu", "trap 'kill $! 2>/dev/null; wait' EXIT"]
    script += [
        f"printf '\\n--- {number}\\n'\n{as_run(command, port)}"
        for number, (command, _) in enumerate(steps())
    ]
    for folder in ("examples", "policies"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    bin_folder = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = re.split(r"^--- \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    for (command, shown), output in zip(steps(), printed, strict=True):
        assert re.fullmatch(pattern_of(shown), output.strip("\n")), (command, output)


def test_the_readme_has_tested_commands():
    assert len(steps()) > 10


@pytest.mark.parametrize("variable", variables(), ids=lambda variable: variable.name)
def test_every_setting_is_documented(variable):
    default = f"`{variable.default}`" if variable.default else ""
    assert f"| `{variable.name}` | {default} | {variable.doc} |" in README


def test_every_command_is_documented():
    group = typer.main.get_command(app)
    for name in group.commands:
        assert re.search(rf"(`|make |gateway ){name}\b", README), name


def test_every_make_target_is_explained():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) - {"help"}
    assert {"demo", "test", "install", "lint", "bench"} <= targets
    for target in targets & {"demo", "test", "contract", "mutants"}:
        assert f"`make {target}`" in README or f"make {target} " in README, target


def test_every_dependency_has_its_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for requirement in project["dependencies"]:
        name = re.match(r"[a-z0-9-]+", requirement)[0]
        assert re.search(rf"\b{name}\b", text), name
