"""Handlers of the second domain."""

from __future__ import annotations

from typing import Any

from peewee import CharField, ForeignKeyField

from gateway.reading import Equals, Listing, Reader, Rendered, Shape
from models import Account, Table


class Book(Table):
    account = ForeignKeyField(Account)
    public_id = CharField()
    title = CharField()
    kind = CharField()
    borrower = CharField(null=True)


BOOK = Shape("Book", Book, id=Book.public_id, title=Book.title, borrower=Book.borrower)
BOOKS = Listing(BOOK, order=(Book.id.desc(),), filters={"kind": Equals(Book.kind)})


async def list_books(read: Reader, page: int, kind: str | None = None) -> Rendered:
    return await read.page(BOOKS, page, kind=kind)


async def get_book(read: Reader, id: str) -> Rendered:
    return await read.one(BOOK, id)


async def list_holidays(_read: Reader) -> dict[str, Any]:
    return {"days": ["2026-12-25"]}
