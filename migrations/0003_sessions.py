"""Who signs in to the Settings pages: sessions, failed attempts, invitations.

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


class Session(Table):
    public_id = CharField(unique=True)
    digest = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    selected_account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    created_at = BigIntegerField(index=True)
    seen_at = BigIntegerField()
    address = CharField()
    agent = CharField()
    notice = TextField(null=True)


class SpentForm(Table):
    session = ForeignKeyField(Session, on_delete="CASCADE", index=False)
    form = CharField(max_length=64)

    class Meta:
        indexes = ((("session", "form"), True),)


class SignInAttempts(Table):
    key = CharField(max_length=64, unique=True)
    failures = IntegerField()
    failed_at = BigIntegerField(index=True)
    blocked_until = BigIntegerField()


class Invitation(Table):
    public_id = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    email = CharField(max_length=254)
    role = CharField()
    digest = CharField(max_length=64, unique=True)
    created_at = BigIntegerField()
    expires_at = BigIntegerField()

    class Meta:
        indexes = ((("account", "email"), True),)


TABLES = [Session, SpentForm, SignInAttempts, Invitation]


def up(_migrator, db):
    with db.bind_ctx([Account, User, *TABLES]):
        db.create_tables(TABLES, safe=False)
