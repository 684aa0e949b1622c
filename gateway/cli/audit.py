"""`gateway audit`: who did what."""

from __future__ import annotations

import json as encoder
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import environment
from gateway.cli.output import print_table
from gateway.cli.usage import examples
from gateway.errors import echo

if TYPE_CHECKING:
    from gateway.audit import Filter

commands = typer.Typer()

COLUMNS = ("time", "who", "from", "action", "what", "account", "changes")
NOTHING = "-"


def _moment(text: str) -> int:
    from gateway.times import epoch_seconds

    try:
        return epoch_seconds(text)
    except ValueError as error:
        raise typer.BadParameter(f"`{echo(text)}` {error}") from error


def _action(text: str | None) -> str | None:
    from gateway.audit import Action
    from gateway.hints import did_you_mean

    known = {*Action, *(one.partition(".")[0] for one in Action)}
    if text is not None and text not in known:
        raise typer.BadParameter(f"no such action{did_you_mean(text, sorted(known))}")
    return text


@commands.command(
    epilog=examples(
        "gateway audit --account acct_3hV9bQx0LmZt27Ka --since 2026-01-15T00:00:00Z",
        "gateway audit --action token.revoked --json > audit.jsonl",
    )
)
def audit(
    account: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only of this account, which may be deleted."),
    ] = None,
    since: Annotated[
        int | None,
        typer.Option(metavar="TIME", parser=_moment, help="From this time on."),
    ] = None,
    until: Annotated[
        int | None,
        typer.Option(metavar="TIME", parser=_moment, help="Before this time."),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(
            "--action",
            metavar="WHAT",
            help="Only this, such as `token.revoked`, or one kind: `token`.",
            callback=_action,
        ),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(metavar="EMAIL", help="Only by this user, or this name at a shell."),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="Only done to this: an id, or a part of the name."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON Lines: one a change.")] = False,
) -> None:
    """Tell who changed or signed in to what, oldest first; a pipe gets a plain table."""
    from gateway.audit import Filter

    which = Filter(
        account_id=account, action=action, user=user, subject=subject, since=since, until=until
    )
    with environment.database():
        _print_lines(which) if json else _print_table(which)


def _print_lines(which: Filter) -> None:
    from gateway.audit import document, entries

    for entry in entries(which):
        sys.stdout.write(encoder.dumps(document(entry), ensure_ascii=False) + "\n")


def _print_table(which: Filter) -> None:
    from gateway.audit import document, entries

    rows = [_row(document(entry)) for entry in entries(which)]
    if rows:
        print_table(COLUMNS, rows)
    else:
        typer.echo("nothing was done that fits", err=True)


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    actor = entry["actor"]
    return (
        entry["time"],
        actor["name"] or actor["kind"],
        actor["address"] or actor["via"],
        entry["action"],
        _shown(entry["subject"]),
        _shown(entry["account"]),
        _changes(entry),
    )


def _shown(named: dict[str, str] | None) -> str:
    return NOTHING if named is None else f"{named['name']} ({named['id']})"


def _changes(entry: dict[str, Any]) -> str:
    from gateway.audit import changes

    told = [f"{one.key}: {_change(one.old, one.new)}" for one in changes(entry)]
    return "; ".join(told) or NOTHING


def _change(old: Any, new: Any) -> str:
    if old is None:
        return _value(new)
    return f"{_value(old)} -> {'none' if new is None else _value(new)}"


def _value(value: Any) -> str:
    return encoder.dumps(value, ensure_ascii=False)
