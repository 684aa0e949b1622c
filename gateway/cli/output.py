"""How commands print data. What they say besides it (errors, hints, progress) goes to stderr.

On a terminal tables are drawn; in a pipe they are plain aligned text, without ANSI sequences.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from gateway.errors import CommandError


def print_json(data: Any) -> None:
    """Print *data* as indented JSON."""
    typer.echo(json_text(data))


def json_text(data: Any) -> str:
    """Return *data* as indented JSON."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print *rows* under the headings *columns*."""
    if sys.stdout.isatty():
        _draw(columns, rows)
    else:
        typer.echo(plain_table(columns, rows))


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return *rows* under the headings *columns* as aligned text."""
    return "\n".join(_aligned([[column.upper() for column in columns], *rows]))


def deliver(text: str, file: Path | None) -> None:
    """Write *text* into *file*, or print it.

    Raises:
        CommandError: the file cannot be written.
    """
    if file is None:
        typer.echo(text)
        return
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file}: cannot be written: {error.strerror}") from error


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
