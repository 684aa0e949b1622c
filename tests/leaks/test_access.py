"""The shipped files say what the reference says, and agree with each other.

test_policy_mutants shows that each of these can fail, and what only they notice.
"""

from __future__ import annotations

import pytest
from access import EXPECTED, STATEMENTS, expected_leaves
from columns import DOCUMENT, POLICIES

from gateway import policy


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda one: one.__name__)
def test_shipped_files_are_as_expected(statement):
    assert list(statement(DOCUMENT, policy.read(POLICIES))) == []


def test_expectations_cover_every_operation():
    assert list(EXPECTED["operations"]) == list(DOCUMENT.operations)


def test_expectation_of_a_follower_is_an_id_and_nothing_else():
    """The control of the expectations themselves, in the reference's words."""
    leaves = expected_leaves("get_application", frozenset({"applications:read"}))
    assert {one for one in leaves if one.startswith("/candidate/")} == {"/candidate/id"}
    assert expected_leaves("get_candidate", frozenset({"applications:read"})) is None
