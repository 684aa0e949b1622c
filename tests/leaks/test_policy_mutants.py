"""Every single-step weakening of the shipped document and policies is noticed.

Either a start refuses it, as `gateway policy check` does, or one of the statements of access.py is
broken, which test_access holds. The score is printed and written to reports/policy-mutants.md:

    pytest -rP tests/leaks/test_policy_mutants.py
"""

from __future__ import annotations

from collections import Counter

import pytest
from access import STATEMENTS, classes_differ
from columns import OPENAPI, POLICIES, ROOT
from weakenings import SOURCES, Mutant, load, mutants

from gateway import policy
from gateway.errors import ConfigError

REPORT = ROOT / "reports" / "policy-mutants.md"


def noticed_by(mutant: Mutant) -> str | None:
    """Return what notices *mutant* first; None: nothing does."""
    try:
        document, policies = mutant.load()
        policy.proved(document, policies)
    except ConfigError:
        return "policy check"
    broken = (one.__name__ for one in STATEMENTS if any(one(document, policies)))
    return next(broken, None)


@pytest.fixture(scope="module")
def noticed() -> dict[str, tuple[Mutant, str | None]]:
    named = {str(mutant): (mutant, noticed_by(mutant)) for mutant in mutants()}
    assert len(named) == len(list(mutants())), "two mutants have one name"
    return named


def score(noticed) -> str:
    total = Counter(mutant.kind for mutant, _ in noticed.values())
    caught = Counter(mutant.kind for mutant, by in noticed.values() if by)
    checked = Counter(mutant.kind for mutant, by in noticed.values() if by == "policy check")
    rows = [
        f"| {kind} | {total[kind]} | {checked[kind]} | {caught[kind] - checked[kind]} "
        f"| {total[kind] - caught[kind]} |"
        for kind in sorted(total)
    ]
    head = "| weakening | mutants | refused at start | failed by a test | not noticed |"
    whole = f"\n{caught.total()} of {total.total()} mutants noticed"
    return "\n".join([head, "|---|---:|---:|---:|---:|", *rows, whole]) + "\n"


def test_every_weakening_is_noticed(noticed):
    told = score(noticed)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(told, encoding="utf-8")
    print(told)
    assert [name for name, (_, by) in noticed.items() if by is None] == []


def test_the_files_as_they_are_pass():
    """The control of what notices: it is not the way in which mutants are read."""
    for path, source in SOURCES.items():
        assert noticed_by(Mutant("none", "nothing", path, source.data)) is None, path


def test_a_change_of_words_is_not_noticed():
    """The control of the score: what weakens nothing survives."""
    for path, source in SOURCES.items():
        if path not in (OPENAPI, POLICIES / "classes.yaml"):
            data = {**source.data, "because": "somebody said so"}
            assert noticed_by(Mutant("words", "because", path, data)) is None, path


def test_each_statement_notices_what_nothing_before_it_does(noticed):
    """The control of each statement: without it, some weakening would pass.

    But for the classes', which two steps at once would take: those of the class and of its rules.
    """
    by = {by for _, by in noticed.values()}
    assert by == {"policy check", *(one.__name__ for one in STATEMENTS)} - {"classes_differ"}


def test_a_class_that_takes_another_scope_is_noticed_beside_the_check():
    path = POLICIES / "classes.yaml"
    for category, one in SOURCES[path].data["classes"].items():
        classes = {**SOURCES[path].data["classes"], category: {**one, "needs": ["a:read"]}}
        changed = load({path: {**SOURCES[path].data, "classes": classes}})
        assert list(classes_differ(*changed)), category


def test_every_file_is_weakened(noticed):
    assert {mutant.path for mutant, _ in noticed.values()} == set(SOURCES)
    assert len(noticed) >= 300


def test_mutants_are_read_from_their_changed_file():
    document, _ = load({OPENAPI: SOURCES[OPENAPI].data})
    assert document.scopes
    assert document is not load({})[0]
