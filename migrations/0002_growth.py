"""Lists of any length: ranges of keys, and a search index that is asked for one account's rows.

The table is a frozen copy of `models.py` as it was, independent of what it becomes. Accounts that
have rows get their ranges from `gateway rebuild`, or from their next import; without ranges, deep
pages are right, but slow.
"""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase


class Account(Model):
    class Meta:
        legacy_table_names = False


class KeyRange(Model):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    table = CharField(column_name="table_name")
    job_posting_id = IntegerField()
    status = CharField()
    start_at = BigIntegerField()
    start_id = IntegerField()
    rows = IntegerField(column_name="row_count")

    class Meta:
        legacy_table_names = False
        indexes = (
            (
                ("account", "table", "job_posting_id", "status", "start_at", "start_id", "rows"),
                False,
            ),
        )


# What the search index was made over, and its content from now on: a row's key there has the
# account's above its own, so that one account's rows are read and no other's.
SQLITE_SEARCH = (
    "DROP TRIGGER candidate_search_insert",
    "DROP TRIGGER candidate_search_delete",
    "DROP TRIGGER candidate_search_update",
    "DROP TABLE candidate_search",
    """
    CREATE VIEW candidate_search_content AS
    SELECT ((account_id << 40) | id) AS key, search_name, search_email FROM candidate
    """,
    """
    CREATE VIRTUAL TABLE candidate_search USING fts5(
        search_name, search_email, content='candidate_search_content', content_rowid='key',
        tokenize='trigram case_sensitive 1'
    )
    """,
    """
    CREATE TRIGGER candidate_search_insert AFTER INSERT ON candidate BEGIN
        INSERT INTO candidate_search (rowid, search_name, search_email)
        VALUES (((new.account_id << 40) | new.id), new.search_name, new.search_email);
    END
    """,
    """
    CREATE TRIGGER candidate_search_delete AFTER DELETE ON candidate BEGIN
        INSERT INTO candidate_search (candidate_search, rowid, search_name, search_email)
        VALUES ('delete', ((old.account_id << 40) | old.id), old.search_name, old.search_email);
    END
    """,
    """
    CREATE TRIGGER candidate_search_update AFTER UPDATE OF search_name, search_email ON candidate
    WHEN old.search_name IS NOT new.search_name OR old.search_email IS NOT new.search_email
    BEGIN
        INSERT INTO candidate_search (candidate_search, rowid, search_name, search_email)
        VALUES ('delete', ((old.account_id << 40) | old.id), old.search_name, old.search_email);
        INSERT INTO candidate_search (rowid, search_name, search_email)
        VALUES (((new.account_id << 40) | new.id), new.search_name, new.search_email);
    END
    """,
    "INSERT INTO candidate_search (candidate_search) VALUES ('rebuild')",
)


def up(_migrator, db):
    with db.bind_ctx([KeyRange]):
        db.create_tables([KeyRange], safe=False)
    if isinstance(db, SqliteDatabase):
        for statement in SQLITE_SEARCH:
            db.execute_sql(statement)
