"""Background jobs: who runs them, when they are due, mail that waits, alerts that were given.

The tables are frozen copies of `models.py` as it was, independent of what it becomes.
"""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField


class Table(Model):
    class Meta:
        legacy_table_names = False


class Account(Table):
    pass


class User(Table):
    class Meta:
        table_name = "user_account"


class Token(Table):
    pass


class Lease(Table):
    name = CharField(unique=True)
    holder = CharField()
    expires_at = BigIntegerField()


class ScheduledJob(Table):
    name = CharField(unique=True)
    due_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)
    failures = IntegerField()


class OutgoingMail(Table):
    key = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    subject = TextField()
    text = TextField()
    message_id = CharField()
    created_at = BigIntegerField()
    due_at = BigIntegerField(null=True, index=True)
    claimed_until = BigIntegerField()
    tries = IntegerField()
    sent_at = BigIntegerField(null=True)


class AlertDigest(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    day = CharField(max_length=10)
    created_at = BigIntegerField()

    class Meta:
        indexes = ((("account", "day"), True),)


class InactivityAlert(Table):
    token = ForeignKeyField(Token, on_delete="CASCADE", index=False)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    digest = ForeignKeyField(AlertDigest, on_delete="CASCADE")
    unused_since = BigIntegerField()

    class Meta:
        indexes = ((("token", "unused_since"), True),)


TABLES = [Lease, ScheduledJob, OutgoingMail, AlertDigest, InactivityAlert]


def up(_migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)
