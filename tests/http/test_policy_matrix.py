"""The policy matrix, and `policy explain`, say what a live gateway does: in every cell."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from cells import disagreements, without_value

from gateway import policy, spec
from gateway.policy.matrix import Table, matrix
from gateway.policy.model import Model
from gateway.settings import Settings
from models import Token

IDS = {"job_postings": "job_abc123", "candidates": "cand_ghi789", "applications": "app_jkl012"}
DATED = {"closed_at": "2026-03-01T00:00:00Z"}  # the one field that is null in every record
THE_CALLERS_OWN = "get_token"
SECOND_DOMAIN = Path(__file__).parents[1] / "second_domain"
LIBRARY_SCOPES = ("books:read", "desk:read")


def tables(openapi: Path, policies: Path) -> list[Table]:
    document = spec.load(openapi)
    model = Model.of(document, policy.proved(document, policy.read(policies)))
    return list(matrix(model, document.operations.values()).tables)


TABLES = tables(Settings().openapi, Settings().policies)
SCOPES = spec.load(Settings().openapi).scopes
SETS = [frozenset(some) for size in range(len(SCOPES) + 1) for some in combinations(SCOPES, size)]


def path_of(table: Table) -> str:
    first, *rest = table.operation.path.strip("/").split("/")
    return "/" + "/".join([first, *(IDS[first] if "{" in one else one for one in rest)])


@pytest.fixture
def ask(gateway, reference):
    """Ask for the answer of an operation, with a token of some scopes."""
    account = gateway.account()
    records = [one | DATED if one["type"] == "job_posting" else one for one in reference]
    gateway.load(account, *records)
    secrets = {
        scopes: gateway.token(account, *scopes, expires_at="2027-01-01T00:00:00Z")
        for scopes in SETS
    }

    # As the server will write it: its clock stands.
    Token.update(last_used_at=int(gateway.clock())).execute()

    def ask(table: Table, scopes: frozenset[str]):
        return gateway.get(path_of(table), secrets[scopes])

    return ask


def test_every_operation_has_its_table():
    assert [table.operation.id for table in TABLES] == list(
        spec.load(Settings().openapi).operations
    )


def test_every_cell_is_what_a_token_gets(ask):
    for table in TABLES:
        for scopes in SETS:
            answer = ask(table, scopes)
            reached = table.operation.scopes <= scopes
            assert answer.status_code == (200 if reached else 403)
            assert {leaf.decision(scopes).reached for leaf in table.leaves} == {reached}
            if reached:
                all_of_it = scopes if table.operation.id == THE_CALLERS_OWN else frozenset(SCOPES)
                whole = ask(table, all_of_it).json()
                assert disagreements(table, scopes, whole, answer.json()) == []


def test_each_field_has_a_value_to_compare(ask):
    for table in TABLES:
        assert without_value(table, ask(table, frozenset(SCOPES)).json()) == []


def test_a_wrong_cell_would_be_noticed(ask):
    """The control: with the cells of another scope set, the answer does not agree."""
    [table] = [one for one in TABLES if one.operation.id == "get_application"]
    followers, full = frozenset({"applications:read"}), frozenset(SCOPES)
    whole, shown = ask(table, full).json(), ask(table, followers).json()
    hidden = ["first_name", "last_name", "email"]
    assert disagreements(table, full, whole, shown) == [
        f"candidate.{name}: value, but otherwise in the answer" for name in hidden
    ]
    assert disagreements(table, followers, whole, whole) == [
        f"candidate.{name}: hidden, but in the answer" for name in hidden
    ]


@pytest.mark.parametrize("scopes", [(), LIBRARY_SCOPES[:1], LIBRARY_SCOPES[1:], LIBRARY_SCOPES])
def test_cells_of_a_second_domain_with_masks_are_too(library, scopes):
    for table in tables(SECOND_DOMAIN / "library.yaml", library.policies):
        path = table.operation.path.replace("{id}", "book_1")
        answer = library(path, *scopes)
        assert answer.status_code == (200 if table.operation.scopes <= set(scopes) else 403)
        if answer.status_code == 200:
            whole = library(path, *LIBRARY_SCOPES).json()
            assert disagreements(table, frozenset(scopes), whole, answer.json()) == []
