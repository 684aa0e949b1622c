"""`gateway policy check` and `gateway policy test`. What they find is tested in tests/policy."""

import pytest


@pytest.fixture
def leak(policies):
    """Show an applicant's first name to everyone."""
    path = policies / "application_candidate.yaml"
    text = path.read_text()
    changed = text.replace("first_name: candidates:read", "first_name: always")
    assert changed != text
    path.write_text(changed)
    return path


@pytest.fixture
def wrong_example(policies):
    """Let an example expect what it does not get."""
    path = policies / "application_candidate.yaml"
    text = path.read_text()
    assert "examples:" in text
    path.write_text(
        text + "  - scopes: [applications:read]\n    given: {id: cand_1}\n    gives: {id: cand_2}\n"
    )
    return path


def test_the_projects_policies_hold(gateway):
    assert gateway.done("policy", "check").startswith("proved ")
    assert gateway.done("policy", "test").endswith(" examples hold")


def test_check_names_file_and_line_of_a_leak(gateway, leak):
    refusal = gateway.refusal("policy", "check")
    assert f"{leak}:" in refusal
    assert "first_name" in refusal


def test_test_names_file_and_line_of_an_example_that_fails(gateway, wrong_example):
    assert gateway.refusal("policy", "test").startswith(f"{wrong_example}:")


def test_check_runs_the_examples_too(gateway, wrong_example):
    assert f"{wrong_example}:" in gateway.refusal("policy", "check")


def test_every_finding_is_a_line(gateway, leak):
    leak.write_text(leak.read_text().replace("email: candidates:read", "email: always"))
    assert len(gateway.refusal("policy", "check").splitlines()) >= 2
