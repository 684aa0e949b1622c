"""The document narrowed to a set of scopes says what a token with them is given, and nothing else.

For all sets: the command and the server give the same one; it is valid, and nothing in it is left
over; Schemathesis holds the server to it; every answer to such a token conforms to it; and a client
that is generated from it has just the fields that can be seen. What can be seen comes from the
document and its data classes (columns.py), not from the policies.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import mistakes, questions
from columns import DOCUMENT, ROOT, Scopes, label, scope_sets, shown
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from openapi_spec_validator import OpenAPIV30SpecValidator
from worlds import secret_of

FOLLOWERS = frozenset({"applications:read"})
EVERYTHING = frozenset(DOCUMENT.scopes)
PROGRAM = Path(sys.executable)
TIMEOUT_S = 120
# Every operation has them: no scope set sees less of an error.
ERRORS = {"Problem", "ParameterError"}


def served(process: Any, scopes: Scopes) -> str:
    """Return the text that a token with *scopes* is given."""
    headers = {"Authorization": f"Bearer {secret_of(scopes)}"}
    return process.client.get("/api/v1/openapi.json", headers=headers).text


@pytest.fixture
def narrowed(process, scopes) -> dict[str, Any]:
    return json.loads(served(process, scopes))


@pytest.fixture(scope="session")
def dialect() -> str:
    """SQLite alone: which database answers makes no document."""
    return "sqlite"


def test_command_and_server_give_the_same_bytes(process, scopes):
    """Two processes, whose hashes of texts differ: the order is no accident."""
    command = [PROGRAM.with_name("gateway"), "spec", "--scopes", ",".join(scopes)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment = {**kept, "PYTHONHASHSEED": "2", "GATEWAY_PUBLIC_URL": process.url}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == served(process, scopes)


def test_narrowed_document_is_valid_openapi(narrowed):
    assert list(OpenAPIV30SpecValidator(narrowed).iter_errors()) == []


def test_nothing_in_it_is_left_over(narrowed, scopes):
    assert list(left_over(narrowed)) == []
    reached = {one.path for one in DOCUMENT.operations.values() if one.scopes <= scopes}
    assert set(narrowed["paths"]) == reached


def test_what_is_left_over_is_found(process):
    """The control: each kind of thing, left over in the whole document, is told."""
    whole = json.loads(process.client.get("/api/v1/openapi.json").text)
    whole["paths"].pop("/candidates")
    whole["paths"].pop("/candidates/{id}")
    whole["x-webhooks"].pop("candidate.created")
    kinds = {what.split("/")[0] for what in left_over(whole)}
    assert kinds >= {"schemas", "responses", "examples", "tags", "links"}
    whole["security"] = []
    assert "securitySchemes/bearer" in left_over(whole)


def left_over(document: dict[str, Any]) -> Iterator[str]:
    """Yield each component, tag and link that nothing of *document* uses, or that leads out.

    Follows references by their text; nothing of the engine's is asked.
    """
    used: set[str] = set()
    items = [*document["paths"].values(), *document["x-webhooks"].values()]
    waiting = [items]
    while waiting:
        text = json.dumps(waiting.pop())
        for kind, name in re.findall(r'"\$ref": "#/components/(\w+)/(\w+)"', text):
            if f"{kind}/{name}" not in used:
                used.add(f"{kind}/{name}")
                waiting.append(document["components"][kind][name])
    used |= {f"securitySchemes/{name}" for one in document["security"] for name in one}
    for kind, named in document["components"].items():
        yield from sorted({f"{kind}/{name}" for name in named} - used)
        if not named:
            yield kind
    operations = [operation for item in items for operation in item.values()]
    tags = {tag for operation in operations for tag in operation.get("tags", ())}
    yield from (f"tags/{tag['name']}" for tag in document["tags"] if tag["name"] not in tags)
    ids = {operation["operationId"] for operation in operations}
    for name, response in document["components"]["responses"].items():
        for link, described in response.get("links", {}).items():
            if described["operationId"] not in ids:
                yield f"links/{name} {link}"


def test_it_has_the_properties_that_can_be_seen_and_no_other(narrowed, scopes):
    assert properties_of(narrowed) == visible_properties(scopes)


def properties_of(document: dict[str, Any]) -> dict[str, list[str]]:
    """Return the properties of each component of answers, in order."""
    schemas = document["components"]["schemas"].items()
    return {
        name: list(schema["properties"])
        for name, schema in schemas
        if "properties" in schema and name not in ERRORS
    }


def visible_properties(scopes: Scopes) -> dict[str, list[str]]:
    """Return what *scopes* may see of each component, in the order of the document.

    Of alternatives, the first whose required properties can all be seen.
    """
    seen = set().union(*(shown(one, scopes) for one in DOCUMENT.operations.values()))
    found = {}
    for name, schema in DOCUMENT.schemas.items():
        names = [one for one in schema.get("properties", {}) if (name, one) in seen]
        if names:
            found[name] = names
    for schema in DOCUMENT.schemas.values():
        for described in schema.get("properties", {}).values():
            alternatives = [DOCUMENT.component_of(one) for one in described.get("anyOf", ())]
            whole = [name for name in alternatives if is_whole(name, found)]
            for name in set(alternatives) - set(whole[:1]):
                found.pop(name, None)
    return found


def is_whole(component: str | None, seen: dict[str, list[str]]) -> bool:
    """Tell whether all that *component* requires is among what is *seen* of it."""
    required = DOCUMENT.schemas[str(component)]["required"]
    return set(required) <= set(seen.get(str(component), ()))


def test_every_answer_conforms_to_it(process, narrowed, scopes):
    for operation in DOCUMENT.operations.values():
        if not operation.scopes <= scopes:
            continue
        described = narrowed["paths"][operation.path]["get"]["responses"]
        statuses = set()
        for question in [*questions(operation), *mistakes(operation)]:
            answer = question.ask(process.client, scopes)
            if question.method != "GET" or str(answer.status_code) not in described:
                assert answer.status_code in (200, 404, 405), str(question)
                continue
            statuses.add(answer.status_code)
            errors = errors_of(narrowed, described[str(answer.status_code)], answer.json())
            assert errors == [], str(question)
        assert 200 in statuses


def test_a_fuller_answer_does_not_conform_to_it(process):
    """The control: what another token is given breaks the document of this one."""
    narrowed = json.loads(served(process, FOLLOWERS))
    for name in ("list_applications", "get_application"):
        operation = DOCUMENT.operations[name]
        body = next(questions(operation)).ask(process.client, EVERYTHING).json()
        described = narrowed["paths"][operation.path]["get"]["responses"]["200"]
        assert errors_of(narrowed, described, body)


def errors_of(document: dict[str, Any], response: dict[str, Any], body: Any) -> list[str]:
    """Return what is wrong with *body* by the *response* of a raw OpenAPI document."""
    while "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    [media] = response["content"].values()
    whole = {"allOf": [media["schema"]], "components": document["components"]}
    validator = OAS30ReadValidator(whole, format_checker=oas30_format_checker)
    return [error.message for error in validator.iter_errors(body)]


@pytest.mark.timeout(TIMEOUT_S + 30)
def test_schemathesis_holds_the_server_to_it(process, scopes, tmp_path):
    done, seen = schemathesis(process, tmp_path, served(process, scopes), scopes)
    assert done.returncode == 0, done.stdout
    reached = {one.path for one in DOCUMENT.operations.values() if one.scopes <= scopes}
    assert {path for path, status in seen if status == 200} == reached
    assert 403 not in {status for _, status in seen}


@pytest.mark.timeout(TIMEOUT_S + 30)
def test_schemathesis_finds_an_answer_that_is_fuller_than_the_document(process, tmp_path):
    """The control: the same run, by a token that is shown more."""
    done, _ = schemathesis(process, tmp_path, served(process, FOLLOWERS), EVERYTHING)
    assert done.returncode == 1, done.stdout
    assert "Response violates schema" in done.stdout


def schemathesis(
    process: Any, folder: Path, document: str, scopes: Scopes
) -> tuple[subprocess.CompletedProcess[str], set[tuple[str, int]]]:
    """Run Schemathesis on *document*; return what it says, and each path with a status."""
    (folder / "openapi.json").write_text(document, encoding="utf-8")
    events = folder / "events.ndjson"
    config = ROOT / "tests" / "leaks" / "narrowed.toml"
    command = [PROGRAM.with_name("schemathesis"), "--config-file", config, "run"]
    command += [folder / "openapi.json", "--url", f"{process.url}/api/v1", "--no-color"]
    command += ["--seed", "1", "--report", "ndjson", "--report-ndjson-path", events]
    done = subprocess.run(
        command,
        env={**os.environ, "NARROWED_TOKEN": secret_of(scopes)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    seen = set()
    for line in events.read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for name, interaction in recorder.get("interactions", {}).items():
            case = recorder["cases"][name]["value"]
            seen.add((case["path"], interaction["response"]["status_code"]))
    return done, seen


@pytest.mark.parametrize("visible_to", [FOLLOWERS, EVERYTHING], ids=label)
def test_generated_client_has_the_fields_that_can_be_seen(process, visible_to, tmp_path):
    expected = visible_properties(visible_to)
    classes = generated(process, visible_to, tmp_path)
    assert {name: classes[name] for name in expected} == expected
    assert ("ApplicationCandidate" in classes) == (visible_to == EVERYTHING)
    assert set(classes) == {*expected, *ERRORS}


def generated(process: Any, scopes: Scopes, folder: Path) -> dict[str, list[str]]:
    """Generate a client from a narrowed document; return the fields of its classes, by name."""
    (folder / "openapi.json").write_text(served(process, scopes), encoding="utf-8")
    (folder / "config.yaml").write_text("post_hooks: []\n")
    command = [PROGRAM.with_name("openapi-python-client"), "generate", "--path", "openapi.json"]
    command += ["--meta", "none", "--output-path", "client", "--config", "config.yaml"]
    command += ["--fail-on-warning"]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=TIMEOUT_S, check=True)
    found = {}
    for path in (folder / "client" / "models").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.bases:
                fields = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign)]
                found[node.name] = [name.rstrip("_") for name in fields]
    return found


def test_more_scopes_take_nothing_out_of_it(process):
    documents = {scopes: json.loads(served(process, scopes)) for scopes in scope_sets()}
    for fewer, less in documents.items():
        for more, further in documents.items():
            if fewer < more:
                assert set(less["paths"]) < set(further["paths"]), label(more)
                assert len(json.dumps(less)) < len(json.dumps(further)), label(more)
