"""The migrations make the schema that the models speak of, on both databases.

Schemas are compared as the databases themselves report them, down to types, defaults and foreign
keys; `playhouse.schema_diff` alone would not see those. Every migration is covered: from empty, and
from each schema before it with rows in its tables.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from peewee import CharField, Model, PostgresqlDatabase
from records import application, as_lines, candidate, posting

import ingest
import models
from gateway import schema
from gateway.accounts import create_account
from gateway.audit import SYSTEM
from gateway.database import connect
from gateway.errors import ConfigError

MIGRATIONS = sorted(path.stem for path in schema.MIGRATIONS.glob("[0-9]*.py"))

# Made by migrations, beyond what models can say.
SEARCH_INDEXES = {"candidate_search_name", "candidate_search_email"}


def reported(database):
    """Return what the database says of each of the models' tables."""
    tables = {}
    for table in models.TABLES:
        name = table._meta.table_name
        columns = [(c.name, c.full_type, c.null, c.default) for c in database.get_columns(name)]
        references = [
            (key.column, key.dest_table, key.dest_column, key.on_delete)
            for key in database.get_foreign_keys(name)
        ]
        indexes = {
            (index.name, re.sub(r"\bpublic\.", "", index.sql or ""))
            for index in database.get_indexes(name)
            if index.name not in SEARCH_INDEXES
        }
        tables[name] = sorted(columns), sorted(references), sorted(indexes)
    return tables


def names_of(database, kind):
    query = {
        "trigger": "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
        "trgm": "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%%gin_trgm_ops%%'",
    }
    return {name for (name,) in database.execute_sql(query[kind]).fetchall()}


@pytest.fixture
def empty(empty_database_url):
    database = connect(empty_database_url)
    with database.connection_context():
        yield database
    database.close_all()
    models.database.initialize(None)


@pytest.fixture
def of_models(empty):
    """What a database reports whose tables were made by the models themselves."""
    with empty.atomic() as transaction:
        empty.create_tables(models.TABLES)
        report = reported(empty)
        transaction.rollback()
    return report


def test_the_schema_from_empty_is_the_one_of_the_models(empty, of_models):
    schema.migrate(empty)

    assert reported(empty) == of_models


@pytest.mark.parametrize("number", range(len(MIGRATIONS)))
def test_the_schema_from_each_previous_one_is_the_one_of_the_models(
    empty, of_models, number, tmp_path
):
    for name in MIGRATIONS[:number]:
        shutil.copy(schema.MIGRATIONS / f"{name}.py", tmp_path)
    assert schema.migrate(empty, tmp_path) == MIGRATIONS[:number]

    assert schema.pending(empty) == MIGRATIONS[number:]
    assert schema.migrate(empty) == MIGRATIONS[number:]

    assert reported(empty) == of_models


def test_a_migration_that_was_released_after_later_ones_is_made_up(empty, of_models, tmp_path):
    others = [name for name in MIGRATIONS if name != "0006_alerts"]
    for name in others:
        shutil.copy(schema.MIGRATIONS / f"{name}.py", tmp_path)
    assert schema.migrate(empty, tmp_path) == others

    assert schema.migrate(empty) == ["0006_alerts"]

    assert reported(empty) == of_models


def test_a_column_that_no_migration_makes_is_noticed(empty, of_models):
    class Account(Model):
        public_id = CharField(unique=True)

        class Meta:
            database = empty

    empty.create_tables([Account])

    assert reported(empty)["account"] != of_models["account"]


AUDIT_TRIGGERS = {"audit_entry_update", "audit_entry_delete", "audit_entry_replace"}


def test_search_has_its_index_where_the_database_can_have_one(db):
    if isinstance(db, PostgresqlDatabase):
        available = db.execute_sql(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
        ).fetchone()
        assert names_of(db, "trgm") == (SEARCH_INDEXES if available else set())
    else:
        assert names_of(db, "trigger") - AUDIT_TRIGGERS == {
            "candidate_search_insert",
            "candidate_search_update",
            "candidate_search_delete",
        }


def test_migrating_is_repeatable(empty):
    assert schema.pending(empty) == schema.migrate(empty) == MIGRATIONS
    assert schema.pending(empty) == schema.migrate(empty) == []


def test_an_out_of_date_schema_is_refused_with_the_remedy(empty):
    with pytest.raises(ConfigError, match=rf"{MIGRATIONS[0]}.*; run `gateway migrate`"):
        schema.require_current(empty)
    schema.migrate(empty)
    schema.require_current(empty)


def test_a_failing_migration_leaves_everything_as_it_was(empty, tmp_path):
    write(tmp_path, "0001_first", "db.execute_sql('CREATE TABLE first (id INTEGER)')")
    write(tmp_path, "0002_second", "raise ValueError('no')")

    with pytest.raises(ValueError, match="no"):
        schema.migrate(empty, tmp_path)

    assert not empty.table_exists("first")
    assert schema.pending(empty, tmp_path) == ["0001_first", "0002_second"]


def test_a_file_that_is_no_migration_is_refused(empty, tmp_path):
    (tmp_path / "0001_first.py").write_text("")

    with pytest.raises(ConfigError, match=r"0001_first does not define up\(\)"):
        schema.migrate(empty, tmp_path)


def test_a_migration_may_replace_a_table_that_others_refer_to(db, tmp_path):
    account = models.Account.create(public_id="acct_a", name="Acme", created_at=0)
    models.RowCount.create(account=account, table="candidate", status="active", rows=1)
    for path in schema.MIGRATIONS.glob("[0-9]*.py"):
        shutil.copy(path, tmp_path)
    write(tmp_path, "9999_replace", "migrator.migrate(migrator.drop_not_null('account', 'name'))")

    assert schema.migrate(db, tmp_path) == ["9999_replace"]

    assert models.RowCount.get().account == account


def test_sqlite_guards_references_again_after_a_migration(db):
    if isinstance(db, PostgresqlDatabase):
        assert schema.migrate(db) == []
    else:
        schema.migrate(db)
        assert db.pragma("foreign_keys") == 1


def test_a_migration_that_breaks_references_is_not_kept(dialect, db, tmp_path):
    if dialect == "postgres":  # it does not let one be broken in the first place
        return
    account = models.Account.create(public_id="acct_a", name="Acme", created_at=0)
    models.RowCount.create(account=account, table="candidate", status="active", rows=1)
    write(tmp_path, "9999_break", "db.execute_sql('DELETE FROM account')")

    with pytest.raises(ConfigError, match="`row_count` would refer to no row; nothing was changed"):
        schema.migrate(db, tmp_path)

    assert models.Account.get() == account


def test_a_database_that_lacks_characters_is_refused(dialect, request):
    if dialect == "sqlite":  # it has no other encoding
        return
    server = request.getfixturevalue("postgres")
    name = "latin"
    server.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0")
    database = connect(server.url(name))
    with database.connection_context(), pytest.raises(ConfigError, match="encoding is LATIN1"):
        schema.migrate(database)
    database.close_all()
    server.drop(name)


def test_processes_may_migrate_at_once(empty_database_url):
    command = [Path(sys.executable).with_name("gateway"), "migrate"]
    environment = {**os.environ, "DATABASE_URL": empty_database_url}
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    printed = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    applied = [line for output in printed for line in output.splitlines() if "applied" in line]
    assert applied == [f"applied {name}" for name in MIGRATIONS]


def write(folder: Path, name: str, statement: str) -> None:
    (folder / f"{name}.py").write_text(f"def up(migrator, db):\n    {statement}\n")


def test_the_key_of_an_event_is_never_given_again(db):
    def add() -> int:
        return models.Event.create(
            public_id="evt_1", account=account, type="x.y", subject_id="x_1", occurred_at=0
        ).id

    account = models.Account.create(public_id="acct_1", name="Acme", created_at=0)
    add()
    last = add()
    models.Event.delete().execute()
    assert add() > last


def test_rows_that_were_there_before_ranges_get_them(db):
    """Exactly those that imports lay: each list's, the short ones' none."""
    account, other = (create_account(name, by=SYSTEM, now=0) for name in ("Acme", "Other"))
    world = [make(f"{prefix}_{n}") for n in range(1_100)
             for prefix, make in (("job", posting), ("cand", candidate))]  # fmt: skip
    for one, rows in ((account, 3_400), (other, 1_025)):
        records = [
            application(
                f"app_{n}",
                job_posting_id=f"job_{n % 3 % 2}",
                candidate_id="cand_0",
                status="rejected" if n % 5 else "active",
                created_at=f"2026-01-{1 + n * 11 % 28:02}T00:00:00Z",
            )
            for n in range(rows)
        ]
        ingest.import_files(db, one, [io.BytesIO(as_lines([*world, *records]))])
    ranges = kept_ranges()
    assert len({of_list for of_list, _ in ranges}) == 2 * 3 + 5 + 1
    models.KeyRange.delete().where(models.KeyRange.account == account).execute()
    db.execute_sql("DELETE FROM schema_migration WHERE name = '0013_ranges'")

    assert schema.migrate(db) == ["0013_ranges"]

    assert kept_ranges() == ranges
    assert not ingest.rebuild(db).changed


def kept_ranges():
    """Return all ranges: the list of each, then its start and how many rows it holds."""
    return sorted(
        ((one.account_id, one.table, one.job_posting_id, one.status),
         (one.start_at, one.start_id, one.rows))
        for one in models.KeyRange.select()
    )  # fmt: skip


def test_letters_of_candidates_that_were_there_are_counted(db):
    """Exactly as imports count them, account by account."""
    for name, first_name in (("Acme", "Zoë"), ("Other", "Straße")):
        account = create_account(name, by=SYSTEM, now=0)
        records = [candidate("cand_a", first_name=first_name), candidate("cand_b", email="b@b.b")]
        ingest.import_files(db, account, [io.BytesIO(as_lines(records))])
    counts = kept_letters()
    assert ("zo", 1) in {one[1:] for one in counts}
    db.drop_tables([models.LetterCount])
    db.execute_sql("DELETE FROM schema_migration WHERE name = '0014_letters'")

    assert schema.migrate(db) == ["0014_letters"]

    assert kept_letters() == counts


def kept_letters():
    return sorted((one.account_id, one.text, one.rows) for one in models.LetterCount.select())
