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


Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Address to sign in with.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin.")
]


@group.command(
    epilog=examples("gateway user create ann@example.com --password-stdin < password.txt")
)
def create(
    email: Email,
    password_stdin: PasswordStdin = False,
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


@group.command(
    epilog=examples("gateway user password ann@example.com --password-stdin < password.txt")
)
def password(email: Email, password_stdin: PasswordStdin = False, json: Json = False) -> None:
    """Give a user another password, and sign them out everywhere. Their tokens stay.

    Without --password-stdin a terminal asks for it.
    """
    from gateway import accounts

    new = _password(from_stdin=password_stdin)
    with environment.database():
        user = accounts.find_user(email)
        ended = accounts.set_password(user, new, by=environment.actor(), now=environment.now())
    if json:
        print_json({"id": user.public_id, "email": user.email, "sessions_ended": ended})
    else:
        sessions = "1 session" if ended == 1 else f"{ended} sessions"
        typer.echo(f"changed the password of `{user.email}`, ended {sessions}")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise typer.BadParameter("needed without a terminal", param_hint="--password-stdin")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
