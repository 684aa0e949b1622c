"""What a token or a webhook would be given, before there is one: samples of answers, redacted.

The redaction is the policy's own: `View.redact` makes the answer, and everything else here only
puts what it left beside what there was. So a preview cannot show what a token will not get.

For pages, at no request of the API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.policy import Policy, View
from gateway.policy.grants import missing, named
from gateway.policy.leaves import Leaf, leaves
from gateway.policy.rules import Scopes
from gateway.spec import Operation, Webhook
from gateway.spec.payloads import EXAMPLE_TIME, ID
from gateway.spec.samples import sample

ABSENT = object()


class Shown(StrEnum):
    """How much of a line is in the answer."""

    WHOLE = "whole"
    PART = "part"  # masked, truncated, hashed
    NOTHING = "nothing"


class Turn(StrEnum):
    """What a change of scopes does to a line, or to an operation."""

    GAINED = "gained"  # it is shown, or more of it
    LOST = "lost"  # it is hidden, or less of it is shown


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer as it is printed.

    Attributes:
        depth: how far it is indented.
        name: of the property; None: an item of a list, or a closing bracket.
        value: JSON; nothing of what is hidden.
        comma: whether one follows.
        needs: the scopes that are missing to be shown all of it.
        turn: None: it is as it was before.
    """

    depth: int
    name: str | None
    value: str
    comma: bool
    shown: Shown = Shown.WHOLE
    needs: tuple[str, ...] = ()
    turn: Turn | None = None

    @property
    def kind(self) -> str:
        """What the value is: `text`, `word` (a number, a truth value, null) or `bracket`."""
        if self.value[:1] in ("[", "]", "{", "}"):
            return "bracket"
        return "text" if self.value.startswith('"') else "word"

    def __str__(self) -> str:
        name = "" if self.name is None else f"{json.dumps(self.name)}: "
        return "  " * self.depth + name + self.value + ("," if self.comma else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What is given, and what is hidden in it.

    Attributes:
        lines: none: nothing is given.
        turn: it is given now, or is not any more.
    """

    lines: tuple[Line, ...]
    turn: Turn | None

    @property
    def text(self) -> str:
        """What is given as it is printed: JSON, or nothing."""
        return "\n".join(str(line) for line in self.lines if line.shown is not Shown.NOTHING)

    @property
    def hidden(self) -> int:
        """How many properties are not given."""
        return sum(line.shown is Shown.NOTHING for line in self.lines)

    @property
    def turns(self) -> frozenset[Turn]:
        """What differs from before."""
        found = {self.turn, *(line.turn for line in self.lines)}
        return frozenset(turn for turn in found if turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview(Printed):
    """What a token is given of one operation.

    Attributes:
        needs: the scopes that are missing to reach it; none: it is reached.
        lines: none: it is refused.
        turn: it becomes reached, or is not any more.
    """

    operation: Operation
    needs: tuple[str, ...]

    @property
    def is_reached(self) -> bool:
        """Whether the operation answers at all."""
        return not self.needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload(Printed):
    """The body that an endpoint is sent of one type of events.

    Attributes:
        needs: the scopes that are missing to be sent more than the id; none: it is sent more.
        turn: GAINED: the endpoint has not been told of such events so far.
    """

    webhook: Webhook
    needs: tuple[str, ...]


def previews(policy: Policy, scopes: Scopes, before: Scopes | None = None) -> list[Preview]:
    """Return what *scopes* are given of each operation, in document order.

    Args:
        before: the scopes that the token has so far; None: there is none yet.
    """
    operations = policy.model.document.operations.values()
    return [preview(policy, operation, scopes, before) for operation in operations]


def preview(
    policy: Policy, operation: Operation, scopes: Scopes, before: Scopes | None = None
) -> Preview:
    """Return what *scopes* are given of *operation*; arguments as for `previews`."""
    is_reached = operation.scopes <= scopes
    was_reached = before is not None and operation.scopes <= before
    turn = None
    if before is not None and is_reached != was_reached:
        turn = Turn.GAINED if is_reached else Turn.LOST
    if not is_reached:
        needs = tuple(sorted(operation.scopes - scopes))
        return Preview(operation=operation, needs=needs, lines=(), turn=turn)
    whole = sample(policy.model.document, operation)
    left = answer(policy.view(scopes), operation, whole)
    had = ABSENT
    if before is not None and was_reached:
        had = answer(policy.view(before), operation, whole)
    lines = _printed(policy, operation, scopes, before if was_reached else None, (whole, left, had))
    return Preview(operation=operation, needs=(), lines=lines, turn=turn)


def payload(
    policy: Policy,
    webhook: Webhook,
    scopes: Scopes,
    before: Scopes | None = None,
    *,
    is_new: bool = False,
) -> Payload:
    """Return what an endpoint with *scopes* is sent of *webhook*, on an example.

    Args:
        before: the scopes with which it is told of such events so far; None: it is not.
        is_new: there is an endpoint, and it is not.
    """
    whole = _enveloped(webhook, sample(policy.model.document, webhook.operation))
    left = _sent(policy, webhook, scopes, whole)
    had = ABSENT if before is None else _sent(policy, webhook, before, whole)
    return Payload(
        webhook=webhook,
        needs=tuple(sorted(webhook.operation.scopes - scopes)),
        lines=_printed(policy, webhook.sending, scopes, before, (whole, left, had)),
        turn=Turn.GAINED if is_new else None,
    )


def _sent(policy: Policy, webhook: Webhook, scopes: Scopes, whole: Any) -> Any:
    """Return what is left of *whole*, a body, for an endpoint with *scopes*."""
    data = whole["data"]
    if webhook.operation.scopes <= scopes:
        return _enveloped(webhook, answer(policy.view(scopes), webhook.operation, data))
    return _enveloped(webhook, {ID: data[ID]})


def _enveloped(webhook: Webhook, data: Any) -> dict[str, Any]:
    return {"type": webhook.type, "timestamp": EXAMPLE_TIME, "data": data}


def _printed(
    policy: Policy,
    operation: Operation,
    scopes: Scopes,
    before: Scopes | None,
    values: tuple[Any, Any, Any],
) -> tuple[Line, ...]:
    """Return the lines of an answer.

    Args:
        before: the scopes to compare with; None: there is nothing to compare with.
        values: the whole, what is left of it, and what was left of it before.
    """
    found = {named(leaf.path): leaf for leaf in leaves(policy.model, operation)}
    printer = _Printer(found, scopes, before)
    return tuple(printer.lines(_At(0, None, "", False), *values))


def answer(view: View, operation: Operation, whole: Any) -> Any:
    """Return what is left of *whole*, a plain answer of *operation*, for who has *view*."""
    return view.redact(operation.response_schema, whole)


@dataclass(frozen=True, slots=True)
class _At:
    """A place in an answer.

    Attributes:
        path: as `named` has it; that of an item of a list is its list's.
        is_new: what it stands in was not there before.
    """

    depth: int
    name: str | None
    path: str
    comma: bool
    is_new: bool = False

    def within(self, name: str | None, comma: bool, is_new: bool) -> _At:
        path = self.path if name is None else f"{self.path}.{name}".removeprefix(".")
        return _At(self.depth + 1, name, path, comma, is_new)

    def line(self, value: str, comma: bool, **more: Any) -> Line:
        return Line(self.depth, self.name, value, comma, **more)


@dataclass(frozen=True, slots=True)
class _Printer:
    """Prints what is left of an answer, with what is hidden in its place.

    Attributes:
        leaves: of the answer, by path.
        before: the scopes to compare with; None: there is nothing to compare with.
    """

    leaves: Mapping[str, Leaf]
    scopes: Scopes
    before: Scopes | None

    def lines(self, at: _At, whole: Any, left: Any, had: Any) -> Iterator[Line]:
        """Yield the lines of *left*: what is left of *whole*, where there was *had* before."""
        if isinstance(left, dict) and whole:
            yield from self._object(at, whole, left, had)
        elif isinstance(left, list) and whole:
            yield from self._list(at, whole, left, had)
        else:
            yield self._value(at, whole, left)

    def _object(self, at: _At, whole: Any, left: Any, had: Any) -> Iterator[Line]:
        turn = Turn.GAINED if at.is_new else None
        yield at.line("{", comma=False, turn=turn)
        last = next(reversed(left), None)
        for name, value in whole.items():
            was_there = isinstance(had, dict) and name in had
            is_new = at.is_new or (self.before is not None and name in left and not was_there)
            here = at.within(name, name != last, is_new)
            if name in left:
                yield from self.lines(here, value, left[name], had[name] if was_there else ABSENT)
            else:
                yield self._hidden(here, was_there)
        yield Line(at.depth, None, "}", at.comma, turn=turn)

    def _list(self, at: _At, whole: Any, left: Any, had: Any) -> Iterator[Line]:
        turn = Turn.GAINED if at.is_new else None
        yield at.line("[", comma=False, turn=turn)
        for index, (value, item) in enumerate(zip(whole, left, strict=True)):
            here = at.within(None, index < len(left) - 1, at.is_new)
            yield from self.lines(here, value, item, had[index] if had is not ABSENT else ABSENT)
        yield Line(at.depth, None, "]", at.comma, turn=turn)

    def _value(self, at: _At, whole: Any, left: Any) -> Line:
        is_whole = left == whole
        return at.line(
            json.dumps(left, ensure_ascii=False),
            at.comma,
            shown=Shown.WHOLE if is_whole else Shown.PART,
            needs=() if is_whole else self._needs(at.path),
            turn=Turn.GAINED if at.is_new else self._turn(at.path),
        )

    def _hidden(self, at: _At, was_there: bool) -> Line:
        return at.line(
            "",
            comma=False,
            shown=Shown.NOTHING,
            needs=self._needs(at.path),
            turn=Turn.LOST if was_there else None,
        )

    def _needs(self, path: str) -> tuple[str, ...]:
        """Return the scopes that are missing to be shown all of what is at *path*."""
        below = [leaf for at, leaf in self.leaves.items() if f"{at}.".startswith(f"{path}.")]
        return tuple(sorted(frozenset().union(*missing(below, self.scopes))))

    def _turn(self, path: str) -> Turn | None:
        leaf = self.leaves.get(path)
        if leaf is None or self.before is None:
            return None
        old, new = leaf.decision(self.before).way, leaf.decision(self.scopes).way
        if not old.reveals_at_least(new):
            return Turn.GAINED
        return None if new.reveals_at_least(old) else Turn.LOST
