"""The one cookie: the random id of a session, or of a visitor who is about to begin one."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from gateway.cookies import NAME, SECURE_NAME, secret_in


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """How the cookie is named and marked.

    Attributes:
        secure: the browser reaches us by HTTPS.
    """

    secure: bool

    @property
    def name(self) -> str:
        return SECURE_NAME if self.secure else NAME

    def read(self, header: str) -> str | None:
        """Return the id in the request's Cookie header; None: there is none of its form."""
        return secret_in(header, self.name)

    def write(self, response: Response, secret: str) -> None:
        """Make the browser keep *secret* until it is closed, or we end the session."""
        response.set_cookie(
            self.name, secret, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def clear(self, response: Response) -> None:
        """Make the browser forget its id."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
