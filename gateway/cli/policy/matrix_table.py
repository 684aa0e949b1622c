"""The matrix as tables: drawn on a terminal, aligned in a pipe; one for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.output import plain_table
from gateway.cli.policy.wording import labels
from gateway.wording import MEANINGS, listed

if TYPE_CHECKING:
    from rich.table import Table as Drawing

    from gateway.policy.leaves import Decision
    from gateway.policy.matrix import Matrix, Table
    from gateway.policy.rules import Scopes

STYLES = {"value": "green", "hidden": "dim", "refused": "dim"}  # all else: shown in part
IN_PART = "yellow"

EXACT = "Any other set of scopes is shown what the largest column within it is shown."
LEAST = (
    "Too many sets are told apart: the columns are the least ones at which something changes. Who"
    " has several of them is shown, of each field, the most revealing of their cells."
)


def text(matrix: Matrix) -> str:
    """Return the matrix as plain text."""
    short = labels(matrix.columns, matrix.model.document.scopes)
    parts = [
        f"policy revision {matrix.model.revision}",
        plain_table(("column", "scopes"), _legend(matrix, short)),
        *_notes(matrix),
    ]
    for table in matrix.tables:
        heads = ("field", "class", *(short[column] for column in table.columns))
        rows = [
            (*_names(table, index), *map(_cell, table.row(leaf)))
            for index, leaf in enumerate(table.leaves)
        ]
        parts += [_title(table), plain_table(heads, rows)]
    return "\n\n".join(parts)


def draw(matrix: Matrix) -> None:
    """Draw the matrix on the terminal."""
    from rich.console import Console
    from rich.table import Table as Drawing

    short = labels(matrix.columns, matrix.model.document.scopes)
    legend = Drawing(
        "column", "scopes", title=f"Policy revision {matrix.model.revision}", title_justify="left"
    )
    for row in _legend(matrix, short):
        legend.add_row(*row)
    console = Console()
    console.print(legend)
    for note in _notes(matrix):
        console.print(note, markup=False, highlight=False)
    for table in matrix.tables:
        console.print()
        console.print(_drawing(table, short))


def _drawing(table: Table, short: dict[Scopes, str]) -> Drawing:
    from rich.table import Table as Drawing
    from rich.text import Text

    drawing = Drawing(title=Text(_title(table)), title_justify="left")
    for head in ("field", "class", *(short[column] for column in table.columns)):
        drawing.add_column(Text(head), overflow="fold")
    for index, leaf in enumerate(table.leaves):
        cells = (Text(_cell(one), style=STYLES.get(one.word, IN_PART)) for one in table.row(leaf))
        drawing.add_row(*map(Text, _names(table, index)), *cells)
    return drawing


def _title(table: Table) -> str:
    operation = table.operation
    requires = f"requires {listed(operation.scopes)}"
    return f"{operation.id}  {operation.method.upper()} {operation.path}  {requires}"


def _names(table: Table, index: int) -> tuple[str, str]:
    leaf = table.leaves[index]
    return leaf.path, leaf.field.category or "-"


def _cell(decision: Decision) -> str:
    return str(decision) if decision.reached else "403"


def _legend(matrix: Matrix, short: dict[Scopes, str]) -> list[tuple[str, str]]:
    return [(short[column], listed(column)) for column in matrix.columns]


def _notes(matrix: Matrix) -> list[str]:
    words = {
        one.word for table in matrix.tables for leaf in table.leaves for one in table.row(leaf)
    }
    notes = []
    for word, meaning in MEANINGS.items():
        if word in words:
            notes.append(f"{'403' if word == 'refused' else word}: {meaning}")
    exact = all(table.exact for table in matrix.tables)
    return ["\n".join(notes), EXACT if exact else LEAST]
