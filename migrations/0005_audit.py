"""The audit trail, which nothing can change afterwards.

SQLite's REPLACE deletes a row without firing the trigger of a deletion, so an insertion over a row
is refused on its own.
"""

from peewee import BigIntegerField, CharField, Model, PostgresqlDatabase, TextField


class AuditEntry(Model):
    public_id = CharField(unique=True)
    at = BigIntegerField()
    action = CharField()
    account_public_id = CharField(null=True)
    account_name = CharField(null=True)
    actor_kind = CharField()
    actor_public_id = CharField(null=True)
    actor_name = CharField(null=True)
    via = CharField()
    address = CharField(null=True)
    subject_public_id = CharField(null=True)
    subject_name = CharField(null=True)
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = (
            (("at", "id"), False),
            (("account_public_id", "at", "id"), False),
        )


# The message stands in each trigger, since SQLite takes nothing but a literal there.
SQLITE = (
    """
    CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
    """
    CREATE TRIGGER audit_entry_replace BEFORE INSERT ON audit_entry
    WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = new.id OR public_id = new.public_id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
    """,
)

POSTGRES = (
    """
    CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_append_only()
    """,
    """
    CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()
    """,
)


def up(_migrator, db):
    with db.bind_ctx([AuditEntry]):
        db.create_tables([AuditEntry], safe=False)
    for statement in POSTGRES if isinstance(db, PostgresqlDatabase) else SQLITE:
        db.execute_sql(statement)
