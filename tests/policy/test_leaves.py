"""Leaves: every value of an answer, and what it takes to be shown it.

Held against the redaction, which finds out by walking a document and knows nothing of leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import pytest

from gateway import policy
from gateway.policy.keys import with_keys
from gateway.policy.leaves import Leaf, leaves
from gateway.policy.model import Model
from gateway.policy.redact import redact
from gateway.policy.shown import Shown
from gateway.policy.ways import DROP, Hash, Mask, Truncate


@pytest.fixture
def model(library) -> Model:
    policies = policy.proved(library.document(), policy.read(library.path("loan.yaml").parent))
    return Model.of(library.document(), with_keys(policies, lambda _: "the key of every example"))


def found(model: Model, operation_id: str) -> dict[str, Leaf]:
    operation = model.document.operations[operation_id]
    return {leaf.path: leaf for leaf in leaves(model, operation)}


def scope_sets(model: Model) -> Iterator[frozenset[str]]:
    for size in range(len(model.document.scopes) + 1):
        yield from map(frozenset, combinations(model.document.scopes, size))


def at(body: Any, path: str) -> Any:
    """Return what *path* names, of the first item of each list; KeyError: it is not there."""
    for token in path.replace("[]", ".0").strip(".").split("."):
        body = body[0] if token == "0" else body[token]
    return body


def test_leaves_are_named_by_their_path_an_object_s_own_first(model) -> None:
    assert list(found(model, "list_loans")) == [
        "[].id",
        "[].note",
        "[].reader.id",
        "[].reader.name",
        "[].reader.card",
        "[].reader.email",
    ]
    assert list(found(model, "get_desk"))[:2] == ["loan.id", "loan.note"]


LOAN = {
    "id": "l1",
    "note": "a note",
    "reader": {"id": "r1", "name": "Ann Lee", "card": "1234-5678", "email": "ann@example.com"},
}
BODIES = {"list_loans": [LOAN], "list_readers": [LOAN["reader"]], "get_desk": {"loan": LOAN}}


@pytest.mark.parametrize("operation_id", BODIES)
def test_each_decision_is_what_the_redaction_does(model, operation_id: str) -> None:
    operation = model.document.operations[operation_id]
    body = BODIES[operation_id]
    for scopes in scope_sets(model):
        shown = redact(Shown(model, scopes), operation.response_schema, body)
        for path, leaf in found(model, operation_id).items():
            decision = leaf.decision(scopes)
            assert decision.reached == (operation.scopes <= scopes)
            if not decision.reached:
                assert (decision.way, str(decision)) == (DROP, "not reached")
            elif decision.way.shown:
                assert at(shown, path) == decision.way.apply(at(body, path))
            else:
                with pytest.raises(KeyError):
                    at(shown, path)


@pytest.mark.parametrize("operation_id", BODIES)
def test_the_sets_told_apart_decide_for_all_others(model, operation_id: str) -> None:
    """A set is shown what the one of them within it that is shown most is shown."""
    for leaf in found(model, operation_id).values():
        for scopes in scope_sets(model):
            ways = [leaf.decision(one).way for one in leaf.told_apart if one <= scopes]
            way = leaf.decision(scopes).way
            assert way in (ways or [DROP])
            assert all(way.reveals_at_least(other) for other in ways)


@pytest.mark.parametrize("operation_id", BODIES)
def test_steps_go_down_and_each_is_someone_s(model, operation_id: str) -> None:
    for leaf in found(model, operation_id).values():
        for step in leaf.steps:
            assert all(leaf.decision(scopes).way == step.way for scopes in step.least)
        ways = [step.way for step in leaf.steps]
        assert all(one.reveals_at_least(two) for one, two in pairwise(ways))


def test_ways_are_told_with_all_their_parameters(model, scopes) -> None:
    of_loans = found(model, "list_loans")
    assert of_loans["[].note"].decision(scopes("loans")).way == Truncate(3, ".")
    assert str(of_loans["[].note"].decision(scopes("loans"))) == "truncate(keep 3, suffix `.`)"
    card = of_loans["[].reader.card"].decision(scopes("loans"))
    assert (card.way, str(card), card.word) == (Mask(last=4), "mask(first 0, last 4)", "mask")
    email = of_loans["[].reader.email"].decision(scopes("loans", "desk"))
    assert (email.way, str(email)) == (Hash("LIBRARY_KEY"), "hash(key LIBRARY_KEY)")


def test_the_deciding_line_is_told(model, scopes) -> None:
    of_loans = found(model, "list_loans")

    def line(path: str, *names: str) -> str:
        location = of_loans[path].decision(scopes(*names)).location
        return f"{location.path.name}:{location.line}"

    assert line("[].id", "loans") == "loan.yaml:3"
    assert line("[].note", "loans") == "loan.yaml:8"
    assert line("[].note", "loans", "readers") == "loan.yaml:6"
    assert line("[].reader.name", "loans") == "reader.yaml:5"
    assert line("[].reader.email", "loans") == "reader.yaml:9"
    assert line("[].note", "readers") == "loans.yaml:11"


def test_what_hides_an_object_hides_and_decides_all_in_it(library, scopes) -> None:
    library.edit("loan.yaml", "public: [id, reader]", "public: [id]")
    library.edit("loan.yaml", "show:\n", "show:\n  reader: readers:read\n")
    library.edit(
        "loan.yaml",
        'gives: {id: l1, note: a n., reader: {id: r1, card: "*****5678"}}',
        "gives: {id: l1, note: a n.}",
    )
    library.edit("document", "required: [id, reader]\n", "required: [id]\n")
    library.edit(
        "document",
        "        reader:\n          description",
        "        reader:\n          x-data-classification: {category: Person}\n"
        "          description",
    )
    library.edit("document", "            barer: {value: [{id: l1, reader: {id: r1}}]}\n", "")
    model = Model.of(library.document(), policy.read(library.path("loan.yaml").parent))
    of_loans = found(model, "list_loans")
    hidden = of_loans["[].reader.id"].decision(scopes("loans"))
    assert (str(hidden), hidden.location.line) == ("hidden", 5)
    assert of_loans["[].reader.card"].told_apart == {scopes("loans"), scopes("loans", "readers")}


def test_an_object_in_its_own_component_is_a_leaf(library, scopes) -> None:
    library.edit(
        "document",
        "        email: {type: string, x-data-classification: "
        "{category: Person}}\n    ReaderReference",
        "        email: {type: string, x-data-classification: {category: Person}}\n"
        "        friends:\n          type: array\n"
        "          items: {$ref: '#/components/schemas/Reader'}\n    ReaderReference",
    )
    library.edit("reader.yaml", "show:\n", "public: [friends]\nshow:\n")
    model = Model.of(library.document(), policy.read(library.path("loan.yaml").parent))
    leaf = found(model, "list_readers")["[].friends[]"]
    assert str(leaf.decision(scopes("readers"))) == "value"


def test_plain_values_in_lists_are_named_as_items(library) -> None:
    library.edit("document", "x-public: [loan]", "x-public: [loan, days]")
    library.edit(
        "document",
        "        loan:\n          nullable",
        "        days:\n          type: "
        "array\n          items: {type: array, items: {type: string}}\n        loan:\n"
        "          nullable",
    )
    model = Model.of(library.document(), policy.read(library.path("loan.yaml").parent))
    assert "days[][]" in found(model, "get_desk")
