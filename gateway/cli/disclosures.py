"""`gateway disclosures`: which tokens and webhooks were given what of a candidate, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import environment
from gateway.cli.output import print_json, print_table
from gateway.cli.usage import Json, examples
from gateway.errors import CommandError

if TYPE_CHECKING:
    from gateway.disclosure import Disclosure

commands = typer.Typer()

SHARED = ("account", "token", "component", "fields")


@commands.command(
    epilog=examples(
        "gateway disclosures --candidate cand_ghi789",
        "gateway disclosures --candidate cand_ghi789 --account acct_3hV9bQx0LmZt27Ka --json",
    )
)
def disclosures(
    candidate: Annotated[str, typer.Option(metavar="ID", help="Id of the candidate.")],
    account: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only in this account; ids are unique within one."),
    ] = None,
    json: Json = False,
) -> None:
    """Tell which tokens and webhook endpoints were given which fields of a candidate, and when.

    Reads the file that GATEWAY_DISCLOSURE_LOG names, and those put aside. Needs no database.
    """
    from gateway.disclosure import History

    history = History(_log())
    try:
        groups = _grouped(history.of(candidate, account))
    except OSError as error:
        raise CommandError(f"the disclosure log cannot be read: {error.strerror}") from error
    if history.damaged:
        typer.echo(f"passed over {history.damaged} damaged lines", err=True)
    if json:
        print_json(groups)
    elif groups:
        columns = ("token", "account", "of", "times", "first", "last", "fields")
        print_table(columns, [_row(group) for group in groups])
    else:
        typer.echo(f"the log has no disclosure of `{candidate}`", err=True)


def _log() -> Path:
    path = environment.settings().disclosure_log
    if path is None:
        raise CommandError("there is no disclosure log; set `GATEWAY_DISCLOSURE_LOG` to its file")
    return path


def _grouped(found: Iterable[Disclosure]) -> list[dict[str, Any]]:
    """Return what each token was given, with each time: one group for the same fields."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        event = asdict(one)
        groups[tuple(event.pop(name) for name in SHARED)].append(event)
    return [
        {**dict(zip(SHARED, shared, strict=True)), "disclosures": events}
        for shared, events in groups.items()
    ]


def _row(group: dict[str, Any]) -> tuple[str, ...]:
    events = group["disclosures"]
    return (
        group["token"],
        group["account"],
        group["component"],
        str(len(events)),
        events[0]["time"],
        events[-1]["time"],
        ", ".join(group["fields"]),
    )
