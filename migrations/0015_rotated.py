"""The index of secrets before a rotation holds rotated tokens alone.

SQLite's statistics (ANALYZE) count NULLs as equal: of an index that is full of them it would rather
read the whole table, for each secret that nobody has. The table is a frozen copy of `models.py`.
"""

from peewee import CharField, Model


class Token(Model):
    previous_digest = CharField(max_length=64, null=True)

    class Meta:
        legacy_table_names = False


INDEX = "token_previous_digest"


def up(migrator, db):
    migrator.migrate(migrator.drop_index("token", INDEX))
    with db.bind_ctx([Token]):
        rotated = Token.index(Token.previous_digest, unique=True, name=INDEX)
        db.execute(rotated.where(Token.previous_digest.is_null(False)))
