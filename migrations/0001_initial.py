"""The first schema: accounts, users and tokens; hiring data; its derived counts and search index.

The tables are frozen copies of `models.py` as it was, independent of what it becomes.
"""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
    PeeweeException,
    PostgresqlDatabase,
    SqliteDatabase,
    TextField,
)


class Table(Model):
    class Meta:
        legacy_table_names = False


class Account(Table):
    public_id = CharField(unique=True)
    name = CharField()
    created_at = BigIntegerField()
    revision = BigIntegerField()


class User(Table):
    public_id = CharField(unique=True)
    email = CharField(max_length=254, unique=True)
    password_hash = CharField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "user_account"


class Membership(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    user = ForeignKeyField(User, on_delete="CASCADE")
    role = CharField()
    created_at = BigIntegerField()

    class Meta:
        indexes = ((("account", "user"), True),)


class Token(Table):
    public_id = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField()
    digest = CharField(max_length=64, unique=True)
    last_four = CharField(max_length=4)
    scopes = TextField()
    created_at = BigIntegerField()
    expires_at = BigIntegerField(null=True)
    last_used_at = BigIntegerField(null=True)
    revoked_at = BigIntegerField(null=True)


class JobPosting(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    public_id = CharField(max_length=80)
    title = CharField()
    status = CharField()
    department = CharField(null=True)
    location = CharField(null=True)
    employment_type = CharField()
    remote = BooleanField()
    salary_min = BigIntegerField(null=True)
    salary_max = BigIntegerField(null=True)
    salary_currency = CharField(null=True)
    salary_period = CharField(null=True)
    published_at = BigIntegerField(null=True)
    closed_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    active_applications = IntegerField()
    rejected_applications = IntegerField()

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("account", "created_at", "id"), False),
            (("account", "status", "created_at", "id"), False),
        )


class Stage(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    public_id = CharField(max_length=80)
    job_posting = ForeignKeyField(JobPosting, on_delete="CASCADE", index=False)
    name = CharField()
    stage_type = CharField()
    position = IntegerField()

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("job_posting", "position", "id"), False),
        )


class Candidate(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    public_id = CharField(max_length=80)
    first_name = CharField()
    last_name = CharField()
    email = CharField(max_length=254, null=True)
    phone = CharField(null=True)
    status = CharField()
    github_username = CharField(null=True)
    created_at = BigIntegerField()
    search_name = TextField()
    search_email = TextField(null=True)

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("account", "created_at", "id"), False),
        )


class Application(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    public_id = CharField(max_length=80)
    job_posting = ForeignKeyField(JobPosting, on_delete="CASCADE", index=False)
    candidate = ForeignKeyField(Candidate, on_delete="CASCADE", index=False)
    candidate_public_id = CharField(max_length=80)
    status = CharField()
    submitted_at = BigIntegerField()
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    current_stage = ForeignKeyField(Stage, null=True, on_delete="SET NULL")

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("account", "created_at", "id"), False),
            (("account", "status", "created_at", "id"), False),
            (("job_posting", "created_at", "id"), False),
            (("job_posting", "status", "created_at", "id"), False),
            (("candidate", "submitted_at", "id"), False),
        )


class StageProgress(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    public_id = CharField(max_length=80)
    application = ForeignKeyField(Application, on_delete="CASCADE", index=False)
    stage = ForeignKeyField(Stage, on_delete="CASCADE")
    status = CharField()
    started_at = BigIntegerField(null=True)
    completed_at = BigIntegerField(null=True)

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("application", "started_at", "id"), False),
        )


class RowCount(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    table = CharField(column_name="table_name")
    status = CharField()
    rows = IntegerField(column_name="row_count")

    class Meta:
        indexes = ((("account", "table", "status"), True),)


TABLES = [
    Account,
    User,
    Membership,
    Token,
    JobPosting,
    Stage,
    Candidate,
    Application,
    StageProgress,
    RowCount,
]

# The trigram index keeps no copy of its content, the table `candidate`; triggers follow that.
# Source: SQLite's documentation of FTS5, "External Content Tables".
SQLITE_SEARCH = (
    """
    CREATE VIRTUAL TABLE candidate_search USING fts5(
        search_name, search_email,
        content='candidate', content_rowid='id', tokenize='trigram case_sensitive 1'
    )
    """,
    """
    CREATE TRIGGER candidate_search_insert AFTER INSERT ON candidate BEGIN
        INSERT INTO candidate_search (rowid, search_name, search_email)
        VALUES (new.id, new.search_name, new.search_email);
    END
    """,
    """
    CREATE TRIGGER candidate_search_delete AFTER DELETE ON candidate BEGIN
        INSERT INTO candidate_search (candidate_search, rowid, search_name, search_email)
        VALUES ('delete', old.id, old.search_name, old.search_email);
    END
    """,
    """
    CREATE TRIGGER candidate_search_update AFTER UPDATE OF search_name, search_email ON candidate
    BEGIN
        INSERT INTO candidate_search (candidate_search, rowid, search_name, search_email)
        VALUES ('delete', old.id, old.search_name, old.search_email);
        INSERT INTO candidate_search (rowid, search_name, search_email)
        VALUES (new.id, new.search_name, new.search_email);
    END
    """,
)

POSTGRES_SEARCH = (
    "CREATE INDEX candidate_search_name ON candidate USING gin (search_name gin_trgm_ops)",
    "CREATE INDEX candidate_search_email ON candidate USING gin (search_email gin_trgm_ops)",
)


def up(_migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)
    for statement in search_index(db):
        db.execute_sql(statement)


def search_index(db):
    """Return the statements that make the index for search; none where it must scan."""
    if isinstance(db, SqliteDatabase):
        return SQLITE_SEARCH
    if isinstance(db, PostgresqlDatabase) and has_pg_trgm(db):
        return POSTGRES_SEARCH
    return ()


def has_pg_trgm(db):
    """Return whether the extension is there or could be created."""
    try:
        with db.atomic():
            db.execute_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except PeeweeException:  # not installed on the server, or not allowed
        return False
    return True
