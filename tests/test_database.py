"""Addresses of databases, their connections, and what it looks like when one is away."""

from __future__ import annotations

import sqlite3
import threading

import psycopg
import pytest
from peewee import IntegrityError, OperationalError, PeeweeException

import models
from gateway.database import connect, is_unavailable
from gateway.errors import ConfigError


@pytest.fixture(autouse=True)
def unbound():
    yield
    models.database.initialize(None)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "unknown kind of database"),
        ("mysql://u:secret@h/n", "unknown kind of database"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite://gateway.db", "names no file"),
        ("sqlite:///:memory:", "the path of a file and nothing else"),
        ("sqlite:///gateway.db?mode=ro", "the path of a file and nothing else"),
        ("postgresql://u:secret@h", "names no database"),
        ("postgresql://u:secret@h/", "names no database"),
        ("postgresql://u:sec ret@h/n", "cannot read the address"),
        ("postgresql://u:secret@h/n?foo=1", "cannot read the address"),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url, message):
    with pytest.raises(ConfigError, match=message) as refused:
        connect(url)

    assert str(refused.value).startswith("DATABASE_URL: ")
    assert "`" in str(refused.value)
    assert "sec" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=r"`.*/file/below` cannot be made"):
        connect(f"sqlite:///{tmp_path}/file/below/gateway.db")


def test_folders_of_a_file_are_made(tmp_path):
    database = connect(f"sqlite:///{tmp_path}/a/b/gateway.db")
    with database.connection_context():
        pass
    database.close_all()

    assert (tmp_path / "a/b/gateway.db").exists()


def test_three_slashes_lead_from_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    database = connect("sqlite:///var/gate%20way.db")
    with database.connection_context():
        pass
    database.close_all()

    assert (tmp_path / "var/gate way.db").exists()


def test_the_parts_of_an_address_reach_libpq():
    database = connect("postgres://u:p%40w@h:5433/n?sslmode=require&connect_timeout=1")

    assert database.database == "n"
    assert database.connect_params == {
        "user": "u",
        "password": "p@w",
        "host": "h",
        "port": "5433",
        "sslmode": "require",
        "connect_timeout": "1",
        "client_encoding": "UTF8",
    }


def test_models_are_bound(db):
    assert models.Account.select().count() == 0


def test_references_are_guarded(db):
    with pytest.raises(IntegrityError):
        models.RowCount.create(account=1, table="candidate", status="active", rows=1)


def test_threads_have_connections_of_their_own(db):
    def read():
        with db.connection_context():
            counts.append(models.Account.select().count())

    counts: list[int] = []
    threads = [threading.Thread(target=read) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == [0] * 16


def test_readers_go_on_while_a_writer_writes(db):
    def read():
        with db.connection_context():
            counts.append(models.Account.select().count())

    counts: list[int] = []
    with db.atomic():
        models.Account.create(public_id="acct_a", name="Acme", created_at=0)
        reader = threading.Thread(target=read)
        reader.start()
        reader.join()

    assert counts == [0]


def test_a_file_that_cannot_be_opened_is_away(tmp_path):
    tmp_path.joinpath("folder").mkdir()
    database = connect(f"sqlite:///{tmp_path}/folder")

    with pytest.raises(OperationalError) as failed:
        database.connect()

    assert is_unavailable(failed.value)


def test_a_lock_that_is_not_released_is_away(dialect, database_url):
    if dialect == "postgres":  # its writers do not wait for each other
        return
    holder, database = connect(database_url), connect(database_url)
    database.timeout = 0
    with holder.connection_context(), holder.atomic("IMMEDIATE"), database.connection_context():
        database.execute_sql("PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError) as failed:
            database.begin("IMMEDIATE")

    assert is_unavailable(failed.value)
    holder.close_all()
    database.close_all()


def test_a_refused_connection_is_away():
    database = connect("postgresql://u@127.0.0.1:1/n")

    with pytest.raises(OperationalError) as failed:
        database.connect()

    assert is_unavailable(failed.value)


def test_a_server_that_stops_is_away(dialect, db, request):
    if dialect == "sqlite":
        return
    (pid,) = db.execute_sql("SELECT pg_backend_pid()").fetchone()
    request.getfixturevalue("postgres").execute(f"SELECT pg_terminate_backend({pid})")

    with pytest.raises(PeeweeException) as stopped:
        db.execute_sql("SELECT 1")
    assert is_unavailable(stopped.value)

    with pytest.raises(PeeweeException) as closed:
        db.execute_sql("SELECT 1")
    assert is_unavailable(closed.value)


def test_a_lost_connection_is_replaced(dialect, database_url, request):
    if dialect == "sqlite":
        return
    database = connect(database_url)
    with database.connection_context():
        (pid,) = database.execute_sql("SELECT pg_backend_pid()").fetchone()
    request.getfixturevalue("postgres").execute(f"SELECT pg_terminate_backend({pid})")

    with database.connection_context():
        assert database.execute_sql("SELECT 1").fetchone() == (1,)
    database.close_all()


def test_an_exhausted_pool_is_away(database_url):
    database = connect(database_url)
    database._max_connections, database._wait_timeout = 1, 0.01
    errors = []

    def wait_in_vain():
        try:
            database.connect()
        except Exception as error:
            errors.append(error)

    with database.connection_context():
        thread = threading.Thread(target=wait_in_vain)
        thread.start()
        thread.join()
    database.close_all()

    assert [is_unavailable(error) for error in errors] == [True]


def test_a_wrong_statement_is_not_a_database_that_is_away(db):
    with pytest.raises(PeeweeException) as failed:
        db.execute_sql("SELECT nothing FROM nowhere")

    assert not is_unavailable(failed.value)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.errors.DeadlockDetected(), False),
        (psycopg.errors.QueryCanceled(), False),
        (psycopg.errors.UniqueViolation(), False),
        (sqlite3.ProgrammingError("Cannot operate on a closed database."), False),
        (ValueError(), False),
    ],
)
def test_drivers_errors_are_told_apart(error, away):
    assert is_unavailable(error) is away


def test_a_connection_in_use_while_its_file_is_let_go_is_not_used_again(dialect, database_url):
    if dialect == "postgres":
        return
    database = connect(database_url)
    with database.connection_context():
        in_use = database.connection()
        database.let_go()
        assert database.execute_sql("SELECT 1").fetchone() == (1,)
    with database.connection_context():
        assert database.connection() is not in_use
    database.close_all()
