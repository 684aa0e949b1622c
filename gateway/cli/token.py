"""`gateway token`: what integrations authenticate with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import environment
from gateway.cli.output import print_json, print_table
from gateway.cli.usage import AccountId, Json, UserEmail, examples

if TYPE_CHECKING:
    from models import Token

commands = typer.Typer()
group = typer.Typer(help="API tokens: each for one account, with the scopes it needs.")
commands.add_typer(group, name="token", no_args_is_help=True)

TokenId = Annotated[str, typer.Argument(metavar="ID", help="Id of the token, not the token.")]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", metavar="SCOPE", help="A scope that it gets. May be repeated."),
]


@group.command(
    epilog=examples(
        "gateway token create --account acct_3hV9bQx0LmZt27Ka \\\n"
        '    --user ann@example.com --name "Job board" --scope job_postings:read',
    )
)
def create(
    account_id: AccountId,
    email: UserEmail,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What it is for.")],
    scopes: Scopes = None,
    expires_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it expires, such as 2027-01-31T00:00:00Z."),
    ] = None,
    json: Json = False,
) -> None:
    """Create a token and print it. It is shown this once: only a hash of it is kept."""
    from gateway import accounts, tokens

    with environment.database():
        token, secret = tokens.create(
            account=accounts.find_account(account_id),
            user=accounts.find_user(email),
            name=name,
            scopes=scopes or (),
            expires_at=expires_at,
            by=environment.actor(),
            now=environment.now(),
            known_scopes=_known_scopes(),
        )
        document = _document(token)
    if json:
        print_json({"id": document["id"], "token": secret, **document})
    else:
        typer.echo(secret)
        typer.echo(f"created `{token.public_id}`; the token is not shown again", err=True)


@group.command("list", epilog=examples("gateway token list --account acct_3hV9bQx0LmZt27Ka"))
def list_(account_id: AccountId, json: Json = False) -> None:
    """List the tokens of an account, revoked ones too."""
    from gateway import accounts, tokens

    with environment.database():
        listed = tokens.of_account(accounts.find_account(account_id))
        documents = [_document(token) for token in listed]
    if json:
        print_json(documents)
    else:
        columns = ("id", "name", "user", "scopes", "ends in", "expires", "last used", "revoked")
        print_table(columns, [_row(*one) for one in zip(listed, documents, strict=True)])


@group.command(
    epilog=examples(
        "gateway token update tok_9cTq2WbX5sLr81Yd --scope applications:read",
        "gateway token update tok_9cTq2WbX5sLr81Yd --expires-at never",
    )
)
def update(
    token_id: TokenId,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Its new name.")
    ] = None,
    scopes: Scopes = None,
    no_scopes: Annotated[
        bool, typer.Option("--no-scopes", help="Take all of its scopes away.")
    ] = False,
    expires_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it expires, such as 2027-01-31T00:00:00Z; never."),
    ] = None,
    json: Json = False,
) -> None:
    """Change a token. The scopes given replace those that it has."""
    from gateway import tokens

    if scopes and no_scopes:
        raise typer.BadParameter("leaves no room for --scope", param_hint="--no-scopes")
    if name is None and expires_at is None and not scopes and not no_scopes:
        raise typer.BadParameter("give --name, --scope, --no-scopes or --expires-at")
    with environment.database():
        token = tokens.update(
            tokens.find(token_id),
            name=name,
            scopes=() if no_scopes else scopes or None,
            expires_at=expires_at,
            by=environment.actor(),
            now=environment.now(),
            known_scopes=_known_scopes(),
        )
        document = _document(token)
    if json:
        print_json(document)
    else:
        typer.echo(f"updated token `{token.public_id}`")


@group.command(
    epilog=examples(
        "gateway token rotate tok_9cTq2WbX5sLr81Yd",
        "gateway token rotate tok_9cTq2WbX5sLr81Yd --keep-old 24",
    )
)
def rotate(
    token_id: TokenId,
    keep_old_hours: Annotated[
        int,
        typer.Option(
            "--keep-old", metavar="HOURS", help="Hours that the old secret stays valid: 0, 1 or 24."
        ),
    ] = 0,
    json: Json = False,
) -> None:
    """Give a token a new secret and print it. The old one ends at once unless --keep-old is given.

    The new secret is shown this once: only a hash of it is kept.
    """
    from gateway import tokens

    if keep_old_hours not in tokens.KEEP_OLD_HOURS:
        raise typer.BadParameter("must be 0, 1 or 24", param_hint="--keep-old")
    with environment.database():
        token, secret = tokens.rotate(
            tokens.find(token_id),
            keep_old_hours=keep_old_hours,
            by=environment.actor(),
            now=environment.now(),
        )
        document = _document(token)
        until = _shown(token, type(token).previous_expires_at)
    if json:
        print_json({"id": document["id"], "token": secret, **document, "old_valid_until": until})
        return
    typer.echo(secret)
    old = f"the old one is valid until {until}" if until else "the old one is not valid any more"
    typer.echo(f"rotated `{token.public_id}`; the token is not shown again, {old}", err=True)


@group.command(epilog=examples("gateway token revoke tok_9cTq2WbX5sLr81Yd"))
def revoke(token_id: TokenId) -> None:
    """Revoke a token, for good. Revoking it twice is no error."""
    from gateway import tokens

    with environment.database():
        tokens.revoke(tokens.find(token_id), by=environment.actor(), now=environment.now())
    typer.echo(f"revoked token `{token_id}`")


def _known_scopes() -> tuple[str, ...]:
    from gateway import spec

    return spec.load(environment.settings().openapi).scopes


def _document(token: Token) -> dict[str, Any]:
    from models import Token

    def shown(column: Any) -> Any:
        return _shown(token, column)

    return {
        "id": token.public_id,
        "name": token.name,
        "user": token.user.email,
        "scopes": shown(Token.scopes),
        "account_id": token.account.public_id,
        "created_at": shown(Token.created_at),
        "expires_at": shown(Token.expires_at),
        "last_used_at": shown(Token.last_used_at),
        "revoked_at": shown(Token.revoked_at),
    }


def _shown(token: Token, column: Any) -> Any:
    """Return what stands in *column* as documents show it."""
    value = getattr(token, column.name)
    return None if value is None else column.document_value(value)


def _row(token: Token, document: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        document["id"],
        document["name"],
        document["user"],
        " ".join(document["scopes"]) or "none",
        token.last_four,
        document["expires_at"] or "never",
        document["last_used_at"] or "never",
        document["revoked_at"] or "no",
    )
