"""`gateway policy diff`: what a change of document or policies reveals or withdraws."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import environment
from gateway.cli.policy import diff_text, given, revisions
from gateway.cli.policy.diff_text import Side
from gateway.cli.usage import Json, examples

commands = typer.Typer()

WORKING_TREE = "working tree"


class Format(StrEnum):
    """How the changes are written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


@commands.command(
    epilog=examples(
        "gateway policy diff main",
        "gateway policy diff v1.2 main --format markdown",
        "gateway policy diff policies /srv/new/policies",
    )
)
def diff(
    old: Annotated[
        str, typer.Argument(metavar="A", help="Before: a folder of policies, or a git revision.")
    ],
    new: Annotated[
        str | None, typer.Argument(metavar="[B]", help="After; the working tree if left out.")
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="How it is written; markdown: for a pull request.")
    ] = Format.TEXT,
    json: Json = False,
) -> None:
    """Show each change of what tokens are shown; exit 1 if any of them is shown more.

    A word that names an existing folder is that folder of policies, on the document as it is now.
    Any other is a revision of the git repository that the document is in: its document and its
    policies. Of two ways to show a field that do not compare, the new one counts as widening.
    """
    from gateway.policy.diff import Kind
    from gateway.policy.diff import diff as compared

    sides = (_side(old), _side(new))
    changes = compared(sides[0].model, sides[1].model)
    written = {
        Format.TEXT: diff_text.text,
        Format.MARKDOWN: diff_text.markdown,
        Format.JSON: diff_text.json_text,
    }
    typer.echo(written[Format.JSON if json else form](changes, *sides))
    if changes.count(Kind.WIDENING):
        raise typer.Exit(1)


def _side(name: str | None) -> Side:
    from gateway import policy, spec

    settings = environment.settings()
    if name is None:
        return Side(WORKING_TREE, given.model())
    if Path(name).is_dir():
        document, policies = spec.load(settings.openapi), policy.read(Path(name))
    else:
        revision = revisions.find(name, settings.openapi)
        document = revision.document(settings.openapi)
        policies = revision.policies(settings.policies)
    return Side(f"`{name}`", given.model_of(document, policies))
