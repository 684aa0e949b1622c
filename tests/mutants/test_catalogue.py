"""The mutants still fit the program: part of every run, so that who changes the text is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import strictyaml

ROOT = Path(__file__).parents[2]
CATALOGUE = strictyaml.load(Path(__file__).with_name("catalogue.yaml")).data
NAMES = [mutant["name"] for mutant in CATALOGUE]


def test_mutants_have_names_of_their_own():
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("mutant", CATALOGUE, ids=NAMES)
def test_what_a_mutant_changes_stands_there_once(mutant):
    for edit in mutant["edits"]:
        text = (ROOT / edit["file"]).read_text(encoding="utf-8")
        assert text.count(edit["old"]) == 1, edit
        assert edit["old"] != edit["new"]


@pytest.mark.parametrize("mutant", CATALOGUE, ids=NAMES)
def test_a_mutant_says_who_notices_it(mutant):
    assert len({"killed_by", "refused_by"} & set(mutant)) == 1
    for test in mutant.get("killed_by", ()):
        file, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")
