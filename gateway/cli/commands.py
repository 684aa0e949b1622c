"""The tree of commands, and how an error becomes an exit code.

0: done; 1: refused, with one line a finding on stderr; 2: wrong usage; 130: interrupted. Tracebacks
are for defects alone.

Commands import what they need when they run: `--help` answers at once, and `gateway spec` needs
neither a database nor a server.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway.cli import (
    account,
    audit,
    data,
    demo,
    disclosures,
    jobs,
    mail,
    member,
    policy,
    serve,
    spec,
    token,
    user,
    webhook,
)
from gateway.errors import CommandError, ConfigError


class Commands(TyperGroup):
    """The group around all commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse words that no database could look for."""
        try:
            "".join(args).encode()
        except UnicodeEncodeError as error:
            raise typer.BadParameter("the command line is not UTF-8", ctx=ctx) from error
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command; say no in one line a finding, without a traceback."""
        try:
            return super().invoke(ctx)
        except (CommandError, ConfigError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error


def print_version(asked: bool) -> None:
    """Print the version and end, if that is what was asked for."""
    if asked:
        typer.echo(version("hiring-gateway"))
        raise typer.Exit


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)
for module in (
    demo,
    serve,
    data,
    account,
    user,
    member,
    token,
    policy,
    spec,
    disclosures,
    audit,
    webhook,
    mail,
    jobs,
):
    app.add_typer(module.commands)


@app.callback()
def gateway(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """A declarative, spec-driven API gateway for hiring data."""
