"""Failed sign-ins, counted so that guessing gets slow: per client address and per e-mail address.

An attempt counts before the password is looked at, so a hundred at once are no way around; a right
one takes its count back. The counts are in the database: all workers agree. While a key is blocked
nothing is tried and nothing counts, so nobody is kept out by knocking.

An e-mail address is blocked for a minute at most: whoever fails in another's name delays them, and
does not lock them out. The counts of who stops failing are forgotten.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address

from gateway.database import writing
from models import SignInAttempts, database

FORGOTTEN_AFTER_S = 3_600


@dataclass(frozen=True, slots=True)
class Rule:
    """How fast one may fail: so often at once, then at growing distances."""

    free: int
    longest_wait_s: int

    def wait_s(self, failures: int) -> int:
        """Return how long is to be waited after so many failures in a row."""
        beyond = failures - self.free
        return 0 if beyond < 0 else min(2 ** min(beyond, 30), self.longest_wait_s)


EMAIL = Rule(free=5, longest_wait_s=60)
ADDRESS = Rule(free=20, longest_wait_s=900)


class TooManyAttempts(Exception):
    """Nothing is tried now; in `wait_s` seconds it may be."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that is being tried, and what it counts against."""

    email: str
    address: str


def begin(email: str, address: str, *, now: int) -> Attempt:
    """Count an attempt as failed, until `succeeded` takes that back.

    Args:
        email: as it was typed in.
        address: the client's.
    Raises:
        TooManyAttempts: there were too many; this one does not count.
    """
    attempt = Attempt(_key("email", email.lower()), _key("address", _network(address)))
    rules = {attempt.email: EMAIL, attempt.address: ADDRESS}
    with writing(database):
        SignInAttempts.delete().where(_forgotten(now)).execute()
        # In one order, so that two attempts never wait for each other.
        for key in sorted(rules):
            _count(key, rules[key], now)
    return attempt


def succeeded(attempt: Attempt) -> None:
    """Take back that *attempt* has failed.

    The address keeps its other failures: an attacker with an account of their own could clear them.
    """
    with writing(database):
        SignInAttempts.delete().where(SignInAttempts.key == attempt.email).execute()
        fewer = {"failures": SignInAttempts.failures - 1, "blocked_until": 0}
        SignInAttempts.update(fewer).where(SignInAttempts.key == attempt.address).execute()


def _count(key: str, rule: Rule, now: int) -> None:
    fresh = {"key": key, "failures": 0, "failed_at": now, "blocked_until": 0}
    SignInAttempts.insert(fresh).on_conflict_ignore().execute()
    this = SignInAttempts.key == key
    # An UPDATE that changes nothing is the row lock that both databases have.
    SignInAttempts.update(key=key).where(this).execute()
    row = SignInAttempts.get(this)
    if row.blocked_until > now:
        raise TooManyAttempts(row.blocked_until - now)
    failures = row.failures + 1
    counted = {
        "failures": failures,
        "failed_at": now,
        "blocked_until": now + rule.wait_s(failures),
    }
    SignInAttempts.update(counted).where(this).execute()


def _forgotten(now: int) -> object:
    return SignInAttempts.failed_at <= now - FORGOTTEN_AFTER_S


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """Return what one client can change by itself no part of: of IPv6 the first 64 bits."""
    try:
        parsed = ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:  # how a socket for both kinds shows IPv4
            return str(parsed.ipv4_mapped)
        return str(IPv6Network((parsed, 64), strict=False))
    return str(parsed)
