"""Forms: what was sent, what is wrong with it, and what of it is shown again.

A page reads each field with the check that belongs to it. A refusal (ValueError) becomes a message
at the field; the page goes on, so all that is wrong is told at once. What was typed in is kept,
but for passwords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl

from gateway.errors import BadRequest, CommandError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MAX_FIELDS = 500
NOT_A_FORM = "What was sent is not a form of these pages."


def parse(body: bytes) -> dict[str, list[str]]:
    """Return the fields of a form, each with its values in their order.

    Raises:
        BadRequest: it is no form, or has what no database takes.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise BadRequest(NOT_A_FORM) from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise BadRequest(NOT_A_FORM)
        fields.setdefault(name, []).append(value)
    return fields


class Form:
    """The fields of one form.

    Attributes:
        errors: a sentence for each field that is wrong, in the order of their being read. The
            name "" stands for the form as a whole.
    """

    def __init__(self, sent: Mapping[str, Sequence[str]] | None = None, **defaults: str) -> None:
        """Hold what was *sent*, or before anything was sent: the *defaults*."""
        self._values: Mapping[str, Sequence[str]] = (
            {name: [value] for name, value in defaults.items()} if sent is None else sent
        )
        self.errors: dict[str, str] = {}

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    def text(self, name: str) -> str:
        """Return the field as it was sent; empty if it was not."""
        return (self.texts(name) or [""])[0]

    def texts(self, name: str) -> list[str]:
        """Return all values of the field: of checkboxes that share a name."""
        return list(self._values.get(name, ()))

    def read(self, name: str, what: str, check: Callable[[str], T]) -> T | None:
        """Return the field as *check* gives it back; None, and an error, if it refuses.

        Args:
            what: begins the sentence that the check's ValueError ends: "The name".
        """
        try:
            return check(self.text(name))
        except ValueError as error:
            self.fail(name, f"{what} {error}.")
            return None

    def choice(self, name: str, what: str, choices: type[E]) -> E | None:
        """Return the field as one of *choices*; None, and an error, if it is none of them."""
        try:
            return choices(self.text(name))
        except ValueError:
            listed = " or ".join(f"“{one}”" for one in choices)
            self.fail(name, f"{what} must be {listed}.")
            return None

    def fail(self, name: str, message: str) -> None:
        """Note that the field is wrong. The first message of a field stays."""
        self.errors.setdefault(name, message)

    @contextmanager
    def refusals(self, name: str = "") -> Iterator[None]:
        """Make a CommandError of the domain an error of the field *name*, or of the whole form."""
        try:
            yield
        except CommandError as error:
            sentence = str(error).replace("`", "")
            self.fail(name, sentence[:1].upper() + sentence[1:] + ".")
