"""`gateway policy matrix`: who is shown what, in every operation and webhook, at any depth."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import environment
from gateway.cli.output import deliver
from gateway.cli.policy import given
from gateway.cli.usage import Json, examples
from gateway.errors import CommandError

if TYPE_CHECKING:
    from gateway.policy.matrix import Matrix

commands = typer.Typer()


class Format(StrEnum):
    """How the matrix is written."""

    TABLE = "table"
    CSV = "csv"
    HTML = "html"
    JSON = "json"


@commands.command(
    epilog=examples(
        "gateway policy matrix --operation get_application",
        "gateway policy matrix --component ApplicationCandidate --format csv",
        "gateway policy matrix --format html --output matrix.html",
    )
)
def matrix(
    operations: Annotated[
        list[str] | None,
        typer.Option(
            "--operation", metavar="OP", help="Only this one, or this type of events; repeatable."
        ),
    ] = None,
    components: Annotated[
        list[str] | None,
        typer.Option("--component", metavar="NAME", help="Only its fields; repeatable."),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="How it is written; html: one page by itself.")
    ] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write into this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what each set of scopes is shown of each field of each answer and payload. Never data.

    The columns are the scope sets that an operation tells apart: any other set is shown what the
    largest column within it is shown.
    """
    from gateway.cli.policy import matrix_table

    made = _made(operations or (), components or ())
    form = Format.JSON if json else form
    if form is Format.TABLE and output is None and sys.stdout.isatty():
        matrix_table.draw(made)
    else:
        deliver(_text(made, form), output)


def _text(made: Matrix, form: Format) -> str:
    from gateway.cli.policy import matrix_data, matrix_page, matrix_table

    if form is Format.HTML:
        return matrix_page.page(made, now=environment.now())
    forms = {
        Format.TABLE: matrix_table.text,
        Format.CSV: matrix_data.csv_text,
        Format.JSON: matrix_data.json_text,
    }
    return forms[form](made)


def _made(operations: list[str] | tuple[()], components: list[str] | tuple[()]) -> Matrix:
    from gateway.policy.matrix import matrix

    model = given.model()
    for name in operations:
        given.require_operation(model, name)
    for name in components:
        otherwise = "name an object of `components/schemas`"
        given.require_known("component", name, model.components, otherwise)
    wanted = operations or tuple(model.document.outlets)
    found = (one for name, one in model.document.outlets.items() if name in wanted)
    made = matrix(model, found, components or None)
    if not made.tables:
        raise CommandError("no answer has such a field; leave out `--operation` or `--component`")
    return made
