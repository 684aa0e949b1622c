"""Three things keep a field from a caller, and each of them does so alone.

The SELECT list leaves its column out, the document made of a row leaves it out, and the guard knows
a schema without it. Here they are switched off one by one and in pairs; only when all three are off
does an answer hold what it may not.

Columns and document are made from the same view, so a wrong policy passes both (the guard's schema,
too, comes from it: what stops a wrong policy is the proof). A fault in either passes neither.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from asking import questions
from columns import DOCUMENT, label, scope_sets, visible
from worlds import canaries, records

from gateway.guard import Guard
from gateway.reading import Shape, plan, reader

CANARIES = canaries(records())
# Who reaches an operation that has something for others in its answer.
REDACTED = [
    (operation, scopes)
    for operation in DOCUMENT.operations.values()
    for scopes in scope_sets()
    if operation.scopes <= scopes
    and visible(scopes, operation) < visible(frozenset(DOCUMENT.scopes), operation)
]


def columns_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every column of every shape, whatever is shown."""
    original = plan._object_step

    def reading_everything(shape: Shape, view: Any, columns: plan.Columns) -> plan.Step:
        for source in shape.fields.values():
            if isinstance(source, Shape):
                reading_everything(source, view, columns)
            elif not isinstance(source, plan.Many):
                columns.add(source)
        return original(shape, view, columns)

    monkeypatch.setattr(plan, "_object_step", reading_everything)


def document_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the whole row, as it was read, into each document."""

    def spilling(one: plan.RowPlan) -> plan.RowPlan:
        def build(row: plan.Row, children: plan.Children) -> dict[str, Any]:
            return {**one.build(row, children), "spilled": list(row)}

        lists = [(many, spilling(child)) for many, child in one.lists]
        return replace(one, build=build, lists=lists)

    original = reader.row_plan
    monkeypatch.setattr(reader, "row_plan", lambda *given: spilling(original(*given)))


def guard_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer out."""
    monkeypatch.setattr(Guard, "breach", lambda *_: None)


SWITCHES = {"columns": columns_off, "document": document_off, "guard": guard_off}
SOME_OFF = [some for size in range(3) for some in combinations(SWITCHES, size)]


def leaks(gateway: Any, operation: Any, scopes: frozenset[str]) -> tuple[set[int], set[str]]:
    """Return the statuses of the answers, and the values in them that *scopes* may not see."""
    seen = visible(scopes, operation)
    statuses, found = set(), set()
    for question in questions(operation):
        answer = question.ask(gateway.client, scopes)
        statuses.add(answer.status_code)
        text = answer.text.lower() + str(answer.headers)
        found |= {value for value, of in CANARIES.items() if value in text and not of & seen}
    return statuses, found


@pytest.mark.parametrize("off", SOME_OFF, ids="+".join)
def test_what_is_left_on_withholds_what_is_hidden(gateway, off, monkeypatch):
    assert len(REDACTED) >= 2
    for name in off:
        SWITCHES[name](monkeypatch)
    for operation, scopes in REDACTED:
        statuses, found = leaks(gateway, operation, scopes)
        assert found == set(), (operation.id, label(scopes))
        # Only what the document spills is the guard's to withhold.
        withheld = "document" in off and "guard" not in off
        assert (500 in statuses) == withheld, (operation.id, label(scopes))


def test_with_all_three_off_it_leaks(gateway, monkeypatch):
    """The control: each switch is one, and what is looked for is there to be found."""
    for switch in SWITCHES.values():
        switch(monkeypatch)
    for operation, scopes in REDACTED:
        statuses, found = leaks(gateway, operation, scopes)
        assert 500 not in statuses
        assert found, (operation.id, label(scopes))


def test_columns_are_really_read_when_their_choice_is_off(gateway, monkeypatch):
    """The control of one switch, which changes nothing that an answer could show."""
    columns_off(monkeypatch)
    read: list[str] = []
    name = "fetch" if hasattr(gateway.database, "fetch") else "execute_sql"
    original = getattr(gateway.database, name)
    setattr(gateway.database, name, lambda *given: read.extend(given[:2]) or original(*given))
    for operation, scopes in REDACTED:
        next(questions(operation)).ask(gateway.client, scopes)
    delattr(gateway.database, name)
    assert any('"first_name"' in str(sql) for sql in read)
