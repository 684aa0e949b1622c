"""`gateway account`: the tenants."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import environment
from gateway.cli.output import print_json, print_table
from gateway.cli.usage import Json, examples
from gateway.errors import CommandError

if TYPE_CHECKING:
    from models import Account

commands = typer.Typer()
group = typer.Typer(help="Accounts: each has its own hiring data, members and tokens.")
commands.add_typer(group, name="account", no_args_is_help=True)


@group.command(epilog=examples('gateway account create "Acme Inc."'))
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    json: Json = False,
) -> None:
    """Create an account and print its id."""
    from gateway import accounts

    with environment.database():
        account = accounts.create_account(name, by=environment.actor(), now=environment.now())
    if json:
        print_json(_document(account))
    else:
        typer.echo(account.public_id)


@group.command("list", epilog=examples("gateway account list", "gateway account list --json"))
def list_(json: Json = False) -> None:
    """List the accounts."""
    from gateway import accounts

    with environment.database():
        documents = [_document(account) for account in accounts.list_accounts()]
    if json:
        print_json(documents)
    else:
        print_table(("id", "name", "created at"), [tuple(one.values()) for one in documents])


@group.command(epilog=examples("gateway account delete acct_3hV9bQx0LmZt27Ka --yes"))
def delete(
    account_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the account.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete an account with its hiring data, tokens and memberships. There is no way back."""
    from gateway import accounts

    with environment.database():
        account = accounts.find_account(account_id)
        if not yes:
            _confirm(f"Delete `{account.name}` ({account.public_id}) and all of its data?")
        accounts.delete_account(account, by=environment.actor(), now=environment.now())
    typer.echo(f"deleted account `{account.public_id}`")


def is_asked() -> bool:
    """Return whether there is a person to ask."""
    return sys.stdin.isatty()


def _confirm(question: str) -> None:
    if not is_asked():
        raise typer.BadParameter("needed where nobody can be asked", param_hint="--yes")
    if not typer.confirm(question, err=True):
        raise CommandError("nothing was deleted")


def _document(account: Account) -> dict[str, Any]:
    from models import Account

    return {
        "id": account.public_id,
        "name": account.name,
        "created_at": Account.created_at.document_value(account.created_at),
    }
