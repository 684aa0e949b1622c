"""Who may import whom: `.importlinter` holds it, and a wrong import is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the code that a test may break."""
    for name in ("gateway", "handlers", "ingest"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("models.py", ".importlinter"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_code_keeps_to_its_layers(copy):
    done = lint(copy)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("handlers/token.py", "import connexion", "Handlers know"),
        ("handlers/token.py", "from gateway.policy import View", "Handlers know"),
        ("gateway/policy/ways.py", "import peewee", "Policies know"),
        ("gateway/policy/ways.py", "import starlette", "Policies know"),
        ("gateway/errors.py", "import gateway.app", "The engine's layers"),
        ("gateway/security.py", "import connexion", "Connexion's seams"),
        ("gateway/reading/reader.py", "import handlers.token", "The engine does not know"),
    ],
)
def test_a_wrong_import_is_noticed(copy, module, line, broken):
    path = copy / module
    code = path.read_text(encoding="utf-8")
    start = code.index("from __future__ import annotations")
    path.write_text(f"{code[:start]}from __future__ import annotations\n{line}\n{code[start:]}")
    done = lint(copy)
    assert done.returncode == 1
    assert any(row.startswith(broken) and " BROKEN" in row for row in done.stdout.split("\n"))


def test_a_new_module_must_be_given_its_layer(copy):
    (copy / "gateway" / "novelty.py").write_text('"""New."""\n')
    done = lint(copy)
    assert done.returncode == 1
    assert "gateway.novelty" in done.stdout
