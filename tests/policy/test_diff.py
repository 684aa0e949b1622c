"""The difference of two policies: what it calls a widening is one, and it misses none.

Exit codes hang on this: a change that shows anyone more must never be called anything else.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import policy, spec
from gateway.policy.diff import Diff, FieldChange, Kind, OperationChange, diff
from gateway.policy.model import Model
from gateway.policy.rules import FieldRule, Location, Tier
from gateway.policy.ways import DROP, VALUE, Hash, Mask, Truncate, Way


def model(folder) -> Model:
    policies = policy.proved(folder.document(), policy.read(folder.path("loan.yaml").parent))
    return Model.of(folder.document(), policies)


@pytest.fixture
def changed(library):
    """Return the difference that edits make: `changed((file, old text, new text), …)`."""
    before = model(library)

    def changed(*edits: tuple[str, str, str]) -> Diff:
        for edit in edits:
            library.edit(*edit)
        return diff(before, model(library))

    return changed


NOTE_FOR_ALL = ("loan.yaml", "    - with: loans:read\n      as", "    - with: always\n      as")
NOTE = '    - with: loans:read\n      as: {truncate: {keep: 3, suffix: "."}}\n'
NOTE_EXAMPLE = ("loan.yaml", "note: a n., ", "")


def test_nothing_changed_is_nothing_told(changed) -> None:
    assert changed() == Diff((), ())


def test_a_reason_alone_changes_no_cell(changed) -> None:
    assert changed(("loan.yaml", "a note may say anything", "so it was decided")) == Diff((), ())


def test_a_field_shown_to_more_is_a_widening_told_once(changed, scopes) -> None:
    made = changed(NOTE_FOR_ALL)
    assert made.fields == (
        FieldChange(
            Kind.WIDENING,
            "Loan",
            ("note",),
            ("get_desk",),
            "hidden",
            "truncate(keep 3, suffix `.`)",
            (scopes("desk"),),
        ),
    )
    assert [made.count(kind) for kind in Kind] == [1, 0, 0]


def test_a_field_shown_to_fewer_is_a_narrowing(changed, scopes) -> None:
    made = changed(("loan.yaml", NOTE, ""), NOTE_EXAMPLE)
    assert made.fields == (
        FieldChange(
            Kind.NARROWING,
            "Loan",
            ("note",),
            ("list_loans",),
            "truncate(keep 3, suffix `.`)",
            "hidden",
            (scopes("loans"),),
        ),
        FieldChange(
            Kind.NARROWING,
            "Loan",
            ("note",),
            ("get_desk",),
            "truncate(keep 3, suffix `.`)",
            "hidden",
            (scopes("desk", "loans"),),
        ),
    )


def test_ways_that_do_not_compare_widen(changed) -> None:
    made = changed(
        ("loan.yaml", '{truncate: {keep: 3, suffix: "."}}', "{mask: {first: 1}}"),
        ("loan.yaml", "note: a n., ", 'note: "a*****", '),
    )
    assert {change.kind for change in made.fields} == {Kind.WIDENING}


def test_another_key_of_a_hash_widens(changed) -> None:
    """What was joined by one key was not by the other."""
    made = changed(
        ("reader.yaml", "LIBRARY_KEY", "OTHER_KEY"), ("reference.yaml", "LIBRARY_KEY", "OTHER_KEY")
    )
    assert {change.kind for change in made.fields} == {Kind.WIDENING}


def test_another_suffix_is_neutral(changed) -> None:
    made = changed(
        ("loan.yaml", 'suffix: "."', 'suffix: "~"'), ("loan.yaml", "note: a n., ", "note: a n~, ")
    )
    assert {change.kind for change in made.fields} == {Kind.NEUTRAL}


def test_fields_and_operations_that_change_alike_are_told_together(changed, scopes) -> None:
    made = changed(
        ("reader.yaml", "  name: readers:read\n", "  name: always\n"),
        ("reader.yaml", "    - {with: always, as: {mask: {last: 4}}}\n", ""),
        ("reader.yaml", "    - {with: readers:read, as: value}", "    - {with: always, as: value}"),
        ("reader.yaml", "given: {id: r1, name: Ann Lee, ", "given: {id: r1, "),
        (
            "classes.yaml",
            "classes:",
            "acknowledge:\n  - {component: Reader, category: Person,"
            " with: [loans:read], because: they met}\n  - {component: Reader, category: Person,"
            " with: [desk:read], because: they met}\nclasses:",
        ),
        ("loan.yaml", '{id: r1, card: "*****5678"}', "{id: r1, name: Ann Lee, card: 1234-5678}"),
        ("reference.yaml", "    - {with: always, as: {mask: {last: 4}}}\n", ""),
        (
            "reference.yaml",
            "    - {with: readers:read, as: value}",
            "    - {with: readers:read, as: value}",
        ),
    )
    assert [(one.fields, one.operations) for one in made.fields] == [
        (("name",), ("list_loans",)),
        (("card",), ("list_loans",)),
        (("name",), ("get_desk",)),
        (("card",), ("get_desk",)),
    ]


def test_a_new_field_widens_where_it_is_visible(changed, scopes) -> None:
    made = changed(
        ("document", "        note:\n", "        shelf: {type: string}\n        note:\n"),
        ("loan.yaml", "public: [id, reader]", "public: [id, reader, shelf]"),
    )
    assert [(one.kind, one.fields, one.before, one.after) for one in made.fields] == [
        (Kind.WIDENING, ("shelf",), "absent", "value"),
    ] * 2
    assert [one.scopes for one in made.fields] == [(scopes("loans"),), (scopes("desk"),)]


def test_a_new_field_that_nobody_sees_is_neutral(changed) -> None:
    made = changed(
        (
            "document",
            "        note:\n",
            "        shelf: {type: string, x-data-classification: "
            "{category: Note}}\n        note:\n",
        ),
        ("loan.yaml", "show:\n", "show:\n  shelf: drop\n"),
    )
    assert made.fields == (
        FieldChange(
            Kind.NEUTRAL, "Loan", ("shelf",), ("list_loans", "get_desk"), "absent", "hidden", ()
        ),
    )


def test_a_field_that_is_gone_narrows(library, scopes) -> None:
    after = model(library)
    library.edit("document", "        note:\n", "        shelf: {type: string}\n        note:\n")
    library.edit("loan.yaml", "public: [id, reader]", "public: [id, reader, shelf]")
    made = diff(model(library), after)
    assert {(one.kind, one.before, one.after) for one in made.fields} == {
        (Kind.NARROWING, "value", "absent")
    }


def test_another_class_is_neutral(changed) -> None:
    made = changed(
        (
            "document",
            "x-data-classification: {category: Note}",
            "x-data-classification: {category: Person}",
        ),
        (
            "classes.yaml",
            "  Note: {needs: [readers:read], because: it may tell who someone is}\n",
            "",
        ),
    )
    assert made.fields == (
        FieldChange(
            Kind.NEUTRAL,
            "Loan",
            ("note",),
            ("list_loans", "get_desk"),
            "class Note",
            "class Person",
            (),
        ),
    )


@pytest.mark.parametrize(
    ("required", "kind"),
    [
        ("[]", Kind.WIDENING),
        ("[desk:read]", Kind.WIDENING),
        ("[desk:read, readers:read]", Kind.NARROWING),
    ],
)
def test_other_scopes_of_an_operation(library, scopes, required: str, kind: Kind) -> None:
    old = "operationId: list_readers\n      x-openapi-router-controller: loans\n      "
    before = model(library)
    library.edit(
        "document",
        old + "x-required-scopes: [readers:read]",
        old + f"x-required-scopes: {required}",
    )
    document = library.document()
    policies = policy.read(library.path("loan.yaml").parent)
    # Not proved: without `readers:read` in use, the library's rules would not hold.
    [change] = diff(before, Model.of(document, policies)).operations
    assert (change.kind, change.before) == (kind, scopes("readers"))


def test_operations_that_come_and_go(library, scopes) -> None:
    library.edit("document", "  /loans:\n", NEW_PATH + "  /loans:\n")
    with_it = model(library)
    library.edit("document", NEW_PATH, "")
    without = model(library)
    came = diff(without, with_it)
    assert came.operations == (
        OperationChange(Kind.WIDENING, "get_loan", None, scopes("loans", "readers")),
    )
    assert {(one.kind, one.operations) for one in came.fields} == {(Kind.WIDENING, ("get_loan",))}
    went = diff(with_it, without)
    assert went.operations == (
        OperationChange(Kind.NARROWING, "get_loan", scopes("loans", "readers"), None),
    )
    assert {one.kind for one in went.fields} == {Kind.NARROWING}


NEW_PATH = """\
  /loan:
    get:
      operationId: get_loan
      x-openapi-router-controller: loans
      x-required-scopes: [loans:read, readers:read]
      responses:
        '200':
          description: a loan
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Loan'}
"""


# --- it misses nothing ----------------------------------------------------------------------------

BOOKS = Path(__file__).parents[1] / "second_domain"
SCOPES = ("books:read", "desk:read", "x:read")
SETS = [frozenset(some) for size in range(4) for some in combinations(SCOPES, size)]
WAYS = (VALUE, DROP, Mask(), Mask(last=4), Truncate(1), Truncate(3), Truncate(3, "."), Hash("K"))
NOWHERE = Location(BOOKS, 1)


def is_monotone(rule: FieldRule) -> bool:
    return all(
        rule.way(more).reveals_at_least(rule.way(fewer))
        for fewer in SETS
        for more in SETS
        if fewer <= more
    )


def rule_of(tiers: list[tuple[frozenset[str], Way]]) -> FieldRule:
    return FieldRule("borrower", tuple(Tier(*tier, NOWHERE) for tier in tiers), NOWHERE)


RULES = (
    st.lists(st.tuples(st.sampled_from(SETS), st.sampled_from(WAYS)), max_size=3)
    .map(rule_of)
    .filter(is_monotone)
)


@cache
def books() -> Model:
    return Model.of(spec.load(BOOKS / "library.yaml"), policy.read(BOOKS / "policies"))


def with_borrower(rule: FieldRule) -> Model:
    """Return the second domain with another *rule* of `Book.borrower`."""
    document, policies = books().document, books().policies
    changed = {"Book": replace(policies.components["Book"], show=(rule,))}
    return Model.of(document, replace(policies, components=MappingProxyType(changed)))


def goes(kind: Kind, was: Way, now: Way) -> bool:
    if kind is Kind.WIDENING:
        return not was.reveals_at_least(now)
    return was.reveals_at_least(now) and not now.reveals_at_least(was)


@pytest.mark.parametrize("kind", [Kind.WIDENING, Kind.NARROWING])
@given(old=RULES, new=RULES)
def test_a_change_is_told_if_and_only_if_some_scope_set_sees_it(
    kind: Kind, old: FieldRule, new: FieldRule
) -> None:
    """Of all scope sets that reach an answer, though the difference looks at the least alone."""
    told = [one for one in diff(with_borrower(old), with_borrower(new)).fields if one.kind is kind]
    reaching = [scopes for scopes in SETS if "books:read" in scopes]
    assert bool(told) == any(goes(kind, old.way(one), new.way(one)) for one in reaching)
    for scopes in (scopes for one in told for scopes in one.scopes):
        assert goes(kind, old.way(scopes), new.way(scopes))
