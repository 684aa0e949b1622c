"""The tests can fail: the program is broken on purpose, and they must notice.

Each mutant of catalogue.yaml is a copy of the project with some of its text changed, in a folder of
its own; its tests run there, in a process of their own, and a server that they start is the copy's
too. What passes on the program and fails on the mutant holds what the mutant breaks.

Not part of a plain run: `make mutants`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from gateway import strictyaml

pytestmark = [pytest.mark.mutants, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
CATALOGUE = strictyaml.load(Path(__file__).with_name("catalogue.yaml")).data
KILLED = [mutant for mutant in CATALOGUE if "killed_by" in mutant]
REFUSED = [mutant for mutant in CATALOGUE if "refused_by" in mutant]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "node_modules", "reports", "var", "build", "dist", "mutants"
)
TIMEOUT_S = 500


@dataclass(frozen=True)
class Copy:
    """The project in another folder, to be changed and run."""

    folder: Path

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file}: has {text.count(old)} times `{old}`, not once"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the virtual environment on the copy's code."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            [Path(sys.executable).with_name(words[0]), *words[1:]],
            cwd=self.folder,
            env={**kept, **variables, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def tests(self, database: str, *tests: str) -> Outcome:
        """Run *tests*, up to the first that does not pass."""
        report = self.folder / "report.xml"
        options = ["-x", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
        done = self.run("pytest", *options, *tests, TEST_DATABASES=database)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        [suite] = ElementTree.parse(report).getroot()
        numbers = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors")}
        return Outcome(**numbers, output=done.stdout)


@dataclass(frozen=True)
class Outcome:
    """How many tests ran, failed, or could not run."""

    tests: int
    failures: int
    errors: int
    output: str


@pytest.fixture
def copy(tmp_path) -> Iterator[Copy]:
    """A copy of the project as it is, for one test."""
    folder = tmp_path / "copy"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    yield Copy(folder)
    shutil.rmtree(folder)


def database_of(mutant: dict[str, Any]) -> str:
    return mutant.get("database", "sqlite")


def names(mutants: list[dict[str, Any]]) -> list[str]:
    return [mutant["name"].replace(" ", "_") for mutant in mutants]


@pytest.mark.parametrize("database", sorted({database_of(mutant) for mutant in KILLED}))
def test_the_program_as_it_is_passes(copy, database):
    """Without this, a failure on a mutant would mean nothing."""
    killers = {
        test: None
        for mutant in KILLED
        if database_of(mutant) == database
        for test in mutant["killed_by"]
    }
    outcome = copy.tests(database, *killers)
    assert (outcome.failures, outcome.errors) == (0, 0), outcome.output
    assert outcome.tests >= len(killers)


@pytest.mark.parametrize("mutant", KILLED, ids=names(KILLED))
def test_the_tests_notice(copy, mutant):
    for edit in mutant["edits"]:
        copy.change(**edit)
    outcome = copy.tests(database_of(mutant), *mutant["killed_by"])
    assert outcome.errors == 0, outcome.output
    assert outcome.failures >= 1, f"the tests do not notice: {mutant['name']}"
    assert mutant.get("says", "") in outcome.output, outcome.output


@pytest.mark.parametrize("command", sorted({mutant["refused_by"] for mutant in REFUSED}))
def test_the_program_as_it_is_is_not_refused(copy, command):
    done = copy.run(*command.split())
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mutant", REFUSED, ids=names(REFUSED))
def test_the_command_refuses(copy, mutant):
    for edit in mutant["edits"]:
        copy.change(**edit)
    done = copy.run(*mutant["refused_by"].split())
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{copy.folder}/policies/" in done.stderr, "it does not say where the wrong is"
