"""The examples of the OpenAPI document: those of the reference, valid, and what the engine says.

`reference.json` holds the reference's own examples, for comparison key for key and in order.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker

from gateway import strictyaml
from gateway.errors import (
    BadRequest,
    Forbidden,
    InternalError,
    MethodNotAllowed,
    ParameterError,
    Problem,
    Unauthorized,
)

HERE = Path(__file__).parent
DOCUMENT: dict[str, Any] = strictyaml.load(HERE.parents[1] / "openapi" / "hiring.yaml").data
COMPONENTS = DOCUMENT["components"]
# What the API answers; the others are what receivers of webhooks answer, without a body.
ANSWERS = {name: one for name, one in COMPONENTS["responses"].items() if "content" in one}
EXAMPLES = {name: example["value"] for name, example in COMPONENTS["examples"].items()}
REFERENCE = json.loads((HERE / "reference.json").read_text(encoding="utf-8"))
PROBLEMS = {problem.__name__: problem for problem in Problem.__subclasses__()}


def page_of(item: dict[str, Any]) -> dict[str, Any]:
    return {"data": [item], "pagination": REFERENCE["pagination"]}


REDACTED = {**REFERENCE["application"], "candidate": REFERENCE["redacted_candidate"]}
FROM_THE_REFERENCE = {
    "JobPosting": REFERENCE["job_posting"],
    "JobPostingPage": page_of(REFERENCE["job_posting"]),
    "StageList": REFERENCE["stages"],
    "Candidate": REFERENCE["candidate"],
    "CandidatePage": page_of(REFERENCE["candidate"]),
    "Application": REFERENCE["application"],
    "ApplicationPage": page_of(REFERENCE["application"]),
    "RedactedApplication": REDACTED,
    "RedactedApplicationPage": page_of(REDACTED),
}


def examples_of(response: str) -> list[tuple[dict[str, Any], Any]]:
    """Return (schema, value) of each example of a response."""
    [media] = COMPONENTS["responses"][response]["content"].values()
    values = [
        EXAMPLES[example["$ref"].rpartition("/")[2]] if "$ref" in example else example["value"]
        for example in media["examples"].values()
    ]
    return [(media["schema"], value) for value in values]


def validator(schema: dict[str, Any]) -> OAS30ReadValidator:
    return OAS30ReadValidator(
        {"allOf": [schema], "components": COMPONENTS}, format_checker=oas30_format_checker
    )


def test_every_example_is_shown_in_a_response() -> None:
    shown = [value for response in ANSWERS for _, value in examples_of(response)]
    assert all(value in shown for value in EXAMPLES.values())


@pytest.mark.parametrize("name", FROM_THE_REFERENCE)
def test_example_is_that_of_the_reference_key_for_key(name: str) -> None:
    assert json.dumps(EXAMPLES[name], indent=1) == json.dumps(FROM_THE_REFERENCE[name], indent=1)


@pytest.mark.parametrize("response", ANSWERS)
def test_example_is_valid(response: str) -> None:
    for schema, value in examples_of(response):
        assert [error.message for error in validator(schema).iter_errors(value)] == []


@pytest.mark.parametrize("response", ANSWERS)
def test_example_with_a_key_more_or_a_key_less_is_not_valid(response: str) -> None:
    for schema, value in examples_of(response):
        more = {**copy.deepcopy(value), "secret": "x"}
        assert not validator(schema).is_valid(more)
        less = dict(list(value.items())[1:])
        assert not validator(schema).is_valid(less)


@pytest.mark.parametrize("response", ANSWERS)
def test_example_has_its_keys_in_the_order_of_the_schema(response: str) -> None:
    for schema, value in examples_of(response):
        component = COMPONENTS["schemas"][schema["$ref"].rpartition("/")[2]]
        assert list(value) == [key for key in component["properties"] if key in value]


@pytest.mark.parametrize("name", PROBLEMS)
def test_problem_example_is_what_the_engine_answers(name: str) -> None:
    for _, value in examples_of(name):
        assert value == engine_answer(name, value)


def engine_answer(name: str, example: dict[str, Any]) -> dict[str, Any]:
    """Return the engine's document for the problem *name*, in the situation of *example*."""
    said: Problem
    match name:
        case "BadRequest":
            said = BadRequest.of([ParameterError(**error) for error in example["errors"]])
        case "Unauthorized":
            said = Unauthorized(example["detail"], presented=True)
        case "Forbidden":
            said = Forbidden(example["required_scopes"])
        case "MethodNotAllowed":
            said = MethodNotAllowed(["GET", "HEAD"])
        case "InternalError":
            said = InternalError()
        case _:
            said = PROBLEMS[name](example["detail"])
    return said.document(example["request_id"])


def test_header_example_is_what_the_engine_sends() -> None:
    for name, problem in {
        "Unauthorized": Unauthorized("", presented=True),
        "Forbidden": Forbidden(["candidates:read"]),
        "MethodNotAllowed": MethodNotAllowed(["GET", "HEAD"]),
    }.items():
        described = COMPONENTS["responses"][name]["headers"]
        assert problem.headers == {key: described[key]["example"] for key in problem.headers}


def test_one_401_stands_for_unknown_expired_and_revoked_tokens() -> None:
    details = [value["detail"] for _, value in examples_of("Unauthorized")]
    [invalid] = [detail for detail in details if "unknown" in detail]
    assert "expired" in invalid
    assert "revoked" in invalid


def test_parameter_example_is_a_valid_request() -> None:
    parameters = [
        parameter
        for item in DOCUMENT["paths"].values()
        for parameter in item["get"].get("parameters", [])
        if "$ref" not in parameter
    ]
    for parameter in [*parameters, *COMPONENTS["parameters"].values()]:
        errors = list(validator(parameter["schema"]).iter_errors(parameter["example"]))
        assert errors == [], parameter["name"]
