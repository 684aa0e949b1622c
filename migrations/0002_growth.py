"""Lists of any length: ranges of keys, and a search index that is asked for one account's rows.

The table is a frozen copy of `models.py` as it was, independent of what it becomes. Accounts that
have rows get their ranges from `gateway rebuild`, or from their next import; without ranges, deep
pages are right, but slow.
"""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model


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


def up(_migrator, db):
    with db.bind_ctx([KeyRange]):
        db.create_tables([KeyRange], safe=False)
