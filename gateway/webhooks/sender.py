"""Sends one message to one address, and tells how it went.

What is connected to is what was checked: the name is resolved here, `AddressRules` looks at the
result, and the connection goes to the IP address itself. A second look-up, whose answer may be
another, does not happen. TLS still holds the certificate against the name.

httpcore does the HTTP. It follows no redirects, takes no proxy from the environment, keeps no
cookies and unpacks nothing; so none of that can lead elsewhere. At most `MAX_ANSWER_BYTES` of an
answer are read, and none is kept.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import anyio
import httpcore
from anyio.to_thread import run_sync

from gateway.webhooks.addresses import AddressRules, Refused, Target
from gateway.webhooks.schedule import retry_after_s

LIMIT_S = 15.0
MAX_ANSWER_BYTES = 65_536
MAX_LOOKUPS = 64
IDLE_S = 30.0
IDLE_CONNECTIONS = 8
MAX_POOLS = 256
USER_AGENT = "hiring-gateway-webhooks/1"

# Both give the IP addresses of a host for a port, or raise OSError.
LookUp = Callable[[str, int], Sequence[str]]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended.

    Attributes:
        status: of the answer; None: there was none.
        error: why there was none, in a word or two; None: there was one.
        duration_ms: from the look-up of the name to the end of the answer.
        retry_after_s: for how long the receiver asks to be left alone; None: it does not.
    """

    status: int | None
    error: str | None
    duration_ms: int
    retry_after_s: int | None = None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def gone(self) -> bool:
        """Whether the receiver says that it wants nothing more at this address, ever."""
        return self.status == HTTPStatus.GONE


class Sender:
    """Sends messages over connections that are kept for the next ones to the same receiver."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        resolve: Resolve | None = None,
        clock: Callable[[], float] = time.time,
        tls: ssl.SSLContext | None = None,
        limit_s: float = LIMIT_S,
    ) -> None:
        """Send to what *rules* allow.

        Args:
            resolve: looks up a host's IP addresses; raises OSError.
            tls: which certificates are trusted; None: those that the system trusts.
            limit_s: of a whole try, from the look-up to the end of the answer.
        """
        self._rules = rules
        self._clock = clock
        self._limit_s = limit_s
        self._tls = tls or ssl.create_default_context()
        self._network = PinnedNetwork(rules, resolve or Resolver())
        self._pools: OrderedDict[str, httpcore.AsyncConnectionPool] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """POST *body* to *url*; an answer and its absence are both an `Outcome`."""
        began = time.perf_counter()
        status, error, wait_s = None, None, None
        try:
            async with asyncio.timeout(self._limit_s):
                status, wait_s = await self._post(self._rules.target(url), headers, body)
        except TimeoutError:
            error = "timeout"
        except Refused:
            error = "address refused"
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
        ) as failure:
            error = _named(failure)
        except OSError:
            error = "host not found"
        duration_ms = round((time.perf_counter() - began) * 1_000)
        return Outcome(status, error, duration_ms, wait_s)

    async def _post(
        self, target: Target, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, int | None]:
        sent = {
            "host": target.authority,
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "accept-encoding": "identity",
            **headers,
        }
        # From the parts that were looked at: nothing takes the address apart a second time.
        url = httpcore.URL(
            scheme=target.scheme, host=target.host, port=target.port, target=target.path
        )
        pool = await self._pool_of(target)
        async with pool.stream("POST", url, headers=list(sent.items()), content=body) as answer:
            await _read(answer)
            asked = {name.lower(): value for name, value in answer.headers}.get(b"retry-after")
            text = None if asked is None else asked.decode("latin-1")
            return answer.status, retry_after_s(text, now=self._clock())

    async def _pool_of(self, target: Target) -> httpcore.AsyncConnectionPool:
        """Return the connections to one receiver.

        A pool each, without a bound: of receivers that hang, none may take the place of one that
        answers; and httpcore looks through all connections of a pool at each request.
        """
        key = f"{target.scheme}://{target.authority}"
        if key not in self._pools:
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                network_backend=self._network,
                max_connections=None,
                max_keepalive_connections=IDLE_CONNECTIONS,
                keepalive_expiry=IDLE_S,
                retries=0,
            )
            await self._forget_idle()
        self._pools.move_to_end(key)
        return self._pools[key]

    async def _forget_idle(self) -> None:
        """Close the pools that have waited longest, if there are many and nobody uses them."""
        for key, pool in list(self._pools.items())[:-MAX_POOLS]:
            if all(connection.is_idle() for connection in pool.connections):
                del self._pools[key]
                await pool.aclose()


class PinnedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to IP addresses that were checked, and to nothing else."""

    def __init__(self, rules: AddressRules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look *host* up and connect to what was found. Raises Refused, OSError."""
        found = await self._resolve(host, port)
        failure: Exception = httpcore.ConnectError()
        # INVARIANT: what is connected to is an IP address that the rules have seen just now.
        for address in self._rules.pinned(found, port):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Refuse: nobody's address is one."""
        raise Refused("must be an address on a network")

    async def sleep(self, seconds: float) -> None:
        """Wait, for httpcore."""
        await self._network.sleep(seconds)


class Resolver:
    """Looks names up as the operating system does, in threads of its own.

    Not in the event loop's few: names whose servers hang must not delay others.
    """

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the IP addresses of *host*. Raises OSError."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(MAX_LOOKUPS)
        return await run_sync(look_up, host, port, abandon_on_cancel=True, limiter=self._limiter)


def look_up(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of *host*, each once, in the system's order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _read(answer: httpcore.Response) -> None:
    """Read the answer to its end, so that its connection can be used again, or to the limit."""
    size = 0
    async for chunk in answer.aiter_stream():
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            return


def _named(failure: Exception) -> str:
    if isinstance(failure, httpcore.TimeoutException):
        return "timeout"
    if isinstance(failure, httpcore.ProtocolError):
        return "not HTTP"
    if any(isinstance(error, ssl.SSLError) for error in _causes(failure)):
        return "TLS failed"
    if isinstance(failure, httpcore.ConnectError):
        return "connection refused"
    return "connection broken"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
