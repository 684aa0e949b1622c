"""The migrated schema is the one of the models, on both databases, from empty."""

from __future__ import annotations

from playhouse.schema_diff import diff_models

import models
from gateway import schema
from gateway.database import connect


def test_migrations_make_the_schema_of_the_models(db):
    difference = diff_models(db, models.TABLES)
    # What a model cannot say: PostgreSQL's trigram indexes.
    extra = [index for index in difference.drop_indexes if not index.name.endswith("_trgm")]
    assert not extra
    assert not any((difference.create_tables, difference.add_columns, difference.drop_columns)), (
        difference
    )
    assert not difference.add_indexes


def test_migrating_is_repeatable(empty_database_url):
    database = connect(empty_database_url)
    with database.connection_context():
        assert schema.pending(database) == schema.migrate(database) != []
        assert schema.migrate(database) == schema.pending(database) == []
    database.close_all()


def test_a_column_that_no_migration_knows_is_noticed(db):
    class Extended(models.Account):
        nickname = models.CharField(null=True)

        class Meta:
            table_name = "account"

    assert diff_models(db, [Extended])
