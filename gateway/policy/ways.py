"""The ways to show a value: as it is, masked, truncated, hashed, or not at all.

Each is one small object that says three things about itself: what it makes of a value (`apply`),
which schema its results satisfy (`narrowed`, which the egress guard compiles), and how it compares
with another (`reveals_at_least`, which the proof needs). A null stays null in every way.

Runs on a request's way when rows become a document. Must not know scopes, components or rules.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

MASK = "*"
HASH_DIGITS = 32

# What a way's result has of the property's schema: the rest speaks of the value itself.
_KEPT_OF_TEXT = ("type", "nullable", "description", "deprecated")


class Way(ABC):
    """How one value is shown.

    Attributes:
        name: the grammar's word for it.
        identity: `apply` returns what it was given; a reader may leave the call out.
        shown: the property is there at all.
    """

    __slots__ = ()

    name: ClassVar[str]
    identity: ClassVar[bool] = False
    shown: ClassVar[bool] = True

    @abstractmethod
    def apply(self, value: Any) -> Any:
        """Return what is shown of *value*."""

    @abstractmethod
    def narrowed(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of what is shown of a value of *schema*, its `$ref` resolved."""

    def misfit(self, schema: Mapping[str, Any]) -> str | None:
        """Return why a result may break *schema*, its `$ref` resolved; None: it never does."""
        return None

    def reveals_at_least(self, other: Way) -> bool:
        """Tell whether whoever has this result could make *other*'s result from it."""
        return self.identity or not other.shown or self == other


@dataclass(frozen=True, slots=True)
class Value(Way):
    """The value itself."""

    name: ClassVar[str] = "value"
    identity: ClassVar[bool] = True

    def __str__(self) -> str:
        return "value"

    def apply(self, value: Any) -> Any:
        return value

    def narrowed(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        return dict(schema)


@dataclass(frozen=True, slots=True)
class Drop(Way):
    """Nothing: the property is absent."""

    name: ClassVar[str] = "drop"
    shown: ClassVar[bool] = False

    def __str__(self) -> str:
        return "drop"

    def apply(self, value: Any) -> Any:
        raise TypeError("a dropped property has no value to show")

    def narrowed(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        return {"not": {}}


class _TextWay(Way):
    """A way that is for strings alone. Subclasses say what they make of one."""

    __slots__ = ()

    @abstractmethod
    def of_text(self, text: str) -> str:
        """Return what is shown of *text*."""

    @abstractmethod
    def lengths(self, least: int, most: int | None) -> tuple[int, int | None]:
        """Return the least and the greatest length of a result, given those of the values."""

    @abstractmethod
    def pattern(self) -> str:
        """Return the regular expression (of JSON Schema) that every result matches."""

    def apply(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str):
            raise TypeError(f"`{self.name}` is for strings, not for {type(value).__name__}")
        return self.of_text(value)

    def narrowed(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        least, most = self.lengths(schema.get("minLength", 0), schema.get("maxLength"))
        narrowed = {key: schema[key] for key in _KEPT_OF_TEXT if key in schema}
        narrowed |= {"minLength": least} | ({} if most is None else {"maxLength": most})
        narrowed["pattern"] = self.pattern()
        if "example" in schema:
            narrowed["example"] = self.apply(schema["example"])
        return narrowed

    def misfit(self, schema: Mapping[str, Any]) -> str | None:
        if schema.get("type") != "string":
            return f"`{self.name}` is for strings, the property is of another type"
        for keyword in ("enum", "format", "pattern"):
            if keyword in schema:
                return f"what `{self.name}` makes need not satisfy the property's `{keyword}`"
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        shortest, longest = self.lengths(least, most)
        if shortest < least:
            return f"what `{self.name}` makes can be shorter than the property's `minLength`"
        if most is not None and (longest is None or longest > most):
            return f"what `{self.name}` makes can be longer than the property's `maxLength`"
        return None


@dataclass(frozen=True, slots=True)
class Mask(_TextWay):
    """`*` for each character but the *first* and the *last* ones.

    A value with no other characters than those is masked whole, so a value is never shown in full.
    """

    name: ClassVar[str] = "mask"
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        return f"mask(first {self.first}, last {self.last})"

    def of_text(self, text: str) -> str:
        hidden = len(text) - self.first - self.last
        if hidden <= 0:
            return MASK * len(text)
        return text[: self.first] + MASK * hidden + text[len(text) - self.last :]

    def lengths(self, least: int, most: int | None) -> tuple[int, int | None]:
        return least, most

    def pattern(self) -> str:
        star = _literal(MASK)
        if self == Mask():
            return f"^{star}*$"
        return rf"^({star}*|[\s\S]{{{self.first}}}{star}+[\s\S]{{{self.last}}})$"

    def reveals_at_least(self, other: Way) -> bool:
        # Two other masks do not compare: the one that keeps more masks more short values whole.
        return Way.reveals_at_least(self, other) or other == Mask()


@dataclass(frozen=True, slots=True)
class Truncate(_TextWay):
    """The first *keep* characters, then *suffix*. At least the last character is cut."""

    name: ClassVar[str] = "truncate"
    keep: int
    suffix: str = "…"

    def __str__(self) -> str:
        return f"truncate(keep {self.keep}, suffix `{self.suffix}`)"

    def of_text(self, text: str) -> str:
        return text[: min(self.keep, max(len(text) - 1, 0))] + self.suffix

    def lengths(self, least: int, most: int | None) -> tuple[int, int | None]:
        longest = self.keep if most is None else min(self.keep, max(most - 1, 0))
        return min(self.keep, max(least - 1, 0)) + len(self.suffix), longest + len(self.suffix)

    def pattern(self) -> str:
        return rf"^[\s\S]{{0,{self.keep}}}{_literal(self.suffix)}$"

    def reveals_at_least(self, other: Way) -> bool:
        shorter = isinstance(other, Truncate) and other.keep <= self.keep
        return Way.reveals_at_least(self, other) or shorter


@dataclass(frozen=True, slots=True)
class Hash(_TextWay):
    """A keyed hash (HMAC-SHA256, cut to 128 bits, hexadecimal): joins rows, tells nothing else.

    Attributes:
        variable: the environment variable that holds the key.
        key: None until it is put in; never shown.
    """

    name: ClassVar[str] = "hash"
    variable: str
    key: bytes | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return f"hash(key {self.variable})"

    def of_text(self, text: str) -> str:
        if self.key is None:
            raise TypeError(f"`hash` has no key yet: `{self.variable}`")
        digest = hmac.new(self.key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return digest.hexdigest()[:HASH_DIGITS]

    def lengths(self, least: int, most: int | None) -> tuple[int, int | None]:
        return HASH_DIGITS, HASH_DIGITS

    def pattern(self) -> str:
        return f"^[0-9a-f]{{{HASH_DIGITS}}}$"

    def with_key(self, key: str) -> Hash:
        """Return this way with its *key*."""
        return replace(self, key=key.encode())


VALUE = Value()
DROP = Drop()


def _literal(text: str) -> str:
    """Return *text* as a pattern that ECMAScript, Python and Rust read alike."""
    return re.sub(r"([\\^$.*+?()\[\]{}|/])", r"\\\1", text)
