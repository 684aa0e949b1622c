"""Views: what one scope set may see, as fields, as a redacted document and as a schema."""

from __future__ import annotations

import jsonschema_rs
import pytest

from gateway.errors import ConfigError
from gateway.policy import read
from gateway.policy.model import Model
from gateway.policy.policy import MAX_VIEWS
from gateway.policy.schemas import answer_schema
from gateway.policy.shown import Shown
from gateway.policy.ways import VALUE, Mask

LOANS = {"type": "array", "items": {"$ref": "#/components/schemas/Loan"}}
LOAN = {
    "id": "l1",
    "note": "lost a page",
    "reader": {"id": "r1", "name": "Ann Lee", "card": "1234-5678", "email": "ann@example.com"},
}
HASHED = "36e47511005bf2a198b00620047a37c0"


def test_fields_are_those_shown_in_document_order(library, scopes) -> None:
    policy = library.load()
    assert dict(policy.view(scopes("readers")).fields("Reader")) == {
        "id": VALUE,
        "name": VALUE,
        "card": VALUE,
        "email": VALUE,
    }
    assert list(policy.view(scopes("readers")).fields("Reader")) == ["id", "name", "card", "email"]
    assert dict(policy.view(scopes()).fields("Reader")) == {"id": VALUE, "card": Mask(last=4)}


def test_fields_of_an_unknown_component_are_an_error(library, scopes) -> None:
    with pytest.raises(KeyError):
        library.load().view(scopes()).fields("Nobody")


def test_view_is_made_once_for_each_scope_set(library, scopes) -> None:
    policy = library.load()
    view = policy.view(scopes("loans"))
    assert policy.view(scopes("loans")) is view
    assert policy.view(scopes("desk")) is not view
    assert view.scopes == scopes("loans")


def test_scopes_that_no_operation_uses_count_for_nothing(library, scopes) -> None:
    policy = library.load()
    assert policy.view(scopes("loans", "unheard")) is policy.view(scopes("loans"))


def test_kept_views_are_bounded(library, scopes) -> None:
    policy = library.load()
    first = policy.view(scopes("loans"))
    for number in range(MAX_VIEWS + 1):
        policy.view(scopes(f"unheard-{number}"))
        assert len(policy._views) <= MAX_VIEWS + 1
    assert policy.view(scopes("loans")) is not first
    assert dict(policy.view(scopes("loans")).fields("Loan")) == dict(first.fields("Loan"))


@pytest.mark.parametrize(
    ("names", "note", "reader"),
    [
        ("loans", "los.", {"id": "r1", "card": "*****5678"}),
        ("desk", None, {"id": "r1", "card": "*****5678"}),
        ("desk loans", "los.", {"id": "r1", "card": "*****5678", "email": HASHED}),
        ("loans readers", LOAN["note"], LOAN["reader"]),
        ("", None, {"id": "r1", "card": "*****5678"}),
    ],
)
def test_document_is_redacted_at_any_depth(
    library, scopes, names: str, note: str | None, reader: dict[str, str]
) -> None:
    view = library.load(key="the key of every example").view(scopes(*names.split()))
    shown = {"id": "l1"} | ({"note": note} if note else {}) | {"reader": reader}
    assert view.redact(LOANS, [LOAN, LOAN]) == [shown, shown]
    desk = {"$ref": "#/components/schemas/Desk"}
    assert view.redact(desk, {"loan": LOAN}) == {"loan": shown}


def test_what_the_schema_does_not_have_is_not_copied(library, scopes) -> None:
    view = library.load().view(scopes("readers", "loans", "desk"))
    reader = LOAN["reader"] | {"shelf": 3}
    assert view.redact(LOANS, [LOAN | {"x": 1, "reader": reader}]) == [LOAN]


def test_absent_and_null_stay_so(library, scopes) -> None:
    view = library.load().view(scopes("loans"))
    given = [{"note": None, "reader": {"id": "r1"}}, {"id": "l2"}]
    assert view.redact(LOANS, given) == given
    assert view.redact({"$ref": "#/components/schemas/Desk"}, {"loan": None}) == {"loan": None}


def test_given_document_is_untouched(library, scopes) -> None:
    library.load().view(scopes("loans")).redact(LOANS, [LOAN])
    assert LOAN["reader"]["name"] == "Ann Lee"


@pytest.mark.parametrize(
    "body",
    [
        {"0": "secret"},
        ["secret"],
        [["secret"]],
        [{"id": {"deep": "secret"}}],
        [{"id": ["secret"]}],
        [{"reader": "secret"}],
        [{"reader": ["secret"]}],
        [{"note": 4711}],
    ],
)
def test_shape_that_the_schema_does_not_have_is_refused_without_telling_it(
    library, scopes, body: object
) -> None:
    with pytest.raises(TypeError) as caught:
        library.load().view(scopes("loans")).redact(LOANS, body)
    assert "secret" not in str(caught.value)
    assert "4711" not in str(caught.value)


# --- the schema that the egress guard compiles ---------------------------------------------------


def guard(view, operation_id: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(view.schema(operation_id), validate_formats=True)


@pytest.mark.parametrize("names", ["loans", "desk loans", "loans readers", "loans desk readers"])
def test_redacted_document_passes_the_guard(library, scopes, names: str) -> None:
    view = library.load().view(scopes(*names.split()))
    guard(view, "list_loans").validate(view.redact(LOANS, [LOAN, LOAN | {"note": None}]))


@pytest.mark.parametrize(
    "leak",
    [
        {"reader": {"id": "r1", "name": "Ann Lee"}},
        {"reader": {"id": "r1", "card": "1234-5678"}},
        {"reader": {"id": "r1", "email": "ann@example.com"}},
        {"reader": {"id": "r1"}, "note": "lost a page"},
        {"reader": {"id": "r1"}, "shelf": 3},
        {"reader": {"id": "r1", "shelf": 3}},
    ],
)
def test_guard_alone_refuses_what_is_not_shown(library, scopes, leak: dict[str, object]) -> None:
    view = library.load().view(scopes("loans"))
    assert not guard(view, "list_loans").is_valid([{"id": "l1", **leak}])
    assert guard(view, "list_loans").is_valid([{"id": "l1", "reader": {"id": "r1"}}])


def test_guard_keeps_what_the_whole_schema_asks(library, scopes) -> None:
    view = library.load().view(scopes("readers", "desk"))
    validator = guard(view, "get_desk")
    assert validator.is_valid({"loan": None})
    assert validator.is_valid({"loan": {"id": "l1", "note": None, "reader": LOAN["reader"]}})
    assert not validator.is_valid({"loan": {"id": "l1", "reader": {"id": "r1"}}})
    assert not validator.is_valid({"loan": {"id": 1, "reader": LOAN["reader"]}})
    assert not validator.is_valid({"loan": {"id": "l1"}})


def test_guard_keeps_formats(hiring) -> None:
    view = hiring.load().view(frozenset({"job_postings:read"}))
    schema = view.schema("list_job_postings")["definitions"]["JobPosting"]
    assert schema["properties"]["created_at"] == {"type": "string", "format": "date-time"}


def test_schema_of_an_unknown_operation_is_an_error(library, scopes) -> None:
    with pytest.raises(KeyError):
        library.load().view(scopes()).schema("get_nothing")


def test_place_where_no_alternative_is_left_refuses_everything(library, scopes) -> None:
    library.edit(
        "document", "required: [id]\n      x-public", "required: [id, email]\n      x-public"
    )
    library.edit("document", "            barer: {value: [{id: l1, reader: {id: r1}}]}\n", "")
    model = Model.of(library.document(), read(library.path("loan.yaml").parent))
    schema = answer_schema(Shown(model, scopes("loans")), LOANS)
    assert not jsonschema_rs.validator_for(schema).is_valid([{"id": "l1", "reader": {"id": "r1"}}])


# --- the policy in force --------------------------------------------------------------------------


def test_revision_tells_document_and_policies(library) -> None:
    first = library.load().revision
    assert library.load().revision == first
    assert len(first) == 12
    library.edit("loan.yaml", "anything", "something")
    second = library.load().revision
    library.edit("document", "title: Library", "title: Books")
    assert len({first, second, library.load().revision}) == 3


def test_policy_that_breaks_the_proof_is_not_in_force(library) -> None:
    library.edit("reader.yaml", "  name: readers:read\n", "")
    with pytest.raises(ConfigError, match=r"nothing decides who is shown `Reader\.name`"):
        library.load()
