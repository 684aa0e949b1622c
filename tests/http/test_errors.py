"""Guards the contract's "Errors": one shape for all, and nothing in it that should not be."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

BASE = ["type", "title", "status", "detail", "request_id"]


def is_problem(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert list(body)[:5] == BASE
    assert body["status"] == status
    assert body["request_id"] == answer.headers["X-Request-Id"]
    return body


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/candidates/",
        "/api/v1/candidates/cand_ghi789/",
        "/api/v1//candidates",
        "/api/v1/job_postings/job_abc123/stages/",
        "/api/v1/openapi.json/",
        "/docs/",
        "/livez/",
    ],
)
def test_what_is_no_path_is_404_and_never_a_redirect(gateway, full, path):
    headers = {"Authorization": f"Bearer {full}"}
    is_problem(gateway.client.get(path, headers=headers), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "path", ["/api/v1/candidates", "/api/v1/candidates/cand_x", "/api/v1/openapi.json", "/readyz"]
)
def test_other_methods_are_405_that_say_which_are_allowed(gateway, method, path):
    answer = gateway.client.request(method, path)
    is_problem(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/api/v1/applications", "/api/v1/applications/app_jkl012", "/api/v1/applications/no"]
)
def test_head_answers_as_get_without_the_body(gateway, full, path):
    headers = {"Authorization": f"Bearer {full}", "X-Request-Id": "same"}
    got = gateway.client.get(path, headers=headers)
    headed = gateway.client.head(path, headers=headers)
    assert headed.status_code == got.status_code
    assert headed.content == b""
    unstable = {"date"}
    assert {k: v for k, v in headed.headers.items() if k not in unstable} == {
        k: v for k, v in got.headers.items() if k not in unstable
    }


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
def test_accept_is_ignored(gateway, full, accept):
    headers = {"Accept": accept}
    assert gateway.get("/token", full, headers=headers).headers["Content-Type"] == (
        "application/json"
    )
    is_problem(gateway.get("/token", headers=headers), 401)


def test_all_wrong_parameters_are_reported(gateway, full):
    body = is_problem(gateway.get("/applications?status=Active&page=0&sort=x", full), 400)
    assert body["errors"] == [
        {
            "parameter": "status",
            "detail": "must be one of `active`, `rejected`",
            "allowed": ["active", "rejected"],
            "did_you_mean": "active",
        },
        {
            "parameter": "page",
            "detail": "must be a whole number from 1 to 2147483647, "
            "in ASCII digits without sign or leading zero",
        },
        {
            "parameter": "sort",
            "detail": "is not a parameter of this operation; "
            "it accepts `job_posting_id`, `status`, `page`",
        },
    ]


@pytest.mark.parametrize("path", ["/token?x=1", "/candidates/cand_ghi789?page=1"])
def test_operations_without_parameters_accept_none(gateway, full, path):
    is_problem(gateway.get(path, full), 400)


def test_an_address_that_is_too_long_is_414(gateway, full):
    is_problem(gateway.get("/candidates?search=" + "a" * 9_000, full), 414)


def test_a_body_that_is_too_long_is_413(gateway, full):
    headers = {"Authorization": f"Bearer {full}"}
    answer = gateway.client.request("GET", "/api/v1/token", headers=headers, content=b"x" * 70_000)
    is_problem(answer, 413)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ";;;=\xff"},
        {"Content-Type": "text/plain; charset=nonsense"},
    ],
)
def test_a_body_that_nobody_reads_changes_nothing(gateway, full, headers):
    sent = {"Authorization": f"Bearer {full}", **headers}
    raw = {name: value.encode("latin-1") for name, value in sent.items()}
    answer = gateway.client.request("GET", "/api/v1/token", headers=raw, content=b"\x00garbage")
    assert answer.status_code == 200


@pytest.mark.parametrize("sent", ["abc", "a" * 128, "A.b_c-9"])
def test_a_well_formed_request_id_is_kept(gateway, sent):
    answer = gateway.get("/token", headers={"X-Request-Id": sent})
    assert answer.headers["X-Request-Id"] == sent
    assert answer.json()["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "a" * 129, "é", '"', "a;b", "<script>"])
def test_another_request_id_is_replaced(gateway, sent):
    headers = {"X-Request-Id": sent.encode("latin-1")}
    answer = gateway.client.get("/api/v1/token", headers=headers)
    assert answer.headers["X-Request-Id"] != sent
    assert len(answer.headers["X-Request-Id"]) == 32


def test_every_answer_has_its_own_request_id(gateway):
    ids = {gateway.client.get(path).headers["X-Request-Id"] for path in ["/livez", "/docs"] * 3}
    assert len(ids) == 6


def test_an_unexpected_error_is_a_500_that_says_nothing(gateway, full, monkeypatch):
    from gateway.reading import Reader

    async def broken(*_args, **_kwargs):
        raise RuntimeError("John Doe, SELECT * FROM candidate")

    monkeypatch.setattr(Reader, "one", broken)
    with capture_logs():
        body = is_problem(gateway.get("/candidates/cand_ghi789", full), 500)
    assert list(body) == BASE
    assert "John" not in str(body)


def raw(url: str, request: bytes) -> bytes:
    """Send *request* as it is; return all that comes back."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
        return received


def test_a_body_without_a_length_is_bounded_too(gateway, full):
    """The body is not read at all, so however long it is the answer is the same."""
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    head = (
        f"GET /api/v1/token HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {full}\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ).encode()
    received = raw(gateway.url, head + chunk * 20 + b"0\r\n\r\n")
    assert received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 413"))


@pytest.mark.parametrize("method", ["GET", "get", "HEAD"])
def test_answers_end_where_they_say(gateway, full, method):
    request = (
        f"{method} /api/v1/token HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {full}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    head, _, body = raw(gateway.url, request).partition(b"\r\n\r\n")
    if method == "get":  # methods are case-sensitive: refused by the parser
        assert head.startswith(b"HTTP/1.1 400")
        return
    (length,) = (line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    assert (len(body) == int(length.split(b":")[1])) == (method == "GET")
