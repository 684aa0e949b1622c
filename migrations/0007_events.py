"""The outbox: what happened to hiring data, for who listens.

The table is a frozen copy of the one in `models.py` as it was.
"""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    ForeignKeyField,
    Model,
    NodeList,
)


class NeverAgainField(BigAutoField):
    def ddl(self, ctx):
        column = super().ddl(ctx)
        if ctx.state.field_types["BIGAUTO"] == "INTEGER":
            return NodeList((column, SQL("AUTOINCREMENT")))
        return column


class Table(Model):
    class Meta:
        legacy_table_names = False


class Account(Table):
    pass


class Event(Table):
    id = NeverAgainField()
    public_id = CharField(max_length=80)
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    type = CharField(max_length=80)
    subject_id = CharField(max_length=80)
    occurred_at = BigIntegerField()

    class Meta:
        indexes = ((("account", "id"), False),)


TABLES = [Account, Event]


def up(_migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables([Event], safe=False)
