"""uvicorn's protocol with the lane in it: what needs no task gets none, and nobody can tell."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.telemetry import Telemetry

HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@pytest.fixture
def tasks(monkeypatch) -> list[str]:
    """The paths of the requests that got a task."""
    started = []
    start = HttpToolsProtocol._start_asgi_task

    def watched(self, cycle, app):
        started.append(cycle.scope["path"])
        start(self, cycle, app)

    monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", watched)
    return started


@pytest.fixture
def connect(gateway):
    """Open a connection to the gateway."""
    opened = []

    def connected(**options) -> socket.socket:
        parts = urlsplit(gateway.url)
        one = socket.socket()
        opened.append(one)
        for name, value in options.items():
            one.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        one.settimeout(30)
        one.connect((parts.hostname, parts.port))
        return one

    yield connected
    for one in opened:
        one.close()


def request(target: str, secret: str, *headers: str, version: str = "1.1") -> bytes:
    lines = [
        f"GET {target} HTTP/{version}",
        "Host: x",
        f"Authorization: Bearer {secret}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def until(happened: Callable[[], object]) -> None:
    for _ in range(3_000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("it has not happened")


def until_closed(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def ids(received: bytes) -> list[str]:
    return re.findall(r"x-request-id: (\S+)", received.decode())


@pytest.mark.parametrize(
    "path", ["/applications", "/applications/app_jkl012", "/applications/app_0", "/nothing?", "?a"]
)
def test_requests_for_operations_need_no_task(dialect, gateway, full, tasks, path):
    """PostgreSQL is waited for, so there every request has one."""
    for secret in (full, "0" * 32):
        gateway.get(path, secret)
    is_operation = path.startswith("/applications")
    assert len(tasks) == (0 if dialect == "sqlite" and is_operation else 2)


def test_without_the_lane_every_request_has_a_task(start, tasks):
    start(lane=False).get("/applications", "0" * 32)
    assert tasks == ["/api/v1/applications"]


def test_pipelined_requests_are_answered_in_their_order(connect, full):
    """Among them one that needs a task, one that is refused, and one that is no operation."""
    targets = [
        "/docs",
        "/api/v1/applications",
        "/api/v1/applications/app_0",
        "/api/v1/candidates?search=jo",
        "/livez",
        "/api/v1/applications?page=0",
        "/api/v1/job_postings",
    ] * 3
    sent = [request(one, full, f"X-Request-Id: {n}") for n, one in enumerate(targets)]
    sent[-1] = request(targets[-1], full, "X-Request-Id: last", "Connection: close")
    connection = connect()
    connection.sendall(b"".join(sent))
    received = until_closed(connection)
    assert ids(received) == [*map(str, range(len(sent) - 1)), "last"]
    statuses = [int(status) for status in HEAD.findall(received)]
    assert statuses == [200, 200, 404, 200, 200, 400, 200] * 3


def test_a_request_in_pieces_is_one_request(connect, full):
    connection = connect()
    whole = request("/api/v1/applications", full, "Connection: close")
    for at in range(0, len(whole), 7):
        connection.sendall(whole[at : at + 7])
    assert HEAD.findall(until_closed(connection)) == [b"200"]


@pytest.mark.parametrize(
    ("headers", "version"), [(["Connection: close"], "1.1"), ([], "1.0")], ids=["asked", "HTTP/1.0"]
)
def test_a_connection_that_the_client_wants_closed_is_closed(
    connect, full, headers, version, monkeypatch
):
    """At once, and not when it has been idle for long."""
    monkeypatch.setattr(HttpToolsProtocol, "timeout_keep_alive_handler", lambda _self: None)
    connection = connect()
    connection.sendall(request("/api/v1/applications", full, *headers, version=version))
    received = until_closed(connection)
    assert b"\r\nconnection: close\r\n" in received
    assert received.endswith(b"}")


def test_a_connection_is_kept_for_the_next_request(connect, full):
    connection = connect()
    for number in range(3):
        connection.sendall(request("/api/v1/applications/app_0", full, f"X-Request-Id: {number}"))
        received = b""
        while not received.endswith(b"}"):
            received += connection.recv(65_536)
        assert ids(received) == [str(number)]
        assert b"connection: close" not in received


def test_a_client_that_does_not_read_is_waited_for(dialect, gateway, connect, full, tasks):
    """Answers to it are not piled up in memory, and none is lost or cut when it reads at last."""
    connection = connect(SO_RCVBUF=4_096)
    asked = 10_000
    sent = [request("/api/v1/applications", full, f"X-Request-Id: {n}") for n in range(asked - 1)]
    sent.append(request("/api/v1/applications", full, "X-Request-Id: last", "Connection: close"))
    unsent = memoryview(b"".join(sent))
    connection.settimeout(0.5)
    with suppress(TimeoutError):
        while unsent:
            unsent = unsent[connection.send(unsent) :]
    if dialect == "sqlite":
        until(lambda: tasks)  # of uvicorn's, which waits
    assert gateway.get("/applications", full).status_code == 200
    received = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        connection.setblocking(False)
        while True:
            [(_, can)] = ready.select(30)
            if can & selectors.EVENT_WRITE and unsent:
                unsent = unsent[connection.send(unsent) :]
            elif not unsent:
                ready.modify(connection, selectors.EVENT_READ)
            if can & selectors.EVENT_READ:
                piece = connection.recv(1 << 20)
                if not piece:
                    break
                received += piece
    assert ids(bytes(received)) == [*map(str, range(asked - 1)), "last"]


def test_a_failure_is_a_500_of_its_own_request_alone(connect, full, monkeypatch):
    end = Telemetry.end

    def failing(self, scope, exchange, seconds):
        if exchange.request_id == "fails":
            raise RuntimeError("on purpose")
        end(self, scope, exchange, seconds)

    monkeypatch.setattr(Telemetry, "end", failing)
    connections = [connect() for _ in range(5)]
    for number, connection in enumerate(connections):
        name = "fails" if number == 2 else str(number)
        connection.sendall(
            request("/api/v1/applications", full, f"X-Request-Id: {name}", "Connection: close")
        )
    statuses = [HEAD.findall(until_closed(one)) for one in connections]
    assert [one for n, one in enumerate(statuses) if n != 2] == [[b"200"]] * 4
    # Its answer had left, or was a plain 500: but the others' are whole.
    assert statuses[2] in ([b"200"], [b"500"])


def test_a_request_that_has_to_wait_takes_a_task_and_is_logged_once(
    gateway, full, tasks, monkeypatch
):
    """A search that finds much has a thread of its own."""
    monkeypatch.setattr("gateway.reading.reader.MANY", 1)
    with capture_logs() as written:
        answer = gateway.get("/candidates?search=john", full, headers={"X-Request-Id": "waits"})
    assert answer.status_code == 200
    lines = [line for line in written if line["event"] == "request"]
    assert [line["request_id"] for line in lines] == ["waits"]
    assert lines[0]["status"] == 200
    assert tasks == ["/api/v1/candidates"]
