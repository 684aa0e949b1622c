"""The caller's own token."""

from __future__ import annotations

from gateway.reading import Reader, Rendered, Shape
from models import Account, Token

TOKEN = Shape(
    "Token",
    Token,
    id=Token.public_id,
    name=Token.name,
    account_id=Account.public_id,
    account_name=Account.name,
    scopes=Token.scopes,
    created_at=Token.created_at,
    expires_at=Token.expires_at,
    last_used_at=Token.last_used_at,
)


async def get_token(read: Reader) -> Rendered:
    return await read.own_token(TOKEN)
