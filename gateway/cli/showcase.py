"""What `gateway demo` shows: made-up data in an empty database, and who may look at it.

It goes in by the same ways as any other: the import, `gateway.accounts`, `gateway.tokens`.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Collection
from pathlib import Path

from peewee import Database, SqliteDatabase

from gateway import accounts, tokens
from gateway.audit import Actor
from gateway.cli import credentials
from gateway.cli.credentials import Credentials
from gateway.errors import CommandError
from gateway.roles import Role
from gateway.webhooks import sealing
from ingest import demo, import_files
from models import Account, Application, Candidate, Token, User

EMAIL = "demo@example.com"
LIMITED_SCOPES = ("applications:read",)


def prepare(database: Database, scopes: Collection[str], *, by: Actor, now: int) -> Credentials:
    """Load the demo into *database* if that is empty; return the demo's credentials.

    Args:
        scopes: every scope of the OpenAPI document.
    Raises:
        CommandError: it holds other data, or the demo's without the file of its credentials.
    """
    path = _credentials_path(database)
    known = credentials.read(path)
    if known is not None and _are_live(known):
        return known
    if Account.select().exists() or User.select().exists():
        raise CommandError(
            "the database holds data already, and the demo's goes into an empty one; "
            "set DATABASE_URL to another, or serve what is there with `gateway serve`"
        )
    with database.atomic():
        created = _load(database, scopes, by=by, now=now)
        # INVARIANT: written before the data is there for good: no demo is without its file.
        credentials.write(path, created)
    return created


def shown_application(known: Credentials) -> str:
    """Return the id of the newest application whose candidate has all that may be hidden."""
    token: Token = Token.get(Token.digest == tokens.digest(known.full_token))
    newest: Application = (
        Application.select(Application.public_id)
        .join(Candidate)
        .where(Application.account == token.account, Candidate.email.is_null(False))
        .order_by(Application.created_at.desc(), Application.id.desc())
        .get()
    )
    return str(newest.public_id)


def _credentials_path(database: Database) -> Path:
    """Return where the credentials are kept: beside the file of SQLite, else in `var/`."""
    if isinstance(database, SqliteDatabase):
        return Path(database.database).with_suffix(".demo.json")
    return Path("var", f"{database.database}.demo.json")


def _are_live(known: Credentials) -> bool:
    digests = {tokens.digest(known.full_token), tokens.digest(known.limited_token)}
    found = Token.select().where(Token.digest.in_(digests), Token.revoked_at.is_null())
    return bool(found.count() == len(digests))


def _load(database: Database, scopes: Collection[str], *, by: Actor, now: int) -> Credentials:
    password = secrets.token_urlsafe(12)
    # First, and addresses are unique: of two demos at once, the second goes no further.
    user = accounts.create_user(EMAIL, password, by=by, now=now)
    loaded = [_load_account(database, company, user, by, now) for company in demo.accounts()]

    def token(name: str, granted: Collection[str]) -> str:
        _, secret = tokens.create(
            account=loaded[0],
            user=user,
            name=name,
            scopes=granted,
            expires_at=None,
            by=by,
            now=now,
            known_scopes=scopes,
        )
        return secret

    return Credentials(
        email=EMAIL,
        password=password,
        full_token=token("Demo: every scope", scopes),
        limited_token=token("Demo: applications only", LIMITED_SCOPES),
        webhook_key=sealing.new_key(),
    )


def _load_account(
    database: Database, company: demo.DemoAccount, user: User, by: Actor, now: int
) -> Account:
    account = accounts.create_account(company.name, by=by, now=now)
    accounts.add_member(account, user, Role.ADMIN, by=by, now=now)
    records = io.BytesIO()
    demo.write_records(company.records(), records)
    records.seek(0)
    import_files(database, account, [records], tell=False)
    return account
