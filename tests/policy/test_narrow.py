"""The narrowed document: only what a scope set reaches and sees, still a valid document."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft4Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from gateway.spec.draft4 import as_draft4, standalone
from gateway.spec.raw import components_in, references_in, resolve

BARER = "            barer: {value: [{id: l1, reader: {id: r1}}]}\n"


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"]


def test_operations_are_those_that_the_scopes_reach(library, scopes) -> None:
    policy = library.load()
    assert list(policy.narrowed(scopes("loans"))["paths"]) == ["/loans"]
    assert list(policy.narrowed(scopes("desk", "loans"))["paths"]) == ["/loans", "/desk"]
    assert policy.narrowed(scopes())["paths"] == {}


def test_fields_are_those_shown_and_as_they_are_shown(library, scopes) -> None:
    narrowed = library.load().narrowed(scopes("loans"))
    assert schemas(narrowed) == {
        "Loan": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id", "reader"],
            "properties": {
                "id": {"type": "string"},
                "note": {
                    "type": "string",
                    "nullable": True,
                    "minLength": 1,
                    "maxLength": 4,
                    "pattern": r"^[\s\S]{0,3}\.$",
                },
                "reader": {
                    "description": "who has it",
                    "allOf": [{"$ref": "#/components/schemas/ReaderReference"}],
                },
            },
        },
        "ReaderReference": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id"],
            "x-public": ["id"],
            "properties": {
                "id": {"type": "string"},
                "card": {
                    "type": "string",
                    "minLength": 0,
                    "maxLength": 40,
                    "pattern": r"^(\**|[\s\S]{0}\*+[\s\S]{4})$",
                },
            },
        },
    }


def test_fullest_alternative_is_kept_for_who_sees_it_whole(library, scopes) -> None:
    narrowed = library.load().narrowed(scopes("loans", "readers"))
    assert list(schemas(narrowed)) == ["Loan", "Reader"]
    assert schemas(narrowed)["Reader"] == schemas(library.document().raw)["Reader"]


def test_alternative_without_company_is_a_plain_reference(library, scopes) -> None:
    library.edit("document", "          description: who has it\n", "")
    reader = schemas(library.load().narrowed(scopes("loans")))["Loan"]["properties"]["reader"]
    assert reader == {"$ref": "#/components/schemas/ReaderReference"}


def loans_media(document: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["responses"]["Loans"]["content"]["application/json"]


def test_examples_are_those_that_the_caller_can_be_given(library, scopes) -> None:
    policy = library.load()
    assert list(loans_media(policy.narrowed(scopes("loans")))["examples"]) == ["barer"]
    both = scopes("loans", "readers")
    assert list(loans_media(policy.narrowed(both))["examples"]) == ["full"]


def test_example_is_redacted_when_none_is_left(library, scopes) -> None:
    library.edit("document", BARER, "")
    media = loans_media(library.load().narrowed(scopes("loans")))
    reader = {"id": "r1", "card": "*****5678"}
    assert media["examples"] == {
        "full": {"value": [{"id": "l1", "note": "a n.", "reader": reader}]}
    }


def test_example_that_is_too_bare_for_the_caller_is_left_out(library, scopes) -> None:
    text = library.path("document").read_text()
    full = text[text.index("            full:\n") : text.index(BARER)]
    library.edit("document", full, "")
    assert "examples" not in loans_media(library.load().narrowed(scopes("loans", "readers")))


DESK = "schema: {$ref: '#/components/schemas/Desk'}"


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        (
            "desk",
            "{loan: {id: l1, note: n, reader: {id: r1, name: A}}}",
            {"id": "l1", "reader": {"id": "r1"}},
        ),
        (
            "desk readers",
            "{loan: {id: l1, reader: {id: r1, name: A}}}",
            {"id": "l1", "reader": {"id": "r1", "name": "A"}},
        ),
        ("desk readers", "{loan: {id: l1, reader: {id: r1}}}", None),
    ],
)
def test_single_example_is_redacted_or_left_out(
    library, scopes, name: str, given: str, shown: dict[str, Any] | None
) -> None:
    library.edit("document", DESK, f"{DESK}\n              example: {given}")
    narrowed = library.load().narrowed(scopes(*name.split()))
    media = narrowed["paths"]["/desk"]["get"]["responses"]["200"]["content"]["application/json"]
    assert media.get("example") == (shown and {"loan": shown})


def test_example_in_a_schema_is_shown_as_its_property_is(library, scopes) -> None:
    loan = "    Loan:\n      example: {id: l1, reader: {id: r1, name: Ann}}\n"
    library.edit("document", "    Loan:\n      type", f"{loan}      type")
    reader = "          description: who has it\n"
    library.edit("document", reader, f"{reader}          example: {{id: r1, name: Ann}}\n")
    library.edit("document", "nullable: true\n          x", "example: a note\n          x")
    narrowed = schemas(library.load().narrowed(scopes("loans")))["Loan"]
    assert narrowed["properties"]["note"]["example"] == "a n."
    assert "Ann" not in str(narrowed)


def test_links_lead_only_where_the_caller_gets_from_what_it_sees(library, scopes) -> None:
    def links(*names: str) -> list[str]:
        response = library.load().narrowed(scopes(*names))["components"]["responses"]["Loans"]
        return list(response.get("links", ()))

    assert links("loans") == []  # it cannot reach the readers, and its cards are masked
    assert links("loans", "readers") == ["readers", "same"]
    library.edit("document", "$response.body#/0/reader/card", "$response.body#/0/reader/id")
    assert links("loans") == ["same"]
    library.edit("document", "$response.body#/0/reader/id", "$request.query.card")
    assert links("loans") == ["same"]


def test_tags_are_those_in_use(library, scopes) -> None:
    policy = library.load()
    assert policy.narrowed(scopes("loans"))["tags"] == [{"name": "Loans"}]
    assert policy.narrowed(scopes("desk"))["tags"] == []


def test_document_without_its_optional_parts_can_be_narrowed(library, scopes) -> None:
    library.edit("document", "tags: [{name: Loans}, {name: Desk}]\n", "")
    library.edit("document", "      tags: [Loans]\n", "")
    library.edit("document", "      tags: [Desk]\n", "")
    assert "tags" not in library.load().narrowed(scopes("loans"))


def test_the_whole_document_is_untouched(library, scopes) -> None:
    policy = library.load()
    before = copy.deepcopy(library.document().raw)
    for names in ("", "loans", "loans desk readers"):
        policy.narrowed(scopes(*names.split()))
    assert policy.model.document.raw == before


def test_narrowed_document_is_made_once(library, scopes) -> None:
    policy = library.load()
    assert policy.narrowed(scopes("loans")) is policy.narrowed(scopes("loans", "unheard"))


# --- the shipped document, for every scope set ---------------------------------------------------

ALL = ("applications", "candidates", "job_postings")
SCOPE_SETS = [[name for bit, name in enumerate(ALL) if number >> bit & 1] for number in range(8)]
every_scope_set = pytest.mark.parametrize("names", SCOPE_SETS, ids=lambda n: "+".join(n) or "none")


@every_scope_set
def test_shipped_document_stays_valid(hiring, scopes, names: list[str]) -> None:
    narrowed = hiring.load().narrowed(scopes(*names))
    assert list(OpenAPIV30SpecValidator(narrowed).iter_errors()) == []


@every_scope_set
def test_shipped_document_keeps_nothing_that_nothing_uses(hiring, scopes, names: list[str]) -> None:
    narrowed = hiring.load().narrowed(scopes(*names))
    used = components_in(narrowed, references_in([narrowed["paths"], narrowed["x-webhooks"]]))
    kept = {(kind, name) for kind, named in narrowed["components"].items() for name in named}
    assert kept - used == {("securitySchemes", "bearer")}
    assert used <= kept
    operations = [item["get"] for item in narrowed["paths"].values()]
    operations += [item["post"] for item in narrowed["x-webhooks"].values()]
    tags = {tag for operation in operations for tag in operation.get("tags", ())}
    assert {tag["name"] for tag in narrowed["tags"]} == tags


@every_scope_set
def test_shipped_document_keeps_its_order(hiring, scopes, names: list[str]) -> None:
    whole, narrowed = hiring.document().raw, hiring.load().narrowed(scopes(*names))
    assert list(narrowed) == list(whole)
    assert list(narrowed["paths"]) == [path for path in whole["paths"] if path in narrowed["paths"]]
    for kind, named in narrowed["components"].items():
        assert list(named) == [name for name in whole["components"][kind] if name in named]


@every_scope_set
def test_shipped_examples_are_valid_in_what_is_left(hiring, scopes, names: list[str]) -> None:
    narrowed = hiring.load().narrowed(scopes(*names))
    definitions = {name: as_draft4(schema) for name, schema in schemas(narrowed).items()}
    checked = 0
    for response in narrowed["components"]["responses"].values():
        for media in response.get("content", {}).values():
            validator = Draft4Validator(standalone(as_draft4(media["schema"]), definitions))
            for example in media["examples"].values():
                validator.validate(resolve(narrowed, example)["value"])
                checked += 1
    assert checked


@every_scope_set
def test_shipped_samples_are_shown_as_the_reference_says(hiring, scopes, names: list[str]) -> None:
    """The bodies of the whole document's examples, redacted, are valid and hold what is due."""
    view = hiring.load().view(scopes(*names))
    document = hiring.document()
    for operation in document.operations.values():
        if not operation.scopes <= view.scopes:
            continue
        response = resolve(document.raw, operation.raw["responses"]["200"])
        [first, *_] = response["content"]["application/json"]["examples"].values()
        body = resolve(document.raw, first)["value"]
        shown = view.redact(operation.response_schema, body)
        Draft4Validator(view.schema(operation.id)).validate(shown)
        redacted = "applications" in operation.path and "candidates" not in names
        assert (shown != body) == redacted
        if redacted:
            assert not Draft4Validator(view.schema(operation.id)).is_valid(body)


def test_reference_s_redaction(hiring) -> None:
    """Source: reference, "Candidate PII Redaction"."""
    view = hiring.load().view(frozenset({"applications:read"}))
    assert list(view.fields("ApplicationCandidate")) == ["id"]
    narrowed = view.document()
    candidate = schemas(narrowed)["Application"]["properties"]["candidate"]
    assert candidate["allOf"] == [{"$ref": "#/components/schemas/ApplicationCandidateReference"}]
    assert not {"Candidate", "ApplicationCandidate"} & schemas(narrowed).keys()
    text = str(narrowed["components"])
    assert not any(word in text for word in ("first_name", "last_name", "john@example.com"))
