"""How commands print data. What they say besides it (errors, hints, progress) goes to stderr.

On a terminal tables are drawn; in a pipe they are plain aligned text, without ANSI sequences.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import typer


def print_json(data: Any) -> None:
    """Print *data* as indented JSON."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print *rows* under the headings *columns*."""
    if sys.stdout.isatty():
        _draw(columns, rows)
    else:
        typer.echo("\n".join(_aligned([[column.upper() for column in columns], *rows])))


def _draw(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console().print(table)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.cells import cell_len, set_cell_size

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
