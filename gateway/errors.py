"""The error tree and its one shape.

    GatewayError
    ├── ConfigError        what is wrong at start or in a file: stops the start
    ├── CommandError       a command said no: exit 1
    └── Problem            what a caller is told, as RFC 9457 `application/problem+json`
        ├── BadRequest             400
        ├── Unauthorized           401
        ├── Forbidden              403
        ├── NotFound               404
        ├── MethodNotAllowed       405
        ├── ContentTooLarge        413
        ├── UriTooLong             414
        ├── TooManyRequests        429
        ├── InternalError          500
        └── ServiceUnavailable     503

A `Problem` never carries a stack trace, SQL, a token or more than `MAX_ECHO` characters of what
the caller sent. Everything here is free of HTTP: `gateway.problems` writes the answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

MAX_ECHO = 100


class GatewayError(Exception):
    """Base of every error that this project raises on purpose."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in a file: where, what, and what to try."""

    message: str
    path: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.path is None:
            return self.message
        where = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        return f"{where}: {self.message}"


class ConfigError(GatewayError):
    """A wrong document, policy or setting: carries every finding, stops the start."""

    def __init__(self, *findings: Finding | str) -> None:
        self.findings = tuple(f if isinstance(f, Finding) else Finding(f) for f in findings)
        super().__init__("\n".join(map(str, self.findings)))


class CommandError(GatewayError):
    """A command cannot do what was asked: one line for stderr, exit code 1."""


@dataclass(frozen=True, slots=True)
class ParameterError:
    """One wrong parameter, as it stands in the `errors` of a 400."""

    parameter: str
    detail: str
    allowed: tuple[str, ...] = ()
    did_you_mean: str | None = None

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"parameter": self.parameter, "detail": self.detail}
        if self.allowed:
            document["allowed"] = list(self.allowed)
        if self.did_you_mean is not None:
            document["did_you_mean"] = self.did_you_mean
        return document


class Problem(GatewayError):
    """What a caller is told.

    Attributes:
        detail: one sentence for the person who reads the answer.
        headers: response headers beside `Content-Type`.
        extra: further members of the document (`errors`, `required_scopes`).
    """

    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def document(self, request_id: str) -> dict[str, Any]:
        """Return the `Problem` document of the OpenAPI file."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
            **self.extra,
        }


class BadRequest(Problem):
    status = 400
    title = "Bad Request"

    @classmethod
    def of(cls, errors: Sequence[ParameterError]) -> BadRequest:
        """Build the 400 that reports every wrong parameter."""
        return cls(
            "The request has parameters that this operation does not accept: see `errors`.",
            extra={"errors": [error.document() for error in errors]},
        )


class Unauthorized(Problem):
    """401; RFC 6750 puts `error` in the challenge only when credentials were presented."""

    status = 401
    title = "Unauthorized"

    def __init__(self, detail: str, *, presented: bool) -> None:
        challenge = 'Bearer error="invalid_token"' if presented else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class Forbidden(Problem):
    status = 403
    title = "Forbidden"

    def __init__(self, required_scopes: Sequence[str]) -> None:
        listed = " ".join(required_scopes)
        super().__init__(
            f"The token lacks a scope that this operation requires: {listed}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{listed}"'},
            extra={"required_scopes": list(required_scopes)},
        )


class NotFound(Problem):
    status = 404
    title = "Not Found"


class MethodNotAllowed(Problem):
    status = 405
    title = "Method Not Allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        listed = ", ".join(allowed)
        super().__init__(
            f"This path answers only {listed}.",
            headers={"Allow": listed},
        )


class ContentTooLarge(Problem):
    status = 413
    title = "Content Too Large"


class UriTooLong(Problem):
    status = 414
    title = "URI Too Long"


class TooManyRequests(Problem):
    status = 429
    title = "Too Many Requests"


class InternalError(Problem):
    status = 500
    title = "Internal Server Error"

    def __init__(self) -> None:
        super().__init__("The server could not answer. Quote the request_id when you report it.")


class ServiceUnavailable(Problem):
    status = 503
    title = "Service Unavailable"

    def __init__(self, detail: str, *, retry_after_s: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


def echo(text: str, room: int = MAX_ECHO) -> str:
    """Return at most *room* characters of what a caller sent, for an error message."""
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"
