"""The OpenAPI document says what the contract says, and keeps what it promises of itself.

The engine's own lint (`gateway.spec`) holds what any document must have; here stands what is true
of the Hiring API: its operations, its closed sets, what may be null, its classes and its links.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from gateway import spec, strictyaml
from gateway.errors import Problem

ROOT = Path(__file__).parents[2]
PATH = ROOT / "openapi" / "hiring.yaml"
DOCUMENT: dict[str, Any] = strictyaml.load(PATH).data
COMPONENTS = DOCUMENT["components"]
# What the API answers; the others are what receivers of webhooks answer, without a body.
ANSWERS = {name: one for name, one in COMPONENTS["responses"].items() if "content" in one}
SCHEMAS = COMPONENTS["schemas"]
OBJECTS = {name: s for name, s in SCHEMAS.items() if s["type"] == "object"}
OPERATIONS = {item["get"]["operationId"]: item["get"] for item in DOCUMENT["paths"].values()}
LINKS = {
    f"{response}-{name}": (response, link)
    for response, described in COMPONENTS["responses"].items()
    for name, link in described.get("links", {}).items()
}
PROBLEMS = {problem.__name__: problem for problem in Problem.__subclasses__()}

# operationId -> path, scope, query parameters. Source: contract, section 1.
CONTRACT = {
    "list_job_postings": ("/job_postings", "job_postings:read", ["status", "page"]),
    "get_job_posting": ("/job_postings/{id}", "job_postings:read", []),
    "list_job_posting_stages": (
        "/job_postings/{job_posting_id}/stages",
        "job_postings:read",
        [],
    ),
    "list_candidates": ("/candidates", "candidates:read", ["search", "page"]),
    "get_candidate": ("/candidates/{id}", "candidates:read", []),
    "list_applications": (
        "/applications",
        "applications:read",
        ["job_posting_id", "status", "page"],
    ),
    "get_application": ("/applications/{id}", "applications:read", []),
    "get_token": ("/token", None, []),
}

# Source: contract, "Values"; of a token, what need not have happened yet.
NULLABLE = {
    "JobPosting": {
        "department",
        "location",
        "salary_min",
        "salary_max",
        "salary_currency",
        "salary_period",
        "published_at",
        "closed_at",
    },
    "Candidate": {"email", "phone", "github_username"},
    "CandidateApplication": {"current_stage_name"},
    "Application": {"current_stage_name"},
    "ApplicationCandidate": {"email"},
    "StageProgress": {"started_at", "completed_at"},
    "Token": {"expires_at", "last_used_at"},
}

CLASSIFIED = {
    "Candidate": {
        "PII": {"first_name", "last_name", "email", "phone", "github_username"},
    },
    "ApplicationCandidate": {"PII": {"first_name", "last_name", "email"}},
    "CandidateApplication": {"Pipeline": {"current_stage_name", "status", "submitted_at"}},
    "Application": {"Pipeline": {"current_stage_name", "status", "submitted_at", "stage_history"}},
    "StageProgress": {
        "Pipeline": {"stage_name", "stage_type", "status", "started_at", "completed_at"}
    },
    "JobPostingCounts": {"Pipeline": {"total_applications", "active_applications", "rejected"}},
}

# Properties that an error carries only when they apply; every other property is always there.
OPTIONAL = {"Problem": {"errors", "required_scopes"}, "ParameterError": {"allowed", "did_you_mean"}}


def resolve(value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        target: Any = DOCUMENT
        for token in value["$ref"].removeprefix("#/").split("/"):
            target = target[token]
        value = target
    return value


def parameters(operation: dict[str, Any], where: str) -> list[dict[str, Any]]:
    resolved = map(resolve, operation.get("parameters", []))
    return [parameter for parameter in resolved if parameter["in"] == where]


def classified(component: str) -> dict[str, set[str]]:
    classes: dict[str, set[str]] = {}
    for name, schema in SCHEMAS[component].get("properties", {}).items():
        if "x-data-classification" in schema:
            category = schema["x-data-classification"]["category"]
            classes.setdefault(category, set()).add(name)
    return classes


def components_with_a_policy() -> set[str]:
    policies = (strictyaml.load(path).data for path in (ROOT / "policies").glob("*.yaml"))
    return {policy["component"] for policy in policies if "component" in policy}


# --- the document -----------------------------------------------------------------------------


def test_document_is_valid_openapi() -> None:
    assert list(OpenAPIV30SpecValidator(DOCUMENT).iter_errors()) == []


def test_engine_accepts_the_document() -> None:
    document = spec.load(PATH)
    assert document.base_path == "/api/v1"
    assert list(document.operations) == list(CONTRACT)


def test_guide_names_every_scope() -> None:
    document = spec.load(PATH)
    guide = DOCUMENT["info"]["description"]
    assert set(re.findall(r"^\| `([a-z_]+:[a-z]+)` \|", guide, re.M)) == set(document.scopes)
    scheme = COMPONENTS["securitySchemes"]["bearer"]["description"]
    assert set(re.findall(r"`([a-z_]+:[a-z]+)`", scheme)) == set(document.scopes)


def test_only_the_bearer_scheme_is_published() -> None:
    assert DOCUMENT["security"] == [{"bearer": []}]
    [scheme] = COMPONENTS["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


# --- operations -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTRACT)
def test_operation_is_that_of_the_contract(name: str) -> None:
    path, scope, query = CONTRACT[name]
    operation = OPERATIONS[name]
    assert DOCUMENT["paths"][path] == {"get": operation}
    assert operation["x-required-scopes"] == ([scope] if scope else [])
    assert [parameter["name"] for parameter in parameters(operation, "query")] == query
    in_path = [parameter["name"] for parameter in parameters(operation, "path")]
    assert in_path == re.findall(r"\{(\w+)\}", path)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_is_described_for_readers(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    [tag] = operation["tags"]
    assert tag in {declared["name"] for declared in DOCUMENT["tags"]}
    named = re.findall(r"^Requires the scope `(.+)`\.$", operation["description"], re.M)
    assert named == operation["x-required-scopes"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_names_a_handler_module(name: str) -> None:
    assert find_spec(OPERATIONS[name]["x-openapi-router-controller"]) is not None


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_documents_what_it_can_answer(name: str) -> None:
    operation = OPERATIONS[name]
    expected = {"200", "400", "401", "429", "500", "503"}
    if operation["x-required-scopes"]:
        expected.add("403")
    if parameters(operation, "path"):
        expected.add("404")
    assert set(operation["responses"]) == expected
    for status, response in operation["responses"].items():
        if status != "200":
            problem = PROBLEMS[response["$ref"].rpartition("/")[2]]
            assert problem.status == int(status)


def test_path_parameters_are_plain_strings() -> None:
    for operation in OPERATIONS.values():
        for parameter in parameters(operation, "path"):
            assert parameter["schema"] == {"type": "string"}


# --- filters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPERATIONS)
def test_filter_takes_the_values_that_its_property_has(name: str) -> None:
    for parameter in parameters(OPERATIONS[name], "query"):
        for target in parameter.get("x-filters-on", []):
            component, _, property_name = target.partition(".")
            schema = SCHEMAS[component]["properties"][property_name]
            own = resolve(parameter["schema"])
            [shown] = map(resolve, schema.get("allOf", [schema]))
            for keyword in ("enum", "pattern"):
                if keyword in own:
                    assert own[keyword] == shown[keyword]


def test_every_query_parameter_but_page_filters_on_something() -> None:
    for operation in OPERATIONS.values():
        for parameter in parameters(operation, "query"):
            assert bool(parameter["x-filters-on"]) == (parameter["name"] != "page")


# --- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OBJECTS)
def test_object_is_closed_and_complete(name: str) -> None:
    schema = OBJECTS[name]
    assert schema["additionalProperties"] is False
    always = [key for key in schema["properties"] if key not in OPTIONAL.get(name, set())]
    assert schema["required"] == always


@pytest.mark.parametrize("name", OBJECTS)
def test_object_is_null_only_where_the_contract_says(name: str) -> None:
    properties = OBJECTS[name]["properties"]
    nullable = {key for key, schema in properties.items() if schema.get("nullable")}
    assert nullable == NULLABLE.get(name, set())


def test_only_the_two_statuses_are_closed_sets() -> None:
    closed = {name: schema["enum"] for name, schema in SCHEMAS.items() if "enum" in schema}
    assert closed == {
        "JobPostingStatus": ["draft", "published", "closed"],
        "ApplicationStatus": ["active", "rejected"],
    }
    inline = [s for o in OBJECTS.values() for s in o["properties"].values() if "enum" in s]
    assert inline == []


def test_embedded_candidate_is_full_first() -> None:
    candidate = SCHEMAS["Application"]["properties"]["candidate"]
    assert candidate["anyOf"] == [
        {"$ref": "#/components/schemas/ApplicationCandidate"},
        {"$ref": "#/components/schemas/ApplicationCandidateReference"},
    ]


@pytest.mark.parametrize("name", ANSWERS)
def test_response_documents_its_headers(name: str) -> None:
    headers = COMPONENTS["responses"][name]["headers"]
    expected = {"X-Request-Id"}
    if name in {"Unauthorized", "Forbidden"}:
        expected.add("WWW-Authenticate")
    if name in {"TooManyRequests", "ServiceUnavailable"}:
        expected.add("Retry-After")
    if name == "MethodNotAllowed":
        expected.add("Allow")
    assert set(headers) == expected
    assert all(resolve(header)["required"] for header in headers.values())


def test_every_problem_of_the_engine_is_described() -> None:
    referred = {
        r["$ref"].rpartition("/")[2] for o in OPERATIONS.values() for r in o["responses"].values()
    }
    belong_to_no_operation = {"MethodNotAllowed", "ContentTooLarge", "UriTooLong"}
    assert set(PROBLEMS) - referred == belong_to_no_operation
    assert set(ANSWERS) == referred | belong_to_no_operation
    guide = DOCUMENT["info"]["description"]
    for name in belong_to_no_operation:
        assert f"| {PROBLEMS[name].status} |" in guide


@pytest.mark.parametrize("name", PROBLEMS)
def test_problem_has_its_one_shape(name: str) -> None:
    content = COMPONENTS["responses"][name]["content"]
    assert list(content) == ["application/problem+json"]
    [media] = content.values()
    assert media["schema"] == {"$ref": "#/components/schemas/Problem"}


# --- classes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OBJECTS)
def test_classes_are_those_decided(name: str) -> None:
    assert classified(name) == CLASSIFIED.get(name, {})


@pytest.mark.parametrize("name", OBJECTS)
def test_property_is_public_or_ruled_by_a_policy(name: str) -> None:
    schema = OBJECTS[name]
    if name in components_with_a_policy():
        assert "x-public" not in schema
    else:
        assert schema["x-public"] == list(schema["properties"])
        assert classified(name) == {}


# --- links ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LINKS)
def test_link_points_at_an_operation_and_its_parameters(name: str) -> None:
    _, link = LINKS[name]
    target = OPERATIONS[link["operationId"]]
    takes = {p["name"]: p for where in ("path", "query") for p in parameters(target, where)}
    assert set(link["parameters"]) <= set(takes)
    required = {name for name, parameter in takes.items() if parameter.get("required")}
    assert required <= set(link["parameters"])


@pytest.mark.parametrize("name", LINKS)
def test_link_finds_in_the_example_what_its_target_takes(name: str) -> None:
    response, link = LINKS[name]
    target = OPERATIONS[link["operationId"]]
    takes = {p["name"]: p for where in ("path", "query") for p in parameters(target, where)}
    [media] = COMPONENTS["responses"][response]["content"].values()
    for example in map(resolve, media["examples"].values()):
        for parameter, expression in link["parameters"].items():
            found = evaluate(expression, response, example["value"])
            assert found == takes[parameter]["example"]


def evaluate(expression: str, response: str, body: Any) -> Any:
    """Return what a link's runtime expression names, for a request made of the examples."""
    source, _, rest = expression.partition("#")
    if source == "$response.body":
        for token in rest.removeprefix("/").split("/"):
            body = body[int(token) if isinstance(body, list) else token]
        return body
    name = source.removeprefix("$request.path.")
    reference = {"$ref": f"#/components/responses/{response}"}
    [operation] = [o for o in OPERATIONS.values() if o["responses"]["200"] == reference]
    [value] = [p["example"] for p in parameters(operation, "path") if p["name"] == name]
    return value


@pytest.mark.parametrize("name", [n for n, o in OPERATIONS.items() if parameters(o, "path")])
def test_operation_that_needs_an_id_is_reached_by_a_link(name: str) -> None:
    assert name in {link["operationId"] for _, link in LINKS.values()}
