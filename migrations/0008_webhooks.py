"""Webhooks: the endpoints, what is on its way to them, and each try.

The tables are frozen copies of those in `models.py` as they were.
"""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField


class Table(Model):
    class Meta:
        legacy_table_names = False


class Account(Table):
    pass


class WebhookEndpoint(Table):
    public_id = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    url = TextField()
    description = CharField()
    events = TextField()
    scopes = TextField()
    state = CharField()
    disabled_because = CharField(null=True)
    secret = TextField()
    old_secret = TextField(null=True)
    old_secret_until = BigIntegerField(null=True)
    created_at = BigIntegerField()
    last_event = BigIntegerField()
    failures = IntegerField()
    failing_since = BigIntegerField(null=True)
    rests_until = BigIntegerField()


class WebhookDelivery(Table):
    public_id = CharField(unique=True)
    endpoint = ForeignKeyField(WebhookEndpoint, on_delete="CASCADE", index=False)
    message_id = CharField(max_length=80)
    type = CharField(max_length=80)
    subject_id = CharField(max_length=80)
    occurred_at = BigIntegerField()
    created_at = BigIntegerField()
    state = CharField()
    due_at = BigIntegerField(null=True)
    claimed_until = BigIntegerField(null=True)
    claim = CharField(null=True)
    tries = IntegerField()
    status = IntegerField(null=True)
    error = CharField(null=True)
    duration_ms = IntegerField(null=True)
    ended_at = BigIntegerField(null=True)

    class Meta:
        indexes = (
            (("endpoint", "message_id"), True),
            (("endpoint", "due_at", "id"), False),
            (("endpoint", "subject_id", "id"), False),
            (("endpoint", "created_at", "id"), False),
            (("created_at",), False),
        )


class WebhookAttempt(Table):
    delivery = ForeignKeyField(WebhookDelivery, on_delete="CASCADE")
    at = BigIntegerField()
    duration_ms = IntegerField()
    status = IntegerField(null=True)
    error = CharField(null=True)
    body = TextField(null=True)


TABLES = [Account, WebhookEndpoint, WebhookDelivery, WebhookAttempt]


def up(_migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES[1:], safe=False)
