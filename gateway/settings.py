"""Settings: what the environment decides, read once at start.

Every setting is one field of `Settings` with its variable, default and meaning beside it; the
README's table and the messages about wrong variables come from there. A `.env` file is not read.
Variables that start with `GATEWAY_KEY_` are no settings: policies name them as keys of hashes.

Lowest layer. Nothing else in the project reads the environment, and nothing changes a setting
while the server runs.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from gateway.errors import ConfigError, Finding, echo
from gateway.hints import closest, did_you_mean
from gateway.texts import checked_email, checked_name

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "GATEWAY_"
KEY_PREFIX = "GATEWAY_KEY_"
FERNET_BYTES = 32
MAX_PORT = 65_535
MAILBOX = "must be an e-mail address, or `Name <address>`"

# Published as it stands, so: ASCII, and neither a user, a query nor a fragment.
BASE_URL = re.compile(
    r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*"
)


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _at_least(minimum: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        # `int` alone would let `+1`, `1_0` and digits of other scripts through.
        if not (value.isascii() and value.isdigit() and int(value) >= minimum):
            raise ValueError(f"must be a whole number, {minimum} or more")
        return int(value)

    return parse


def _seconds(value: str) -> float:
    whole, _, fraction = value.partition(".")
    if not (value.isascii() and whole.isdigit() and (fraction or "0").isdigit()):
        raise ValueError("must be seconds as a decimal number, such as 0.5")
    return float(value)


def _some_seconds(value: str) -> float:
    seconds = _seconds(value)
    if not seconds:
        raise ValueError("must be more than 0")
    return seconds


def _switch(value: str) -> bool:
    return _one_of("off", "on")(value) == "on"


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            listed = ", ".join(f"`{word}`" for word in allowed)
            raise ValueError(f"must be one of {listed}{did_you_mean(value, allowed)}")
        return value

    return parse


def _port(value: str) -> int:
    port = _at_least(1)(value)
    if port > MAX_PORT:
        raise ValueError(f"must be a port, at most {MAX_PORT}")
    return port


def _mailbox(value: str) -> str:
    """Return *value*, one address, alone or as `Name <address>`."""
    name, address = parseaddr(value)
    if value not in (address, f"{name} <{address}>", f'"{name}" <{address}>'):
        raise ValueError(MAILBOX)
    try:
        checked_name(name or address)
        checked_email(address)
    except ValueError as error:
        raise ValueError(MAILBOX) from error
    return value


def _fernet_keys(value: str) -> tuple[str, ...]:
    keys = tuple(value.replace(",", " ").split())
    try:
        sizes = {len(base64.b64decode(key, b"-_", validate=True)) for key in keys}
        if sizes == {FERNET_BYTES}:
            return keys
    except ValueError:
        pass
    raise ValueError("must be a key that `gateway webhook key` made, or several, with commas")


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(map(ip_network, value.replace(",", " ").split()))
    except ValueError as error:
        raise ValueError("must be networks such as 10.1.0.0/16, with commas between") from error


def _base_url(value: str) -> str:
    try:
        well_formed = BASE_URL.fullmatch(value) and urlsplit(value).port != 0
    except ValueError:  # a port above 65535, brackets around what is no IP address
        well_formed = False
    if not well_formed:
        raise ValueError(
            "must be an http(s) address without user or query, such as https://example.com"
        )
    return value.rstrip("/")


def _of(variable: str, doc: str, parse: Callable[[str], Any] = _text) -> Mapping[str, Any]:
    """Say where a setting comes from.

    Args:
        parse: turns the variable's text into the value; its ValueError says what must be.
    """
    return {"variable": variable, "doc": doc, "parse": parse}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, with the defaults of a server that was told nothing.

    A field that is left out of `repr` holds a secret: messages do not show its value either.
    """

    database_url: str = field(
        default="sqlite:///var/gateway.db",
        repr=False,
        metadata=_of(
            "DATABASE_URL",
            "The database: `sqlite:///path` (three slashes: from the working directory, four: "
            "from the root) or `postgresql://user:password@host/name`.",
        ),
    )
    openapi: Path = field(
        default=PROJECT / "openapi" / "hiring.yaml",
        metadata=_of(
            "GATEWAY_OPENAPI",
            "The OpenAPI document that declares the API.",
            _path,
        ),
    )
    policies: Path = field(
        default=PROJECT / "policies",
        metadata=_of(
            "GATEWAY_POLICIES",
            "The folder of the redaction policies.",
            _path,
        ),
    )
    policy_reload_interval_s: float = field(
        default=0.5,
        metadata=_of(
            "GATEWAY_POLICY_RELOAD_INTERVAL_S",
            "How often each worker looks whether the policies have changed, in seconds; `0`: only "
            "on SIGHUP.",
            _seconds,
        ),
    )
    public_url: str | None = field(
        default=None,
        metadata=_of(
            "GATEWAY_PUBLIC_URL",
            "The address under which clients reach the server, such as `https://example.com`: "
            "stands in the published document. Unset: the address that the request was sent to.",
            _base_url,
        ),
    )
    max_body_bytes: int = field(
        default=65_536,
        metadata=_of(
            "GATEWAY_MAX_BODY_BYTES",
            "The longest request body; a longer one is answered with 413.",
            _at_least(0),
        ),
    )
    max_url_bytes: int = field(
        default=8_192,
        metadata=_of(
            "GATEWAY_MAX_URL_BYTES",
            "The longest path with query; a longer one is answered with 414.",
            _at_least(256),
        ),
    )
    last_used_flush_interval_s: float = field(
        default=1.0,
        metadata=_of(
            "GATEWAY_LAST_USED_FLUSH_INTERVAL_S",
            "How often the times at which tokens were used are written to the database, in "
            "seconds.",
            _some_seconds,
        ),
    )
    session_idle_s: int = field(
        default=28_800,
        metadata=_of(
            "GATEWAY_SESSION_IDLE_S",
            "How long a session of the Settings pages lives without a request, in seconds.",
            _at_least(60),
        ),
    )
    session_max_s: int = field(
        default=604_800,
        metadata=_of(
            "GATEWAY_SESSION_MAX_S",
            "How long a session lives at most, however busy, in seconds.",
            _at_least(60),
        ),
    )
    serve_jobs: bool = field(
        default=True,
        metadata=_of(
            "GATEWAY_SERVE_JOBS",
            "`off`: `gateway serve` answers requests alone, and leaves what is done beside them "
            "(webhooks are delivered, alerts told, what is old removed) to `gateway jobs`.",
            _switch,
        ),
    )
    metrics: bool = field(
        default=False,
        metadata=_of(
            "GATEWAY_METRICS",
            "`on`: `GET /metrics` answers with numbers for Prometheus, to whoever can reach it.",
            _switch,
        ),
    )
    disclosure_log: Path | None = field(
        default=None,
        metadata=_of(
            "GATEWAY_DISCLOSURE_LOG",
            "A file on a local disk that gets a line for each answer with data: which token was "
            "given which fields of which records. Unset: none.",
            _path,
        ),
    )
    disclosure_log_max_bytes: int = field(
        default=104_857_600,
        metadata=_of(
            "GATEWAY_DISCLOSURE_LOG_MAX_BYTES",
            "How long that file gets before it is put aside as `FILE.1`, `FILE.2` and so on.",
            _at_least(1),
        ),
    )
    disclosure_log_keep: int = field(
        default=10,
        metadata=_of(
            "GATEWAY_DISCLOSURE_LOG_KEEP",
            "How many files that were put aside are kept; the oldest are removed. `0`: all are "
            "kept.",
            _at_least(0),
        ),
    )
    webhook_keys: tuple[str, ...] = field(
        default=(),
        repr=False,
        metadata=_of(
            "GATEWAY_WEBHOOK_KEY",
            "The key that the secrets of webhook endpoints are encrypted with; `gateway webhook "
            "key` makes one. Several, with commas: the first encrypts, all decrypt. Unset: there "
            "are no webhooks.",
            _fernet_keys,
        ),
    )
    webhook_allowed_networks: tuple[IPv4Network | IPv6Network, ...] = field(
        default=(),
        metadata=_of(
            "GATEWAY_WEBHOOK_ALLOWED_NETWORKS",
            "Networks, with commas, that webhooks may be sent to although they are not public, "
            "such as `10.1.0.0/16`; any port is fine there.",
            _networks,
        ),
    )
    webhook_plain_http: bool = field(
        default=False,
        metadata=_of(
            "GATEWAY_WEBHOOK_PLAIN_HTTP",
            "`on`: webhooks may be sent over http too, where everybody on the way can read them.",
            _switch,
        ),
    )
    smtp_host: str | None = field(
        default=None,
        metadata=_of(
            "GATEWAY_SMTP_HOST",
            "The mail server that takes alerts to administrators; with it go `GATEWAY_MAIL_FROM` "
            "and `GATEWAY_PUBLIC_URL`. Unset: no mail is sent, alerts stand in the log and on the "
            "Settings pages.",
        ),
    )
    smtp_port: int | None = field(
        default=None,
        metadata=_of(
            "GATEWAY_SMTP_PORT",
            "Its port. Unset: the usual one, 587 with `starttls`, 465 with `tls`, 25 with `plain`.",
            _port,
        ),
    )
    smtp_security: str = field(
        default="starttls",
        metadata=_of(
            "GATEWAY_SMTP_SECURITY",
            "`starttls` or `tls`, with the server's certificate checked; or `plain`, for a server "
            "on the same machine.",
            _one_of("starttls", "tls", "plain"),
        ),
    )
    smtp_user: str | None = field(
        default=None,
        metadata=_of("GATEWAY_SMTP_USER", "Who logs in at the mail server. Unset: nobody does."),
    )
    smtp_password: str | None = field(
        default=None,
        repr=False,
        metadata=_of("GATEWAY_SMTP_PASSWORD", "The password of `GATEWAY_SMTP_USER`."),
    )
    mail_from: str | None = field(
        default=None,
        metadata=_of(
            "GATEWAY_MAIL_FROM",
            "Whom mail is from: an address, or `Name <address>`.",
            _mailbox,
        ),
    )
    token_unused_days: int = field(
        default=30,
        metadata=_of(
            "GATEWAY_TOKEN_UNUSED_DAYS",
            "After how many days without a use a token counts as unused: the list of tokens says "
            "so, and administrators are told.",
            _at_least(1),
        ),
    )
    answer_cache_bytes: int = field(
        default=16 * 1024 * 1024,
        metadata=_of(
            "GATEWAY_ANSWER_CACHE_BYTES",
            "How many bytes of answers each worker keeps, for as long as the account's data is as "
            "it was. `0`: none.",
            _at_least(0),
        ),
    )
    lane: bool = field(
        default=True,
        metadata=_of(
            "GATEWAY_LANE",
            "`off` takes every request through all layers of the stack and keeps no answers, to "
            "compare: they are the same, and slower.",
            _switch,
        ),
    )
    log_format: str = field(
        default="auto",
        metadata=_of(
            "GATEWAY_LOG_FORMAT",
            "`json` (one object a line), `console` (for people), or `auto`: `console` on a "
            "terminal, else `json`.",
            _one_of("auto", "console", "json"),
        ),
    )
    log_level: str = field(
        default="info",
        metadata=_of(
            "GATEWAY_LOG_LEVEL",
            "The least level that is logged: `debug`, `info`, `warning` or `error`.",
            _one_of("debug", "info", "warning", "error"),
        ),
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is empty counts as unset.

        Raises:
            ConfigError: a variable has a wrong value or starts with `GATEWAY_` but is none of
                ours; every such variable is named.
        """
        findings = _unknown(environment)
        values: dict[str, Any] = {}
        for setting in fields(cls):
            variable = setting.metadata["variable"]
            text = environment.get(variable, "")
            try:
                if text:
                    values[setting.name] = setting.metadata["parse"](text)
            except ValueError as error:
                shown = f" `{echo(text)}`" if setting.repr else ""
                findings.append(Finding(f"{variable}:{shown} {error}"))
        if findings:
            raise ConfigError(*findings)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Variable:
    """A setting as the documentation lists it.

    Attributes:
        name: of the environment variable.
        default: as it would be written in the environment; empty: unset.
    """

    name: str
    default: str
    doc: str


def variables() -> tuple[Variable, ...]:
    """Return every setting, in the order of their declaration."""
    return tuple(
        Variable(setting.metadata["variable"], _as_text(setting.default), setting.metadata["doc"])
        for setting in fields(Settings)
    )


def _as_text(default: Any) -> str:
    if isinstance(default, Path):
        return default.relative_to(PROJECT).as_posix()
    if isinstance(default, bool):
        return "on" if default else "off"
    return "" if default in (None, ()) else str(default)


def _unknown(environment: Mapping[str, str]) -> list[Finding]:
    # Without the prefix: it makes all of them look alike.
    known = {variable.name.removeprefix(PREFIX): variable.name for variable in variables()}
    findings = []
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name.startswith(KEY_PREFIX) or name in known.values():
            continue
        match = closest(name.removeprefix(PREFIX), known)
        hint = f"did you mean `{known[match]}`?" if match else "unset it"
        findings.append(Finding(f"unknown setting `{echo(name)}`; {hint}"))
    return findings
