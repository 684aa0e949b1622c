"""Tokens can be rotated: the secret before stays valid for a while beside the new one."""

from peewee import BigIntegerField, CharField

COLUMNS = {
    "rotated_at": BigIntegerField(null=True),
    "previous_digest": CharField(max_length=64, null=True, unique=True),
    "previous_last_four": CharField(max_length=4, null=True),
    "previous_expires_at": BigIntegerField(null=True),
}


def up(migrator, _db):
    migrator.migrate(
        *(migrator.add_column("token", name, column) for name, column in COLUMNS.items())
    )
