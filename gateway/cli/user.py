"""`gateway user`: people who sign in and own tokens."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway.cli import environment
from gateway.cli.output import print_json
from gateway.cli.usage import Json, examples

commands = typer.Typer()
group = typer.Typer(help="Users: people who sign in and own tokens.")
commands.add_typer(group, name="user", no_args_is_help=True)


@group.callback()
def users() -> None:
    # A group of one command would become that command.
    pass


@group.command(
    epilog=examples("gateway user create ann@example.com --password-stdin < password.txt")
)
def create(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Address to sign in with.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin.")
    ] = False,
    json: Json = False,
) -> None:
    """Create a user and print their id. Without --password-stdin a terminal asks for it."""
    from gateway import accounts

    password = _password(from_stdin=password_stdin)
    with environment.database():
        user = accounts.create_user(email, password, by=environment.actor(), now=environment.now())
    if json:
        print_json({"id": user.public_id, "email": user.email})
    else:
        typer.echo(user.public_id)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise typer.BadParameter("needed without a terminal", param_hint="--password-stdin")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
