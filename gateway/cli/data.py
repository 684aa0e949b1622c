"""`gateway import` and `gateway rebuild`: hiring data, and what derives from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from gateway.cli import environment
from gateway.cli.output import print_json, print_table
from gateway.cli.usage import Json, examples

if TYPE_CHECKING:
    from ingest import ImportReport

commands = typer.Typer()

STDIN = "-"


@commands.command(
    "import",
    epilog=examples(
        "gateway import hiring.jsonl --account acct_3hV9bQx0LmZt27Ka",
        "gateway import - --account acct_3hV9bQx0LmZt27Ka --dry-run < hiring.jsonl",
        "gateway import first_load.jsonl --account acct_3hV9bQx0LmZt27Ka --no-events",
        "gateway import --schema",
    ),
)
def import_(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…", help="JSON Lines; - for stdin.")
    ] = None,
    account_id: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="Id of the account.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check, and say what would be done.")
    ] = False,
    no_events: Annotated[
        bool, typer.Option("--no-events", help="Tell no webhook of it: for a first load.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a line, and do no more.")
    ] = False,
    json: Json = False,
) -> None:
    """Load hiring data into an account: all of it, or nothing if a record is wrong."""
    import ingest

    if schema:
        print_json(ingest.SCHEMA)
        return
    if not files:
        raise typer.BadParameter("give a file, or - for stdin", param_hint="FILE")
    if account_id is None:
        raise typer.BadParameter("give the account to import into", param_hint="--account")

    from gateway import accounts

    with environment.database() as database, _progress(files) as progress:
        report = ingest.import_files(
            database,
            accounts.find_account(account_id),
            [_opened(file) for file in files],
            dry_run=dry_run,
            tell=not no_events,
            progress=progress,
        )
    if json:
        print_json(_document(report, dry_run=dry_run))
    else:
        _print(report, dry_run=dry_run)


@commands.command(epilog=examples("gateway rebuild", "gateway rebuild --json"))
def rebuild(
    account_id: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="Only of this account. Else of all."),
    ] = None,
    json: Json = False,
) -> None:
    """Compute derived data anew (counts, current stages, search) and say what differed."""
    import ingest
    from gateway import accounts

    with environment.database() as database:
        account = None if account_id is None else accounts.find_account(account_id)
        report = ingest.rebuild(database, account)
    if json:
        repaired = dict(report.repaired)
        print_json({"repaired": repaired, "search_index": report.search_index})
        return
    differed = [(name, str(rows)) for name, rows in report.repaired.items() if rows]
    if differed:
        print_table(("derived data", "repaired"), differed)
    else:
        typer.echo("nothing differed")
    if not report.search_index:
        typer.echo("this database has no index for search: searches read all candidates", err=True)


def _opened(file: str) -> Path | BinaryIO:
    return sys.stdin.buffer if file == STDIN else Path(file)


@contextmanager
def _progress(files: Sequence[str]) -> Iterator[Callable[[int], None]]:
    """Draw how much of *files* has been read on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task("reading", total=_size(files))

        def advance(read: int) -> None:
            drawn.advance(task, read)
            if drawn.finished:
                drawn.update(task, description="storing")

        yield advance


def _size(files: Sequence[str]) -> int | None:
    """Return how many bytes *files* have; None if that shows only when they have been read."""
    paths = [Path(file) for file in files]
    if not all(path.is_file() for path in paths):
        return None
    return sum(path.stat().st_size for path in paths)


def _rows(report: ImportReport) -> int:
    return sum(one.created + one.updated + one.unchanged for one in report.counts.values())


def _rows_per_second(report: ImportReport) -> int:
    return round(_rows(report) / report.seconds) if report.seconds else 0


def _document(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "dry_run": dry_run,
        "records": {name: asdict(counts) for name, counts in report.counts.items()},
        "seconds": round(report.seconds, 3),
        "rows_per_second": _rows_per_second(report),
    }


def _print(report: ImportReport, *, dry_run: bool) -> None:
    counted = [
        (name, str(one.created), str(one.updated), str(one.unchanged))
        for name, one in report.counts.items()
    ]
    print_table(("type", "created", "updated", "unchanged"), counted)
    typer.echo(
        f"{_rows(report):,} rows in {report.seconds:.1f} s, {_rows_per_second(report):,} rows/s"
        + ("; nothing was stored: a dry run" if dry_run else "")
    )
