"""`gateway member`: who belongs to which account."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import environment
from gateway.cli.usage import AccountId, UserEmail, examples
from gateway.roles import Role

commands = typer.Typer()
group = typer.Typer(help="Memberships: which users belong to an account.")
commands.add_typer(group, name="member", no_args_is_help=True)

EXAMPLE = "--account acct_3hV9bQx0LmZt27Ka --user ann@example.com"


@group.command(epilog=examples(f"gateway member add {EXAMPLE} --role admin"))
def add(
    account_id: AccountId,
    email: UserEmail,
    role: Annotated[
        Role, typer.Option(help="An admin may manage the account's members and tokens.")
    ] = Role.MEMBER,
) -> None:
    """Make a user a member of an account."""
    from gateway import accounts

    with environment.database():
        account, user = accounts.find_account(account_id), accounts.find_user(email)
        accounts.add_member(account, user, role, by=environment.actor(), now=environment.now())
    typer.echo(f"added `{user.email}` to account `{account.public_id}` as {role}")


@group.command(epilog=examples(f"gateway member remove {EXAMPLE}"))
def remove(account_id: AccountId, email: UserEmail) -> None:
    """Take a user out of an account and revoke their tokens for it, for good."""
    from gateway import accounts

    with environment.database():
        account, user = accounts.find_account(account_id), accounts.find_user(email)
        revoked = accounts.remove_member(
            account, user, by=environment.actor(), now=environment.now()
        )
    tokens = "1 token" if revoked == 1 else f"{revoked} tokens"
    typer.echo(f"removed `{user.email}` from account `{account.public_id}`, revoked {tokens}")
