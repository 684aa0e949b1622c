"""The document at `openapi.json` and `openapi.yaml`: what it says, to whom, and where it is served.

What a narrowed document contains is the policies' affair (tests/policy); here: that the server
hands out the right one.
"""

from __future__ import annotations

import json
import socket
from itertools import chain, combinations, product
from urllib.parse import urlsplit

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

SCOPES = ("applications:read", "candidates:read", "job_postings:read")
SCOPE_SETS = list(chain.from_iterable(combinations(SCOPES, n) for n in range(len(SCOPES) + 1)))
EVENTS = (
    "application.created",
    "application.stage_changed",
    "application.status_changed",
    "job_posting.status_changed",
    "candidate.created",
)
OPERATIONS = {
    "list_job_postings",
    "get_job_posting",
    "list_job_posting_stages",
    "list_candidates",
    "get_candidate",
    "list_applications",
    "get_application",
    "get_token",
}
SERVER_SIDE = ("x-openapi-router-controller", "x-required-scopes", "x-data-classification")
SERVER_SIDE += ("x-public", "x-filters-on")
NO_HOSTS = (
    b"",
    b'a"b',
    b"a'b",
    b"a b",
    b"a\tb",
    b"a/b",
    b"a\\b",
    b"a#b",
    b"a?b",
    b"user@a",
    b"a:b",
    b"a:123456",
    b"[::1",
    b"{a}",
    b"<script>",
    b"http://a",
    "ä.example".encode(),
    b"a" * 254,
    b"a" * 20_000,
)


@pytest.fixture(scope="session")
def dialect():
    """One database is enough: the document is made without it."""
    return "sqlite"


@pytest.fixture
def token(gateway):
    """A function that creates a token with scopes."""
    account = gateway.account()
    return lambda *scopes: gateway.token(account, *scopes)


def operations(document):
    return {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    }


def servers_for(gateway, *host_lines: bytes) -> list[dict[str, str]]:
    """Ask with these Host lines, byte for byte; return the `servers` of the document."""
    address = urlsplit(gateway.url)
    request = [b"GET /api/v1/openapi.json HTTP/1.1", *host_lines, b"Connection: close", b"", b""]
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(b"\r\n".join(request))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    return json.loads(body)["servers"]


def test_json_is_public_and_names_its_type(gateway):
    answer = gateway.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert operations(answer.json()) == OPERATIONS


def test_yaml_is_the_same_document_in_the_same_order(gateway):
    answer = gateway.get("/openapi.yaml")
    assert answer.headers["content-type"] == "application/yaml"
    as_yaml, as_json = yaml.safe_load(answer.text), gateway.get("/openapi.json").json()
    assert json.dumps(as_yaml) == json.dumps(as_json)


def test_references_are_kept_and_nothing_of_the_server_is_shown(gateway):
    text = gateway.get("/openapi.json").text
    assert '"$ref": "#/components/schemas/Application"' in text
    assert [key for key in SERVER_SIDE if key in text] == []


def test_head_answers_with_the_same_headers_and_no_body(gateway):
    for form in ("json", "yaml"):
        got, headed = (
            gateway.client.request(m, f"/api/v1/openapi.{form}") for m in ("GET", "HEAD")
        )
        assert headed.status_code == 200
        assert headed.content == b""
        assert headed.headers["content-length"] == str(len(got.content))
        assert headed.headers["content-type"] == got.headers["content-type"]


def test_every_narrowed_document_is_valid_in_both_forms(gateway, token):
    for scopes in SCOPE_SETS:
        secret = token(*scopes)
        document = gateway.get("/openapi.json", secret).json()
        validate(document)
        assert yaml.safe_load(gateway.get("/openapi.yaml", secret).text) == document


def test_openapi_3_1_is_valid_for_everyone_and_for_every_token(gateway, token):
    secrets = [None, *(token(*scopes) for scopes in SCOPE_SETS)]
    for secret in secrets:
        answer = gateway.get("/openapi-3.1.json", secret)
        newer, older = answer.json(), gateway.get("/openapi.json", secret).json()
        assert answer.headers["content-type"] == "application/json"
        assert list(OpenAPIV31SpecValidator(newer).iter_errors()) == []
        assert operations(newer) == operations(older)
        assert list(newer["webhooks"]) == list(older["x-webhooks"])
        assert list(newer["webhooks"]) == [*EVENTS, "webhook.test"]
        assert [key for key in SERVER_SIDE if key in answer.text] == []
        assert "nullable" not in answer.text
        as_yaml = gateway.get("/openapi-3.1.yaml", secret).text
        assert json.dumps(yaml.safe_load(as_yaml)) == json.dumps(newer)


def test_openapi_3_1_shows_a_token_of_each_payload_what_an_endpoint_of_its_scopes_is_sent(
    gateway, token
):
    document = gateway.get("/openapi-3.1.json", token("job_postings:read")).json()
    bodies = {
        name: item["post"]["requestBody"]["content"]["application/json"]
        for name, item in document["webhooks"].items()
    }
    data = {name: body["schema"]["properties"]["data"] for name, body in bodies.items()}
    assert data["job_posting.status_changed"] == {"$ref": "#/components/schemas/JobPosting"}
    assert list(data["candidate.created"]["properties"]) == ["id"]
    assert bodies["candidate.created"]["example"]["data"] == {"id": "cand_ghi789"}
    assert "John" not in json.dumps(document)


def test_token_with_every_scope_sees_every_operation(gateway, token):
    document = gateway.get("/openapi.json", token(*SCOPES)).json()
    assert operations(document) == OPERATIONS


def test_token_sees_the_operations_and_fields_that_it_reaches(gateway, token):
    document = gateway.get("/openapi.json", token("applications:read")).json()
    assert operations(document) == {"list_applications", "get_application", "get_token"}
    assert "first_name" not in json.dumps(document["components"]["schemas"])


def test_token_without_scopes_sees_how_to_read_itself(gateway, token):
    assert operations(gateway.get("/openapi.json", token()).json()) == {"get_token"}


def test_narrowed_document_does_not_stay_for_the_next_caller(gateway, token):
    whole = gateway.get("/openapi.json").text
    narrow = gateway.get("/openapi.json", token("job_postings:read"))
    assert narrow.text != whole
    assert narrow.headers["cache-control"] == "no-store"
    assert "Authorization" in narrow.headers["vary"]
    assert gateway.get("/openapi.json").text == whole


def test_bad_token_is_401_as_everywhere(gateway):
    for form, secret in product(("json", "yaml"), ("0" * 32, "not-a-token")):
        answer = gateway.get(f"/openapi.{form}", secret)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_other_methods_are_405(gateway):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = gateway.client.request(method, "/api/v1/openapi.json")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"
        assert answer.json()["status"] == 405


def test_other_spellings_are_404(gateway):
    for path in ("/openapi", "/openapi.json/", "/openapi.yml", "/swagger.json"):
        assert gateway.get(path).status_code == 404


def test_server_is_where_the_request_was_sent(gateway):
    for host in ("example.com", "example.com:8443", "127.0.0.1:80", "[::1]:8000"):
        expected = [{"url": f"http://{host}/api/v1"}]
        assert servers_for(gateway, b"Host: " + host.encode()) == expected


def test_host_that_is_none_leaves_the_address_relative(gateway):
    for host in NO_HOSTS:
        assert servers_for(gateway, b"Host: " + host) == [{"url": "/api/v1"}], host


def test_address_is_relative_without_exactly_one_host(gateway):
    assert servers_for(gateway) == [{"url": "/api/v1"}]
    assert servers_for(gateway, b"Host: a", b"Host: b") == [{"url": "/api/v1"}]


def test_relative_address_is_good_yaml_too(gateway):
    document = yaml.safe_load(gateway.get("/openapi.yaml", headers={"Host": "a/b"}).text)
    assert document["servers"] == [{"url": "/api/v1"}]


def test_one_host_does_not_stay_for_the_next_caller(gateway):
    for host in ("one.example", "two.example"):
        document = gateway.get("/openapi.json", headers={"Host": host}).json()
        assert document["servers"] == [{"url": f"http://{host}/api/v1"}]


def test_public_url_is_stronger_than_the_host(start):
    gateway = start(public_url="https://hiring.example.com/v")
    for form, host in product(("json", "yaml"), ("127.0.0.1", 'a"b')):
        text = gateway.get(f"/openapi.{form}", headers={"Host": host}).text
        expected = [{"url": "https://hiring.example.com/v/api/v1"}]
        assert yaml.safe_load(text)["servers"] == expected
