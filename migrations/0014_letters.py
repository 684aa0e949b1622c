"""Counts of letters, and of two in a row, for searches that are too short for an index of trigrams.

The table is a frozen copy of `models.py` as it was, and the counting one of `ingest/letters.py`.
"""

from collections import Counter
from itertools import pairwise

from peewee import CharField, ForeignKeyField, IntegerField, Model, TextField, chunked

BATCH = 20_000
WRITTEN = 200


class Table(Model):
    class Meta:
        legacy_table_names = False


class Account(Table):
    pass


class Candidate(Table):
    account = ForeignKeyField(Account, index=False)
    search_name = TextField()
    search_email = TextField(null=True)


class LetterCount(Table):
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    text = CharField()
    rows = IntegerField(column_name="row_count")

    class Meta:
        indexes = ((("account", "text"), True),)


def up(_migrator, db):
    with db.bind_ctx([Account, Candidate, LetterCount]):
        db.create_tables([LetterCount], safe=False)
        for account in list(Account.select()):
            rows = [(account, text, number) for text, number in counted(account).items()]
            for part in chunked(rows, WRITTEN):
                LetterCount.insert_many(part).execute()


def counted(account):
    counts = Counter()
    last = 0
    query = Candidate.select(Candidate.id, Candidate.search_name, Candidate.search_email)
    while rows := list(
        query.where(Candidate.account == account, Candidate.id > last)
        .order_by(Candidate.id)
        .limit(BATCH)
        .tuples()
    ):
        for _, *texts in rows:
            counts.update(texts_in(texts))
        last = rows[-1][0]
    return counts


def texts_in(row):
    found = set()
    for text in filter(None, row):
        found.update(text)
        found.update(map("".join, pairwise(text)))
    return found
