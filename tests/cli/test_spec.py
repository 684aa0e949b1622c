"""`gateway spec`: the published document, whole or narrowed, without a database."""

import json

import pytest
import yaml

from gateway import published
from gateway.cli.spec import Format, Version
from gateway.published import CONTENT_TYPES


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Run in another folder, with a database that cannot be reached."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")


def operations(document: dict) -> set[str]:
    return {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
    }


def test_the_whole_document_as_json(gateway):
    document = json.loads(gateway.done("spec"))
    assert document["openapi"] == "3.0.3"
    assert {"list_candidates", "get_application", "get_token"} <= operations(document)
    assert "x-required-scopes" not in gateway.done("spec")


def test_yaml_says_the_same(gateway):
    assert yaml.safe_load(gateway.done("spec", "--format", "yaml")) == json.loads(
        gateway.done("spec")
    )


def test_it_is_narrowed_to_the_scopes_given(gateway):
    document = json.loads(gateway.done("spec", "--scopes", "applications:read"))
    assert operations(document) == {"list_applications", "get_application", "get_token"}
    both = gateway.done("spec", "--scopes", "applications:read, job_postings:read")
    assert operations(json.loads(both)) == operations(document) | {
        "list_job_postings",
        "get_job_posting",
        "list_job_posting_stages",
    }


def test_no_scopes_leave_what_any_token_reaches(gateway):
    assert operations(json.loads(gateway.done("spec", "--scopes", ""))) == {"get_token"}


def test_an_unknown_scope_is_refused_with_a_hint(gateway):
    assert gateway.refusal("spec", "--scopes", "aplications:read") == (
        "unknown scope `aplications:read`; did you mean `applications:read`?"
    )


def test_the_public_address_stands_in_it(gateway, monkeypatch):
    monkeypatch.setenv("GATEWAY_PUBLIC_URL", "https://hiring.example.com")
    document = json.loads(gateway.done("spec"))
    assert document["servers"] == [{"url": "https://hiring.example.com/api/v1"}]


def test_the_formats_are_those_that_the_server_offers():
    assert {one.value for one in Format} == set(CONTENT_TYPES)


def test_openapi_3_1_has_the_webhooks_in_their_place(gateway):
    older = json.loads(gateway.done("spec", "--scopes", "applications:read"))
    newer = json.loads(gateway.done("spec", "--openapi", "3.1", "--scopes", "applications:read"))
    assert newer["openapi"] == "3.1.0"
    assert list(newer["webhooks"]) == list(older["x-webhooks"])
    assert "x-webhooks" not in newer
    assert operations(newer) == operations(older)


def test_the_versions_are_those_that_the_server_offers():
    assert list(map(str, Version)) == list(map(str, published.Version))


def test_a_wrong_document_is_named_with_its_line(gateway, tmp_path, monkeypatch):
    path = tmp_path / "broken.yaml"
    path.write_text("openapi: 3.0.3\nopenapi: 3.0.3\n")
    monkeypatch.setenv("GATEWAY_OPENAPI", str(path))
    assert gateway.refusal("spec").startswith(f"{path}:2: ")
