"""Where webhooks may be sent: which addresses people may type in, and which a name may lead to.

Whoever may type an address in could otherwise have this server ask its own network for them. Two
checks stand in the way: `target` takes an address apart when it is typed in and before each try;
`pinned` looks at what its host resolves to, right before the connection, which then goes to the
very addresses that were looked at (`gateway.webhooks.sender`).

Networks that the operator allows (a setting) are exempt, with any port. Refusals never say what a
name resolved to: that would tell people about the names of a network that is not theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from urllib.parse import urlsplit

MAX_URL_BYTES = 2_048
PORTS = {"https": (443, 8443), "http": (80, 8080)}

# Source: IANA's registries of special-purpose addresses, and multicast.
SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; 0.0.0.0 reaches this machine
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by carriers; some clouds' metadata
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # looks public, and is the host of a virtual machine at Azure
            "169.254.0.0/16",  # link-local; most clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments; a cloud's metadata
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)

# What lies outside is unspecified, loopback, IPv4-mapped or -compatible, NAT64, unique local,
# link-local, site-local or multicast.
GLOBAL_V6 = IPv6Network("2000::/3")
SPECIAL_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: leads to the IPv4 address within
            "3fff::/20",  # documentation
        ),
    )
)

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# Browsers and libc take such for IPv4 addresses in other guises: 2130706433, 0x7f.1, 127.1.
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
# Nothing that one reader of addresses skips and another does not.
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Refused(Exception):
    """Nothing is sent to this address. The text says what must be."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was taken apart.

    Attributes:
        host: a name in lower case, or an IP address without brackets.
        path: with the query, if there is one.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the header `Host` gives them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme][0] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What an operator lets webhooks be sent to.

    Attributes:
        allowed: networks that are exempt from the refusals.
        plain_http: http is allowed too, not https alone.
    """

    allowed: tuple[Network, ...] = ()
    plain_http: bool = False

    def target(self, url: str) -> Target:
        """Take *url* apart.

        Raises:
            Refused: it is none that something may be sent to, whatever its host resolves to.
        """
        if not (_CHARACTERS.fullmatch(url) and len(url) <= MAX_URL_BYTES):
            raise Refused(
                f"must be an address of at most {MAX_URL_BYTES} ASCII characters, without blanks, "
                "`#` and `\\`"
            )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise Refused("must be an address such as https://example.com/hooks") from error
        self._check_scheme(parts.scheme)
        if "@" in parts.netloc:
            raise Refused("must not have a user or password")
        target = Target(
            parts.scheme,
            _checked_host(parts.hostname),
            PORTS[parts.scheme][0] if port is None else port,
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        )
        if port == 0 or not (self.allowed or _is_usual(target.port)):
            raise Refused(_wrong_port())
        if _is_literal(target.host):
            self.pinned([target.host], target.port)
        return target

    def pinned(self, addresses: Iterable[str], port: int) -> Sequence[str]:
        """Return *addresses*, which a host resolved to just now, if all of them may be used.

        One that must not be used refuses the others too: a name with both is no accident.

        Raises:
            Refused: there is none, or one that nothing may be sent to.
        """
        found = [ip_address(address) for address in addresses]
        if not found:
            raise Refused("the host has no address")
        for address in found:
            if self._is_allowed(address):
                continue
            if not is_public(address):
                raise Refused("the host's address is not a public one")
            if not _is_usual(port):
                raise Refused(_wrong_port())
        return [str(address) for address in found]

    def _check_scheme(self, scheme: str) -> None:
        if scheme == "https" or (scheme == "http" and self.plain_http):
            return
        raise Refused("must start with https://" + (" or http://" if self.plain_http else ""))

    def _is_allowed(self, address: Address) -> bool:
        return any(
            address.version == network.version and address in network for network in self.allowed
        )


def is_public(address: Address) -> bool:
    """Return whether *address* belongs to somebody on the Internet."""
    if isinstance(address, IPv6Address):
        special = any(address in network for network in SPECIAL_V6)
        return address in GLOBAL_V6 and not special and address.scope_id is None
    return not any(address in network for network in SPECIAL_V4)


def _checked_host(host: str | None) -> str:
    """Return *host*, whose form leaves no doubt about what it is."""
    if not host:
        raise Refused("must name a host, such as https://example.com/hooks")
    if ":" in host:  # it stood in brackets
        return _checked_v6(host)
    if _NUMERIC.fullmatch(host):
        return _checked_v4(host)
    if not _NAME.fullmatch(host):
        raise Refused(
            "must name a host by letters, digits and hyphens, without a dot at the end; "
            "other scripts as `xn--…`"
        )
    return host


def _checked_v4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError as error:
        raise Refused("must give an IPv4 address as four decimal numbers") from error


def _checked_v6(host: str) -> str:
    try:
        address = IPv6Address(host)
    except AddressValueError as error:
        raise Refused("must give an IPv6 address in its usual form") from error
    if address.scope_id is not None:
        raise Refused("must not name a network interface")
    return str(address)


def _is_literal(host: str) -> bool:
    return ":" in host or _NUMERIC.fullmatch(host) is not None


def _is_usual(port: int) -> bool:
    return any(port in ports for ports in PORTS.values())


def _wrong_port() -> str:
    usual = sorted(port for ports in PORTS.values() for port in ports)
    return f"must have one of the ports {', '.join(map(str, usual))}"
