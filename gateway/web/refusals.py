"""What pages refuse, beyond the errors of the API: shown as a page, never as a problem document."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Told:
    """What an error page says.

    Attributes:
        detail: a sentence or two, and what to do.
        headers: of the answer.
    """

    status: int
    title: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(GatewayError):
    """A page is not shown, or its form not taken."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.title)
        self.told = told


FORGED = Told(
    403,
    "This form cannot be taken",
    "It does not come from this browser's present session. Open the page again and send it from"
    " there.",
)
NOT_AN_ADMIN = Told(
    403, "Not allowed", "Only administrators of the account may do this. Ask one of them."
)
SENT_BEFORE = Told(
    409,
    "Sent already",
    "This form has been sent already, and was taken then. Nothing was done a second time.",
)
