"""One try to deliver, over real sockets of the loopback: what is asked, and what is made of it."""

import asyncio
import socket
import ssl
from ipaddress import ip_network

import pytest
from certificates import certificate_of
from receiving import raw_server, says, status

from gateway.webhooks.addresses import AddressRules
from gateway.webhooks.sender import MAX_ANSWER_BYTES, Sender

# 127.0.0.1 is what a test allows; all the rest of the loopback stands for what nobody may reach.
RULES = AddressRules(allowed=(ip_network("127.0.0.1/32"),), plain_http=True)
NAME = "hooks.example.com"
OK = status("204 No Content")


def resolving(*answers):
    """Return a resolver that gives one answer after another, the last for good, and its calls."""
    calls = []

    async def resolve(host, _port):
        answer = answers[min(len(calls), len(answers) - 1)]
        calls.append(host)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return resolve, calls


async def sent(url, *, rules=RULES, times=1, **options):
    """Send *times* messages; return the last outcome."""
    options.setdefault("resolve", resolving(["127.0.0.1"])[0])
    options.setdefault("limit_s", 10)
    async with Sender(rules, **options) as sender:
        for number in range(times):
            outcome = await sender.send(url, {"webhook-id": f"evt_{number}"}, b'{"a":1}')
    return outcome


def of(answer, path="/hooks?key=1", **options):
    """Send to a server that answers by *answer*; return the outcome and the server."""

    async def run():
        async with raw_server(answer) as server:
            return await sent(f"http://{NAME}:{server.port}{path}", **options), server

    return asyncio.run(run())


def test_a_message_is_a_post_of_json_with_the_headers_given():
    outcome, server = of(OK)
    [request] = server.requests
    assert request.head.startswith("POST /hooks?key=1 HTTP/1.1\r\n")
    assert request.headers["host"] == f"{NAME}:{server.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "evt_0"
    assert request.body == b'{"a":1}'
    assert (outcome.status, outcome.error, outcome.succeeded) == (204, None, True)


@pytest.mark.parametrize(
    ("line", "succeeded"),
    [
        ("200 OK", True),
        ("299 Fine", True),
        ("302 Found", False),
        ("400 Bad Request", False),
        ("410 Gone", False),
        ("500 Internal Server Error", False),
    ],
)
def test_2xx_alone_is_success(line, succeeded):
    outcome, _ = of(status(line))
    assert outcome.status == int(line[:3])
    assert outcome.succeeded is succeeded
    assert outcome.gone is (outcome.status == 410)


def test_no_redirect_is_followed():
    async def run():
        async with raw_server(OK) as other:
            moved = status("307 Moved", f"Location: http://127.0.0.1:{other.port}/inside")
            async with raw_server(moved) as server:
                outcome = await sent(f"http://127.0.0.1:{server.port}/")
        return outcome, other

    outcome, other = asyncio.run(run())
    assert (outcome.status, outcome.succeeded) == (307, False)
    assert other.connections == 0


def test_retry_after_is_read():
    outcome, _ = of(status("429 Too Many Requests", "Retry-After: 120"))
    assert outcome.retry_after_s == 120


def test_a_connection_is_used_again():
    _, server = of(OK, times=3)
    assert (len(server.requests), server.connections) == (3, 1)


def test_no_proxy_is_taken_from_the_environment(monkeypatch):
    for variable in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    outcome, server = of(OK)
    assert outcome.succeeded
    assert server.requests[0].head.startswith("POST /hooks")


# --- the address that was checked is the one that is connected to ---------------------------------


def test_a_name_that_leads_to_a_refused_address_is_not_connected_to():
    async def run():
        async with raw_server(OK, host="127.0.0.2") as inside:
            url = f"http://{NAME}:{inside.port}/"
            return await sent(url, resolve=resolving(["127.0.0.2"])[0]), inside

    outcome, inside = asyncio.run(run())
    assert (outcome.status, outcome.error) == (None, "address refused")
    assert inside.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.2", "0.0.0.0", "[::1]", "[::ffff:127.0.0.2]"])
def test_a_refused_address_is_not_connected_to(host):
    async def run():
        async with raw_server(OK, host="127.0.0.2") as inside:
            return await sent(f"http://{host}:{inside.port}/", resolve=None), inside

    outcome, inside = asyncio.run(run())
    assert outcome.error == "address refused"
    assert inside.connections == 0


def test_an_answer_that_changes_between_check_and_connection_changes_nothing():
    """DNS rebinding: whoever looks up twice checks one address and connects to another."""

    async def run():
        async with (
            raw_server(OK) as outside,
            raw_server(OK, host="127.0.0.2", port=outside.port) as inside,
        ):
            resolve, calls = resolving(["127.0.0.1"], ["127.0.0.2"])
            url = f"http://{NAME}:{outside.port}/"
            async with Sender(RULES, resolve=resolve) as sender:
                first = await sender.send(url, {}, b"{}")
                assert (calls, len(outside.requests), inside.connections) == ([NAME], 1, 0)
            async with Sender(RULES, resolve=resolve) as sender:
                second = await sender.send(url, {}, b"{}")
            assert inside.connections == 0
        return first, second

    first, second = asyncio.run(run())
    assert first.succeeded
    assert second.error == "address refused"


def test_nothing_but_the_resolver_looks_a_name_up(monkeypatch):
    looked_up = []
    original = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        looked_up.append(host)
        return original(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    outcome, _ = of(OK)
    assert outcome.succeeded
    assert NAME not in looked_up
    assert NAME.encode() not in looked_up


def test_the_next_address_is_tried_if_one_does_not_answer():
    rules = AddressRules(allowed=(ip_network("127.0.0.0/30"),), plain_http=True)
    outcome, _ = of(OK, rules=rules, resolve=resolving(["127.0.0.3", "127.0.0.1"])[0])
    assert outcome.succeeded


def test_the_operating_system_resolves_names_where_no_resolver_is_given():
    async def run():
        async with raw_server(OK) as server:
            return await sent(f"http://127.0.0.1:{server.port}/", resolve=None)

    assert asyncio.run(run()).succeeded


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return the file of a certificate for `NAME` with its key."""
    return certificate_of(NAME, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def over_tls(certificate):
    """Send to a server with the certificate of `NAME`; return the outcome, the server and SNI."""

    def over_tls(host, *, trusted=True):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        named = []
        tls.sni_callback = lambda _socket, name, _context: named.append(name)
        trust = ssl.create_default_context(cafile=certificate if trusted else None)

        async def run():
            async with raw_server(OK, tls=tls) as server:
                url = f"https://{host}:{server.port}/"
                return await sent(url, tls=trust), server

        return (*asyncio.run(run()), named)

    return over_tls


def test_the_certificate_is_held_against_the_name_though_an_address_is_connected_to(over_tls):
    outcome, server, named = over_tls(NAME)
    assert (outcome.status, named) == (204, [NAME])
    assert len(server.requests) == 1


def test_the_certificate_of_another_name_is_refused(over_tls):
    outcome, server, named = over_tls("other.example.com")
    assert (outcome.error, named) == ("TLS failed", ["other.example.com"])
    assert server.requests == []


def test_a_certificate_that_nobody_trusts_is_refused(over_tls):
    outcome, server, _ = over_tls(NAME, trusted=False)
    assert outcome.error == "TLS failed"
    assert server.requests == []


# --- receivers that do not behave -----------------------------------------------------------------


async def says_nothing(_request, _writer):
    await asyncio.sleep(30)


async def trickles(_request, writer):
    """Send a byte now and then, for ever: no single read takes long."""
    while True:
        writer.write(
            b"H" if writer.transport.get_write_buffer_size() else b"HTTP/1.1 100 C\r\n\r\n"
        )
        await writer.drain()
        await asyncio.sleep(0.01)


async def hangs_up(_request, writer):
    writer.close()


async def never_ends(_request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says_nothing, "timeout"),
        (trickles, "timeout"),
        (hangs_up, "not HTTP"),
        (says("SSH-2.0-OpenSSH_9.6\r\n\r\n"), "not HTTP"),
        (says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), "timeout"),
        (says(b"HTTP/1.1 200 OK\r\n" + b"A: " + b"a" * 1_000_000), "not HTTP"),
    ],
)
def test_a_receiver_that_does_not_behave_is_a_failure(answer, error):
    outcome, _ = of(answer, limit_s=0.5)
    assert (outcome.status, outcome.error) == (None, error)
    assert not outcome.succeeded


def test_an_answer_without_end_is_read_to_the_limit_and_no_further():
    outcome, server = of(never_ends)
    assert outcome.succeeded
    assert MAX_ANSWER_BYTES == 65_536
    assert server.connections == 1


def test_nobody_there_is_a_failure():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        outcome = asyncio.run(sent(f"http://127.0.0.1:{port}/"))
    assert outcome.error == "connection refused"


def test_a_name_that_nobody_has_is_a_failure():
    resolve, _ = resolving(socket.gaierror(socket.EAI_NONAME, "not known"))
    assert asyncio.run(sent(f"http://{NAME}/", resolve=resolve)).error == "host not found"


def test_a_name_whose_server_hangs_takes_no_longer_than_a_try_may():
    async def hangs(_host, _port):
        await asyncio.sleep(30)

    assert asyncio.run(sent(f"http://{NAME}/", resolve=hangs, limit_s=0.2)).error == "timeout"
