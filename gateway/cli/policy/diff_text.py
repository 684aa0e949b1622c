"""The changes between two policies, told: as text, as Markdown for a pull request, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.cli import output
from gateway.cli.policy.wording import any_of
from gateway.wording import listed

if TYPE_CHECKING:
    from gateway.policy.diff import Diff, FieldChange, Kind, OperationChange
    from gateway.policy.model import Model
    from gateway.policy.rules import Scopes


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared.

    Attributes:
        name: as it stands in a sentence.
    """

    name: str
    model: Model

    def __str__(self) -> str:
        return f"{self.name} ({self.model.revision})"


def text(diff: Diff, old: Side, new: Side) -> str:
    """Return the changes as paragraphs, the worst first."""
    paragraphs = [f"{old} -> {new}: {_summary(diff)}"]
    for change in diff.operations:
        required = f"requires {_required(change.before)} -> {_required(change.after)}"
        paragraphs.append(f"{change.kind}  {change.operation}\n  {required}")
    for one in diff.fields:
        to_whom = f"\n  to a token with {any_of(one.scopes)}" if one.scopes else ""
        paragraphs.append(
            f"{one.kind}  {one.component}: {', '.join(one.fields)}\n"
            f"  {one.before} -> {one.after}{to_whom}\n"
            f"  in {', '.join(one.operations)}"
        )
    return "\n\n".join(paragraphs)


def markdown(diff: Diff, old: Side, new: Side) -> str:
    """Return the changes for a comment: a line that sums up, and what can be unfolded."""
    from gateway.policy.diff import Kind

    parts = [f"**Policy diff: {_summary(diff)}** ({old} → {new})"]
    parts += [_section(diff, kind) for kind in Kind if diff.count(kind)]
    return "\n\n".join(parts)


def json_text(diff: Diff, old: Side, new: Side) -> str:
    """Return the changes as JSON."""
    from gateway.policy.diff import Kind

    document = {
        "before": {"name": old.name.strip("`"), "policy_revision": old.model.revision},
        "after": {"name": new.name.strip("`"), "policy_revision": new.model.revision},
        "count": {str(kind): diff.count(kind) for kind in Kind},
        "operations": [_operation(change) for change in diff.operations],
        "fields": [_fields(change) for change in diff.fields],
    }
    return output.json_text(document)


def _summary(diff: Diff) -> str:
    from gateway.policy.diff import Kind

    if not (diff.operations or diff.fields):
        return "nothing changes for any token"
    names = {
        Kind.WIDENING: ("widening", "widenings"),
        Kind.NARROWING: ("narrowing", "narrowings"),
        Kind.NEUTRAL: ("neutral change", "neutral changes"),
    }
    counts = ((diff.count(kind), words) for kind, words in names.items())
    return ", ".join(f"{count} {words[count != 1]}" for count, words in counts)


def _required(scopes: Scopes | None) -> str:
    return "absent" if scopes is None else listed(scopes)


# --- Markdown -------------------------------------------------------------------------------------


def _section(diff: Diff, kind: Kind) -> str:
    from gateway.policy.diff import Kind

    unfolded = " open" if kind is Kind.WIDENING else ""
    rows = "\n".join(_rows(diff, kind))
    return (
        f"<details{unfolded}>\n<summary>{kind.capitalize()} ({diff.count(kind)})</summary>\n\n"
        "| what | before | after | for a token with | in |\n|---|---|---|---|---|\n"
        f"{rows}\n\n</details>"
    )


def _rows(diff: Diff, kind: Kind) -> Iterator[str]:
    for change in diff.operations:
        if change.kind is kind:
            required = (f"requires {_required(one)}" for one in (change.before, change.after))
            yield _row(f"`{change.operation}`", *required, "", "")
    for one in diff.fields:
        if one.kind is kind:
            what = ", ".join(f"`{one.component}.{name}`" for name in one.fields)
            operations = ", ".join(f"`{name}`" for name in one.operations)
            yield _row(what, one.before, one.after, any_of(one.scopes), operations)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


# --- JSON -----------------------------------------------------------------------------------------


def _operation(change: OperationChange) -> dict[str, Any]:
    return {
        "kind": str(change.kind),
        "operation": change.operation,
        "before": None if change.before is None else sorted(change.before),
        "after": None if change.after is None else sorted(change.after),
    }


def _fields(change: FieldChange) -> dict[str, Any]:
    return {
        "kind": str(change.kind),
        "component": change.component,
        "fields": list(change.fields),
        "operations": list(change.operations),
        "before": change.before,
        "after": change.after,
        "scopes": [sorted(scopes) for scopes in change.scopes],
    }
