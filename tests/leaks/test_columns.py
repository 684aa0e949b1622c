"""What a caller may not see is not read: in no SELECT list, WHERE, ORDER BY or JOIN of a request.

The databases themselves are asked. SQLite tells each column that a statement touches, and is told
which it may (its authorizer); PostgreSQL runs the statements as a role that has been granted those
columns and no other. A request that needs one more fails there, whatever its SQL looks like.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import peewee
from asking import Question, mistakes, questions
from columns import DOCUMENT, Column, readable, search_indexes, visible

from gateway.spec import Operation
from models import Candidate

EVERYTHING = frozenset({"applications:read", "candidates:read", "job_postings:read"})
FOLLOWERS = frozenset({"applications:read"})

role_numbers = count(1)


@dataclass
class Captured:
    """What a request ran.

    Attributes:
        statements: the SQL text of every one.
        refused: what the database said to those that it refused.
    """

    statements: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@contextmanager
def may_read_only(
    database: peewee.Database, columns: set[Column], indexes: set[str]
) -> Iterator[Captured]:
    """Let *database* read *columns* and nothing else, and write nothing."""
    captured = Captured()
    is_sqlite = isinstance(database, peewee.SqliteDatabase)
    limited = _limited_sqlite if is_sqlite else _limited_postgres
    # What requests run their statements by, on either database.
    name = "fetch" if is_sqlite else "execute_sql"
    original = getattr(database, name)
    with limited(database, original, columns, indexes, captured.refused) as execute:

        def capturing(*given: Any) -> Any:
            captured.statements.append(given[1] if is_sqlite else given[0])
            return execute(*given)

        setattr(database, name, capturing)
        try:
            yield captured
        finally:
            delattr(database, name)  # the instance's own: the class has the real one


@contextmanager
def _limited_sqlite(
    database: Any, original: Callable[..., Any], columns: set[Column], indexes: set[str], refused
) -> Iterator[Callable[..., Any]]:
    allowed = {(one.model._meta.table_name, one.column_name) for one in columns}
    tables = {table for table, _ in allowed}

    def authorize(action: int, table: str, column: str, *_: Any) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA and (table, column) == ("data_version", None):
            return sqlite3.SQLITE_OK  # whether anybody has written: says nothing of any row
        if action == sqlite3.SQLITE_READ:
            # COUNT(*) names no column. An index keeps its rows in tables of its own.
            is_key = column in ("", "ROWID") and table in tables
            is_index = any(table == one or table.startswith(f"{one}_") for one in indexes)
            if (table, column) in allowed or is_key or is_index:
                return sqlite3.SQLITE_OK
        refused.append(f"{action}: {table}.{column}")
        return sqlite3.SQLITE_DENY

    def execute(connection: sqlite3.Connection, sql: str, parameters: Any) -> Any:
        connection.set_authorizer(authorize)  # also makes it prepare what it has kept anew
        try:
            return original(connection, sql, parameters)
        finally:
            connection.set_authorizer(None)

    yield execute


@contextmanager
def _limited_postgres(
    database: Any, original: Callable[..., Any], columns: set[Column], _indexes: set[str], refused
) -> Iterator[Callable[..., Any]]:
    role = f"leaks_{next(role_numbers)}"
    by_table: dict[str, list[str]] = {}
    for one in columns:
        by_table.setdefault(one.model._meta.table_name, []).append(f'"{one.column_name}"')
    with database.connection_context():
        database.execute_sql(f"CREATE ROLE {role}")
        for table, names in by_table.items():
            database.execute_sql(f'GRANT SELECT ({", ".join(names)}) ON "{table}" TO {role}')

    def execute(sql: str, parameters: Any = None) -> Any:
        if sql.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            return original(sql, parameters)
        original(f"SET ROLE {role}")
        try:
            cursor = original(sql, parameters)
        except peewee.ProgrammingError as error:
            refused.append(str(error).strip())
            with suppress(peewee.PeeweeException):  # in a transaction, its end resets the role
                original("RESET ROLE")
            raise
        original("RESET ROLE")
        return cursor

    yield execute
    with database.connection_context():
        database.execute_sql(f"DROP OWNED BY {role}")
        database.execute_sql(f"DROP ROLE {role}")


def asked(operation: Operation) -> list[Question]:
    return [*questions(operation), *mistakes(operation)]


def test_nothing_is_read_that_the_caller_may_not_see(shared, operation, scopes):
    """Every request is answered as if the database were free: it needed no other column."""
    free = [one.ask(shared.client, scopes) for one in asked(operation)]
    columns = readable(operation, scopes)
    for question, expected in zip(asked(operation), free, strict=True):
        with may_read_only(shared.database, columns, search_indexes(operation)) as captured:
            answer = question.ask(shared.client, scopes)
        assert captured.refused == [], (str(question), captured.statements)
        assert captured.statements or answer.status_code in (404, 405), str(question)
        assert (answer.status_code, answer.content) == (expected.status_code, expected.content)
    assert free[0].status_code == 200


def test_what_is_shown_is_read(shared, operation):
    """The control: where one column fewer may be read, the same requests fail.

    Each column of the answer in turn, so that none of the limits above is one in name alone.
    """
    columns = readable(operation, EVERYTHING)
    question = next(iter(questions(operation)))
    for column in visible(EVERYTHING, operation):
        fewer = columns - {column}
        with may_read_only(shared.database, fewer, search_indexes(operation)) as captured:
            answer = question.ask(shared.client, EVERYTHING)
        assert answer.status_code == 500, str(column)
        assert captured.refused, str(column)


def test_an_id_and_nothing_else_takes_no_candidate_table(shared):
    for operation in ("list_applications", "get_application"):
        for question in questions(DOCUMENT.operations[operation]):
            columns = readable(DOCUMENT.operations[operation], FOLLOWERS)
            assert {one for one in columns if one.model is Candidate} == set()
            with may_read_only(shared.database, columns, set()) as captured:
                assert question.ask(shared.client, FOLLOWERS).status_code == 200
            assert captured.statements
            assert [sql for sql in captured.statements if '"candidate"' in sql] == []


def test_with_candidates_the_candidate_table_is_joined(shared):
    """The control: the table has the name that the test above looks for."""
    [first, *_] = questions(DOCUMENT.operations["list_applications"])
    columns = readable(DOCUMENT.operations["list_applications"], EVERYTHING)
    with may_read_only(shared.database, columns, set()) as captured:
        assert first.ask(shared.client, EVERYTHING).status_code == 200
    assert [sql for sql in captured.statements if '"candidate"' in sql]
