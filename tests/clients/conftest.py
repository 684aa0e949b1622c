"""Clients that others generate from the published document, as the running server hands it out.

What is generated stays in a temporary folder. A program that uses the generated types (in
`programs/`) prints as JSON what it read; the tests compare that with what the reference says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

PROGRAMS = Path(__file__).parent / "programs"
NPM_TOOLS = Path(__file__).resolve().parents[2] / "node_modules" / ".bin"


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Run *command* in *folder*; return what it prints."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tool(name: str) -> Path:
    """Return a command of this Python environment."""
    return Path(sys.executable).with_name(name)


@pytest.fixture(scope="session")
def published(live_gateway, tmp_path_factory) -> Path:
    """The published document, in a folder of its own."""
    path = tmp_path_factory.mktemp("clients") / "openapi.json"
    path.write_bytes(httpx.get(f"{live_gateway.url}/api/v1/openapi.json").content)
    return path


@pytest.fixture(scope="session")
def openapi_python_client(published) -> Path:
    """The folder with a client made by openapi-python-client."""
    folder = published.parent / "openapi_python_client"
    folder.mkdir()
    (folder / "config.yaml").write_text("post_hooks: []\n")  # formatting is no business of ours
    run(
        tool("openapi-python-client"),
        *("generate", "--path", published, "--meta", "none", "--output-path", "hiring_client"),
        *("--config", "config.yaml", "--fail-on-warning"),
        folder=folder,
    )
    return folder


@pytest.fixture(scope="session")
def openapi_generator(published) -> Path:
    """The folder with a client made by openapi-generator."""
    if shutil.which("java") is None:
        pytest.skip("openapi-generator needs Java (Debian: default-jre-headless)")
    folder = published.parent / "openapi_generator"
    folder.mkdir()
    run(
        tool("openapi-generator-cli"),
        *("generate", "--input-spec", published, "--generator-name", "python"),
        *("--output", ".", "--package-name", "hiring_client"),
        "--global-property=apiTests=false,modelTests=false,apiDocs=false,modelDocs=false",
        folder=folder,
    )
    return folder


class Client:
    """A generated client with the program that uses it."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url
        self.read = cache(self._read)

    def _read(self, token: str) -> dict[str, Any]:
        """Return what the program reads with *token*."""
        program = PROGRAMS / f"{self._folder.name}_program.py"
        command = (sys.executable, "-W", "error", program, f"{self._url}/api/v1", token)
        return dict(json.loads(run(*command, folder=self._folder, PYTHONPATH=str(self._folder))))


@pytest.fixture(scope="session", params=["openapi_python_client", "openapi_generator"])
def client(request, live_gateway) -> Client:
    return Client(request.getfixturevalue(request.param), live_gateway.url)


@pytest.fixture(scope="session")
def type_check(published) -> Callable[[str], None]:
    """A function that checks a program of `programs/` against openapi-typescript's types."""
    if shutil.which("node") is None or not NPM_TOOLS.is_dir():
        pytest.skip("openapi-typescript needs npm (Debian: npm; then `make install`)")
    folder = published.parent / "typescript"
    folder.mkdir()
    run(NPM_TOOLS / "openapi-typescript", published, "--output", "hiring.d.ts", folder=folder)

    def check(program: str) -> None:
        shutil.copy(PROGRAMS / program, folder)
        options = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2022")
        run(NPM_TOOLS / "tsc", *options, program, folder=folder)

    return check
