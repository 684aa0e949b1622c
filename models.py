"""What is stored: tables, keys and relations.

Integer keys inside, prefix ids (`job_abc123`) outside; those of hiring data are unique within
their account, so the same data can be loaded into two accounts. Times are whole seconds since the
Unix epoch, UTC. Amounts of money are integers in hundredths of the currency unit.

`DATABASE_URL` decides the database: `connect` binds the models to SQLite or PostgreSQL. The schema
is made by `migrations/`; nothing here creates a table. A field whose stored value differs from the
one in documents says how: `document_value`.

Columns marked "derived" are written by `ingest/` alone, in the transaction of the rows that they
derive from; `gateway rebuild` recomputes them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    DatabaseProxy,
    ForeignKeyField,
    IntegerField,
    Model,
    NodeList,
    TextField,
)

database = DatabaseProxy()


EPOCH = datetime(1970, 1, 1)


class UtcSecondsField(BigIntegerField):
    """A time: whole seconds since 1970-01-01T00:00:00Z."""

    @staticmethod
    @lru_cache(maxsize=16_384)
    def document_value(seconds: int) -> str:
        """Return the time as documents show it: `2026-01-15T10:00:00Z`."""
        return (EPOCH + timedelta(seconds=seconds)).isoformat() + "Z"


class HundredthsField(BigIntegerField):
    """An amount of money in hundredths of its currency unit."""

    @staticmethod
    def document_value(hundredths: int) -> str:
        """Return the amount as documents show it: `120000.0`, `99999.99`."""
        units, rest = divmod(hundredths, 100)
        return f"{units}.{rest:02d}" if rest % 10 else f"{units}.{rest // 10}"


class WordsField(TextField):
    """A set of words without blanks: sorted, separated by single blanks; empty: none."""

    @staticmethod
    def document_value(words: str) -> list[str]:
        """Return the words as documents show them: a list."""
        return words.split()


class FlagField(BooleanField):
    """A truth value; SQLite hands it out as 0 or 1."""

    document_value = staticmethod(bool)


class NeverAgainField(BigAutoField):
    """A primary key that is given once: never again, even after the last row was deleted."""

    def ddl(self, ctx: Any) -> Any:
        """Return the column's definition."""
        column = super().ddl(ctx)
        # What is a type of its own elsewhere (`BIGSERIAL`) is a word at the end on SQLite.
        if ctx.state.field_types["BIGAUTO"] == "INTEGER":
            return NodeList((column, SQL("AUTOINCREMENT")))
        return column


class Table(Model):
    """Base of every table."""

    id: Any  # peewee adds the field

    class Meta:
        database = database
        legacy_table_names = False


# --- who may read -------------------------------------------------------------------------------


class Account(Table):
    """A tenant: all hiring data, tokens and memberships belong to one."""

    public_id = CharField(unique=True)
    name = CharField()
    created_at = UtcSecondsField()
    revision = BigIntegerField(default=0)  # derived: grows with every change of its hiring data


class User(Table):
    """A person who owns tokens; what they may do in an account stands in `Membership`."""

    public_id = CharField(unique=True)
    email = CharField(max_length=254, unique=True)  # lower case
    password_hash = CharField(null=True)
    created_at = UtcSecondsField()

    class Meta:
        table_name = "user_account"  # `user` is a reserved word of PostgreSQL


class Membership(Table):
    """A user's role in an account: `admin` or `member`."""

    account_id: Any  # peewee adds it
    account = ForeignKeyField(Account, backref="memberships", on_delete="CASCADE", index=False)
    user = ForeignKeyField(User, backref="memberships", on_delete="CASCADE")
    role = CharField()
    created_at = UtcSecondsField()

    class Meta:
        indexes = ((("account", "user"), True),)


class Token(Table):
    """An API token. Of the secret only its SHA-256 and its last four digits are kept.

    `previous_…` is of the secret before the last rotation; all null once it is of no use.
    """

    public_id = CharField(unique=True)
    account = ForeignKeyField(Account, backref="tokens", on_delete="CASCADE")
    user = ForeignKeyField(User, backref="tokens", on_delete="CASCADE")
    name = CharField()
    digest = CharField(max_length=64, unique=True)
    last_four = CharField(max_length=4)
    scopes = WordsField()
    created_at = UtcSecondsField()
    expires_at = UtcSecondsField(null=True)
    last_used_at = UtcSecondsField(null=True)
    revoked_at = UtcSecondsField(null=True)
    rotated_at = UtcSecondsField(null=True)
    previous_digest = CharField(max_length=64, null=True)
    previous_last_four = CharField(max_length=4, null=True)
    previous_expires_at = UtcSecondsField(null=True)


# Of rotated tokens alone: SQLite's statistics (ANALYZE) count NULLs as equal, and of an index that
# is full of them it would rather read the whole table, for each unknown secret.
Token.add_index(
    Token.index(Token.previous_digest, unique=True, name="token_previous_digest").where(
        Token.previous_digest.is_null(False)
    )
)


# --- who signs in -------------------------------------------------------------------------------


class Session(Table):
    """A signed-in browser. Of the random id in its cookie only the SHA-256 is kept."""

    public_id = CharField(unique=True)
    digest = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, backref="sessions", on_delete="CASCADE")
    selected_account_id: Any  # peewee adds it
    # Not named `account`: what bears that name is deleted with the account, this is let go.
    selected_account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    created_at = UtcSecondsField(index=True)
    seen_at = UtcSecondsField()
    address = CharField()  # the client's, at sign-in
    agent = CharField()  # the browser's own words
    notice = TextField(null=True)  # what its next page says once


class SpentForm(Table):
    """A form that was sent and must not be sent again. It goes with its session."""

    session = ForeignKeyField(Session, on_delete="CASCADE", index=False)
    form = CharField(max_length=64)

    class Meta:
        indexes = ((("session", "form"), True),)


class SignInAttempts(Table):
    """Failed sign-ins in a row, by whom they count against: an address or a user's e-mail."""

    key = CharField(max_length=64, unique=True)  # a digest: no e-mail address of who is no user
    failures = IntegerField()
    failed_at = UtcSecondsField(index=True)
    blocked_until = UtcSecondsField()


class Invitation(Table):
    """An offer to join an account, bound to an e-mail address. Of its code the SHA-256 is kept."""

    public_id = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    email = CharField(max_length=254)  # lower case
    role = CharField()
    digest = CharField(max_length=64, unique=True)
    created_at = UtcSecondsField()
    expires_at = UtcSecondsField()

    class Meta:
        indexes = ((("account", "email"), True),)


# --- what was done: kept for good ---------------------------------------------------------------


class AuditEntry(Table):
    """What somebody did: one row, which triggers of the database keep as it was written.

    No foreign keys: it outlives what it tells of, with the ids and names of then.
    """

    public_id = CharField(unique=True)
    at = UtcSecondsField()
    action = CharField()  # `token.created`: see gateway/audit/record.py
    account_public_id = CharField(null=True)
    account_name = CharField(null=True)
    actor_kind = CharField()
    actor_public_id = CharField(null=True)
    actor_name = CharField(null=True)  # an e-mail address, or a user's name at the shell
    via = CharField()
    address = CharField(null=True)
    subject_public_id = CharField(null=True)
    subject_name = CharField(null=True)
    before = TextField(null=True)  # JSON: what was changed, as it was
    after = TextField(null=True)  # JSON: the same, as it is since

    class Meta:
        indexes = (
            (("at", "id"), False),
            (("account_public_id", "at", "id"), False),
        )


# --- what is done beside requests: background jobs, mail, alerts ---------------------------------


class Lease(Table):
    """Which process does what only one may do at a time; see `gateway/jobs/lease.py`."""

    name = CharField(unique=True)
    holder = CharField()
    expires_at = UtcSecondsField()  # by the database's own clock


class ScheduledJob(Table):
    """When a job is due next, and how it went; see `gateway/jobs/scheduler.py`."""

    name = CharField(unique=True)
    due_at = UtcSecondsField()
    ended_at = UtcSecondsField(null=True)
    failures = IntegerField(default=0)  # since the last success


class OutgoingMail(Table):
    """A mail to an administrator that waits to be sent, or was: then its text is gone.

    Attributes:
        key: what it is about and for whom: it is queued once.
        claimed_until: until then a process is sending it.
    """

    key = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    subject = TextField()
    text = TextField()
    message_id = CharField()
    created_at = UtcSecondsField()
    due_at = UtcSecondsField(null=True, index=True)  # null: it was sent, or given up
    claimed_until = UtcSecondsField(default=0)
    tries = IntegerField(default=0)
    sent_at = UtcSecondsField(null=True)


class AlertDigest(Table):
    """The one notice that an account's administrators get in a day."""

    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    day = CharField(max_length=10)  # in UTC: 2026-01-15
    created_at = UtcSecondsField()

    class Meta:
        indexes = ((("account", "day"), True),)


class InactivityAlert(Table):
    """A token's spell of not being used, which was told of in a digest.

    A spell is known by its beginning: the last use of the token, or its creation.
    """

    token = ForeignKeyField(Token, on_delete="CASCADE", index=False)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    digest = ForeignKeyField(AlertDigest, on_delete="CASCADE")
    unused_since = UtcSecondsField()

    class Meta:
        indexes = ((("token", "unused_since"), True),)


# --- what is read: hiring data ------------------------------------------------------------------


class HiringTable(Table):
    """Base of the hiring tables: each row belongs to an account, and is named within it."""

    account: Any
    public_id = CharField(max_length=80)


class JobPosting(HiringTable):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    title = CharField()
    status = CharField()
    department = CharField(null=True)
    location = CharField(null=True)
    employment_type = CharField()
    remote = FlagField()
    salary_min = HundredthsField(null=True)
    salary_max = HundredthsField(null=True)
    salary_currency = CharField(null=True)
    salary_period = CharField(null=True)
    published_at = UtcSecondsField(null=True)
    closed_at = UtcSecondsField(null=True)
    created_at = UtcSecondsField()
    updated_at = UtcSecondsField()
    active_applications = IntegerField(default=0)  # derived
    rejected_applications = IntegerField(default=0)  # derived

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("account", "created_at", "id"), False),
            (("account", "status", "created_at", "id"), False),
        )


class Stage(HiringTable):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    job_posting = ForeignKeyField(JobPosting, on_delete="CASCADE", index=False)
    name = CharField()
    stage_type = CharField()
    position = IntegerField()

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("job_posting", "position", "id"), False),
        )


class Candidate(HiringTable):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    first_name = CharField()
    last_name = CharField()
    email = CharField(max_length=254, null=True)
    phone = CharField(null=True)
    status = CharField()
    github_username = CharField(null=True)
    created_at = UtcSecondsField()
    search_name = TextField()  # derived: "first last", folded for search
    search_email = TextField(null=True)  # derived: the e-mail address, folded for search

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("account", "created_at", "id"), False),
        )


class Application(HiringTable):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    job_posting = ForeignKeyField(JobPosting, on_delete="CASCADE", index=False)
    candidate = ForeignKeyField(Candidate, on_delete="CASCADE", index=False)
    # A copy of Candidate.public_id (which never changes): who may see the id alone reads no row
    # of the candidate table.
    candidate_public_id = CharField(max_length=80)
    status = CharField()
    submitted_at = UtcSecondsField()
    created_at = UtcSecondsField()
    updated_at = UtcSecondsField()
    current_stage = ForeignKeyField(Stage, null=True, on_delete="SET NULL")  # derived

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("account", "created_at", "id"), False),
            (("account", "status", "created_at", "id"), False),
            (("job_posting", "created_at", "id"), False),
            (("job_posting", "status", "created_at", "id"), False),
            (("candidate", "submitted_at", "id"), False),
        )


class StageProgress(HiringTable):
    """One entry of an application's stage history."""

    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    application = ForeignKeyField(Application, on_delete="CASCADE", index=False)
    stage = ForeignKeyField(Stage, on_delete="CASCADE")
    status = CharField()
    started_at = UtcSecondsField(null=True)
    completed_at = UtcSecondsField(null=True)

    class Meta:
        indexes = (
            (("account", "public_id"), True),
            (("application", "started_at", "id"), False),
        )


class RowCount(Table):
    """Derived: how many rows of a hiring table an account has, by status."""

    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    table = CharField(column_name="table_name")
    status = CharField()
    rows = IntegerField(column_name="row_count")

    class Meta:
        indexes = ((("account", "table", "status"), True),)


class LetterCount(Table):
    """Derived: how many candidates have a letter, or two in a row, in what is searched.

    No index of trigrams has them. Letters are code points of `search_name` and `search_email`.
    """

    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    text = CharField()
    rows = IntegerField(column_name="row_count")

    class Meta:
        indexes = ((("account", "text"), True),)


class KeyRange(Table):
    """Derived: how many rows of a list lie between two keys of its order.

    A list is narrowed by job posting and status, or not: 0 and "". A range reaches from its start,
    the `created_at` and `id` of a row, up to the start of the next one of its list.
    """

    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    table = CharField(column_name="table_name")
    job_posting_id = IntegerField()
    status = CharField()
    start_at = UtcSecondsField()
    start_id = IntegerField()
    rows = IntegerField(column_name="row_count")

    class Meta:
        # With the counts, so that adding them up reads the index alone.
        indexes = (
            (
                ("account", "table", "job_posting_id", "status", "start_at", "start_id", "rows"),
                False,
            ),
        )


# --- what is told: events -----------------------------------------------------------------------


class Event(Table):
    """The outbox: one thing that happened to hiring data, written in its transaction.

    An account's events have ascending keys in the order in which they were committed: who writes
    them holds the account's row until the commit. So who has told an endpoint of one key goes on
    with the account's next. Across accounts the keys promise no order, and one with a lower key may
    become visible after one with a higher.

    Attributes:
        public_id: `evt_…`; random, so that no two databases ever make the same one.
        type: of the webhooks that the OpenAPI document declares.
        subject_id: public id of what it happened to.
    """

    id = NeverAgainField()
    public_id = CharField(max_length=80)
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    type = CharField(max_length=80)
    subject_id = CharField(max_length=80)
    occurred_at = UtcSecondsField()

    class Meta:
        indexes = ((("account", "id"), False),)


# --- who is told: webhooks ----------------------------------------------------------------------


class WebhookEndpoint(Table):
    """An address that is told of an account's events.

    Attributes:
        events: types of events that it is told of.
        scopes: what its bodies may show.
        state: `enabled` or `disabled`; see `gateway/webhooks/endpoints.py`.
        disabled_because: null while it is enabled.
        secret, old_secret: encrypted. The old one signs too, until its time is over.
        last_event: key of the last event of the account that was turned into a delivery, or passed
            over.
        failures: how many tries have failed since the last success.
        failing_since: when the first of them did; null: none has.
        rests_until: nothing is sent before.
        last_tried_at: null: nothing was tried yet.
        last_status, last_error: of that try, as of a delivery's.
    """

    account_id: int

    public_id = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    url = TextField()
    description = CharField()
    events = WordsField()
    scopes = WordsField()
    state = CharField()
    disabled_because = CharField(null=True)
    secret = TextField()
    old_secret = TextField(null=True)
    old_secret_until = UtcSecondsField(null=True)
    created_at = UtcSecondsField()
    last_event = BigIntegerField()
    failures = IntegerField(default=0)
    failing_since = UtcSecondsField(null=True)
    rests_until = UtcSecondsField(default=0)
    last_tried_at = UtcSecondsField(null=True)
    last_status = IntegerField(null=True)
    last_error = CharField(null=True)


class WebhookDelivery(Table):
    """One event on its way to one endpoint. It has what it needs of the event, and outlives it.

    Attributes:
        message_id: public id of the event: the same in every try, and for every endpoint.
        state: `pending`, `delivered`, `failed` or `dropped`; see `gateway/webhooks/deliveries.py`.
        due_at: when it is to be tried; null: no more.
        claimed_until: until then a process is trying it; null: none is.
        claim: which process.
        status, error, duration_ms: of the last try.
        ended_at: when it left `pending`.
    """

    public_id = CharField(unique=True)
    endpoint = ForeignKeyField(WebhookEndpoint, on_delete="CASCADE", index=False)
    message_id = CharField(max_length=80)
    type = CharField(max_length=80)
    subject_id = CharField(max_length=80)
    occurred_at = UtcSecondsField()
    created_at = UtcSecondsField()
    state = CharField()
    due_at = UtcSecondsField(null=True)
    claimed_until = UtcSecondsField(null=True)
    claim = CharField(null=True)
    tries = IntegerField(default=0)
    status = IntegerField(null=True)
    error = CharField(null=True)
    duration_ms = IntegerField(null=True)
    ended_at = UtcSecondsField(null=True)

    class Meta:
        indexes = (
            (("endpoint", "message_id"), True),
            (("endpoint", "due_at", "id"), False),
            (("endpoint", "subject_id", "id"), False),
            (("endpoint", "created_at", "id"), False),
            (("created_at",), False),
        )


class WebhookAttempt(Table):
    """One try to deliver: when, how it ended, and the body as it was sent."""

    delivery = ForeignKeyField(WebhookDelivery, on_delete="CASCADE")
    at = UtcSecondsField()
    duration_ms = IntegerField()
    status = IntegerField(null=True)
    error = CharField(null=True)
    body = TextField(null=True)


# Parents before children: the order in which rows can be created.
TABLES: tuple[type[Table], ...] = (
    Account,
    User,
    Membership,
    Token,
    Session,
    SpentForm,
    SignInAttempts,
    Invitation,
    AuditEntry,
    Lease,
    ScheduledJob,
    OutgoingMail,
    AlertDigest,
    InactivityAlert,
    JobPosting,
    Stage,
    Candidate,
    Application,
    StageProgress,
    RowCount,
    LetterCount,
    KeyRange,
    Event,
    WebhookEndpoint,
    WebhookDelivery,
    WebhookAttempt,
)
