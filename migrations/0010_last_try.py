"""Webhook endpoints say how the last try went, so that a list of them need not look for it."""

from peewee import BigIntegerField, CharField, IntegerField

COLUMNS = {
    "last_tried_at": BigIntegerField(null=True),
    "last_status": IntegerField(null=True),
    "last_error": CharField(null=True),
}


def up(migrator, _db):
    migrator.migrate(
        *(migrator.add_column("webhook_endpoint", name, column) for name, column in COLUMNS.items())
    )
