"""The compiled lane answers as the whole stack does, byte for byte.

Two gateways on one database, one with the lane and one without, are sent the same bytes: every
request that the document allows, every mistake, odd addresses and headers, what Hypothesis makes
up and what Schemathesis makes of the document. Status, headers and body must not differ.
"""

from __future__ import annotations

import re
import socket
from itertools import product
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
import schemathesis
from asking import METHODS, mistakes, questions
from columns import DOCUMENT, label, scope_sets
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import fill, records, secret_of

import models
from gateway.lane import Lane

ID = "same"
EVERY = scope_sets()[-1]
FOLLOWER = frozenset({"applications:read"})
OPERATIONS = list(DOCUMENT.operations.values())


class Answer(NamedTuple):
    """What came back, without what may differ: the time, and the id of a request that sent none."""

    status: bytes
    headers: list[bytes]
    body: bytes


class Both:
    """The same bytes to the gateway with the lane, and to the one without."""

    def __init__(self, fast: str, slow: str) -> None:
        self._addresses = [(urlsplit(url).hostname, urlsplit(url).port) for url in (fast, slow)]

    def ask(
        self, target: bytes, *headers: bytes, method: bytes = b"GET", body: bytes = b""
    ) -> Answer:
        """Send a request to both; return the answer, which is the same."""
        head = b"\r\n".join([method + b" " + target + b" HTTP/1.1", b"Host: x", *headers])
        request = head + b"\r\nConnection: close\r\n\r\n" + body
        fast, slow = (self._send(address, request) for address in self._addresses)
        assert fast == slow, request
        return fast

    @staticmethod
    def _send(address, request: bytes) -> Answer:
        with socket.create_connection(address, timeout=30) as connection:
            connection.sendall(request)
            received = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, body = received.partition(b"\r\n\r\n")
        status, *headers = head.split(b"\r\n")
        made_up = re.search(rb"\r\nx-request-id: ([0-9a-f]{32})(?:\r\n|$)", head)
        if made_up:
            body = body.replace(made_up[1], b"made up")
            headers = [line.replace(made_up[1], b"made up") for line in headers]
        kept = [line for line in headers if not line.lower().startswith(b"date:")]
        return Answer(status, sorted(kept), body)


@pytest.fixture
def both(db, database_url, start) -> Both:
    fill(database_url, records())
    models.database.initialize(db)
    fast, slow = (start(lane=lane, last_used_flush_interval_s=3_600) for lane in (True, False))
    return Both(fast.url, slow.url)


def bearer(scopes: frozenset[str]) -> bytes:
    return b"Authorization: Bearer " + secret_of(scopes).encode()


def path_of(operation) -> bytes:
    return next(questions(operation)).target.encode()


def test_the_lane_is_taken(start, reference, monkeypatch):
    """The control: else two equal gateways would be compared."""
    taken = []
    steps = Lane._steps
    monkeypatch.setattr(
        Lane,
        "_steps",
        lambda self, *given: taken.append(given[2].operation.id) or steps(self, *given),
    )
    for lane, expected in ((True, [one.id for one in OPERATIONS]), (False, [])):
        taken.clear()
        gateway = start(lane=lane)
        for operation in OPERATIONS:
            gateway.client.get(path_of(operation).decode())
        assert taken == expected


@pytest.mark.parametrize("scopes", scope_sets(), ids=label)
def test_every_question_and_mistake_of_every_scope_set(both, scopes):
    statuses = set()
    for operation in OPERATIONS:
        for one in (*questions(operation), *mistakes(operation)):
            for _ in range(2):  # the second answer was kept
                answer = both.ask(
                    one.target.encode(),
                    bearer(scopes),
                    b"X-Request-Id: " + ID.encode(),
                    method=one.method.encode(),
                )
            statuses.add(int(answer.status.split()[1]))
    assert statuses >= {200, 404, 405} | ({403} if scopes != EVERY else set())


AUTHORIZATIONS = [
    (),
    (b"Authorization: ",),
    (b"Authorization: Basic YTpi",),
    (b"Authorization: " + secret_of(EVERY).encode(),),
    (b"authorization: token  " + secret_of(EVERY).encode(),),
    (b"AUTHORIZATION: BEARER " + secret_of(EVERY).encode(),),
    (b"Authorization: Bearer " + secret_of(EVERY).upper().encode(),),
    (b"Authorization: Bearer " + secret_of(EVERY).encode() + b" more",),
    (b"Authorization: Bearer " + b"0" * 32,),
    (bearer(EVERY), bearer(EVERY)),
    (bearer(EVERY), bearer(FOLLOWER)),
    (bearer(frozenset()),),
    (bearer(EVERY), b"Cookie: session=x"),
]
OTHER_HEADERS = [
    (),
    (b"X-Request-Id: mine-1",),
    (b"X-Request-Id: not allowed",),
    (b"X-Request-Id: a", b"X-Request-Id: b"),
    (b"X-Request-Id: " + b"x" * 129,),
    (b"Accept: text/html",),
    (b"Accept-Encoding: gzip",),
    (b"Origin: https://example.com",),
    (b"If-None-Match: *",),
    (b"Range: bytes=0-3",),
    (b"Expect: 100-continue",),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_headers_of_every_kind(both, operation):
    for authorization, others in product(AUTHORIZATIONS, OTHER_HEADERS):
        both.ask(path_of(operation), *authorization, *others)


BODIES = [
    ((b"Content-Length: 0",), b""),
    ((b"Content-Length: 5",), b"hello"),
    ((b"Content-Type: application/json", b"Content-Length: 2"), b"{}"),
    ((b"Content-Length: 3000000",), b"x" * 10),
    ((b"Transfer-Encoding: chunked",), b"5\r\nhello\r\n0\r\n\r\n"),
]


@pytest.mark.parametrize("method", [b"GET", b"PATCH", *(one.encode() for one in METHODS)])
def test_methods_and_bodies(both, method):
    for operation, (headers, body) in product(OPERATIONS, [((), b""), *BODIES]):
        if b"3000000" not in headers[0] if headers else True:
            both.ask(path_of(operation), bearer(EVERY), *headers, method=method, body=body)


ODD = [
    b"{path}/",
    b"{path}//",
    b"/{path}",
    b"{path}%20",
    b"{path}%00",
    b"{path}%2F",
    b"{path}%ff",
    b"{path}%",
    b"{path}%zz",
    b"{path}/..",
    b"{path}/./x",
    b"{path};a=b",
    b"{path}.json",
    b"{path}?",
    b"{path}??",
    b"{path}?&",
    b"{path}?=",
    b"{path}?page",
    b"{path}?page=",
    b"{path}?page=1&page=2",
    b"{path}?page=01",
    b"{path}?page=%2B1",
    b"{path}?page=1_0",
    b"{path}?page=%EF%BC%91",
    b"{path}?page=2147483647",
    b"{path}?page=2147483648",
    b"{path}?PAGE=1",
    b"{path}?page=1#x",
    b"{path}?%70age=1",
    b"{path}?page=1&status=Active&search=%ff&filter[x]=1",
    b"{path}?status=active;page=2",
    b"{path}?search=+",
    b"{path}?search=" + b"x" * 201,
    b"{path}?x=" + b"y" * 9_000,
    b"http://x{path}",
    b"/x/..{path}",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:40].decode("latin-1"))
def test_odd_addresses(both, odd):
    for operation in OPERATIONS:
        both.ask(odd.replace(b"{path}", path_of(operation)), bearer(EVERY))
    upper = odd.replace(b"{path}", path_of(OPERATIONS[0]).upper())
    both.ask(upper, bearer(EVERY))


SEGMENTS = [
    *{segment for one in OPERATIONS for segment in path_of(one).decode().split("/") if segment},
    *("nothing", "42", "app_", "JOB_abc123", "é", "a%2Fb", "a%252Fb", ".", ".."),
]
VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#")
TEXTS = st.one_of(st.sampled_from(SEGMENTS), st.text(VISIBLE, max_size=12))


@st.composite
def targets(draw) -> bytes:
    base = draw(st.sampled_from([DOCUMENT.base_path, DOCUMENT.base_path, "", "/api/v2"]))
    path = "/".join([base, *draw(st.lists(TEXTS, min_size=1, max_size=4))])
    names = st.sampled_from(["page", "status", "search", "job_posting_id", "x", "Page", ""])
    pairs = draw(st.lists(st.tuples(names, TEXTS), max_size=3))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return (path + (f"?{query}" if pairs else "")).encode()


def test_what_hypothesis_makes_up(both):
    @settings(max_examples=300)
    @given(target=targets(), scopes=st.sampled_from(scope_sets()))
    def same(target, scopes):
        both.ask(target, bearer(scopes), b"X-Request-Id: " + ID.encode())

    same()


# Not as `schemathesis.toml` has it: that is for the contract tests' server.
SCHEMA = schemathesis.openapi.from_dict(dict(DOCUMENT.raw), config=schemathesis.Config())
GENERATED = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.mark.parametrize("operation", GENERATED, ids=lambda one: one.label)
@pytest.mark.parametrize(
    "mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
)
def test_what_schemathesis_makes_of_the_document(both, operation, mode):
    @settings(max_examples=40)
    @given(case=operation.as_strategy(generation_mode=mode))
    def same(case):
        sent = case.as_transport_kwargs(base_url=f"http://x{DOCUMENT.base_path}")
        request = httpx.Request(sent["method"], sent["url"], params=sent.get("params"))
        both.ask(request.url.raw_path, bearer(EVERY), b"X-Request-Id: " + ID.encode())

    same()
