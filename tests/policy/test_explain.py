"""Explanations: what is missing is enough, and nothing in it can be left out."""

from __future__ import annotations

from itertools import combinations

import pytest

from gateway import policy
from gateway.policy.explain import More, explain
from gateway.policy.leaves import leaves
from gateway.policy.model import Model
from gateway.policy.ways import VALUE, Hash, Mask, Truncate


@pytest.fixture
def model(library) -> Model:
    policies = policy.proved(library.document(), policy.read(library.path("loan.yaml").parent))
    return Model.of(library.document(), policies)


def test_what_is_missing_is_told_from_most_to_least_revealing(model, scopes) -> None:
    of_loans = {leaf.path: leaf for leaf in leaves(model, model.document.operations["list_loans"])}
    in_part = explain(of_loans["[].note"], scopes("loans"))
    assert in_part.decision.way == Truncate(3, ".")
    assert in_part.more == (More(VALUE, (scopes("readers"),)),)
    hidden = explain(of_loans["[].reader.email"], scopes("loans"))
    assert hidden.more == (
        More(VALUE, (scopes("readers"),)),
        More(Hash("LIBRARY_KEY"), (scopes("desk"),)),
    )
    refused = explain(of_loans["[].reader.card"], scopes())
    assert refused.more == (
        More(VALUE, (scopes("loans", "readers"),)),
        More(Mask(last=4), (scopes("loans"),)),
    )
    assert explain(of_loans["[].id"], scopes("loans")).more == ()


def test_every_least_set_is_told(library, scopes) -> None:
    library.edit(
        "loan.yaml",
        "    - with: readers:read\n      as: value\n",
        "    - {with: readers:read, as: value}\n    - {with: desk:read, as: value}\n",
    )
    library.edit(
        "classes.yaml",
        "classes:",
        "acknowledge:\n  - component: Loan\n    category: Note\n    with: [desk:read]\n"
        "    because: the desk wrote it\nclasses:",
    )
    policies = policy.proved(library.document(), policy.read(library.path("loan.yaml").parent))
    model = Model.of(library.document(), policies)
    of_loans = {leaf.path: leaf for leaf in leaves(model, model.document.operations["list_loans"])}
    assert explain(of_loans["[].note"], scopes("loans")).more == (
        More(VALUE, (scopes("desk"), scopes("readers"))),
    )


def test_missing_scopes_are_enough_and_none_can_be_left_out(model) -> None:
    known = model.document.scopes
    sets = [frozenset(some) for size in range(len(known) + 1) for some in combinations(known, size)]
    for operation in model.document.operations.values():
        for leaf in leaves(model, operation):
            for scopes in sets:
                for more in explain(leaf, scopes).more:
                    for missing in more.scopes:
                        assert leaf.decision(scopes | missing).way == more.way
                        for one in missing:
                            fewer = leaf.decision(scopes | missing - {one}).way
                            assert not fewer.reveals_at_least(more.way)
