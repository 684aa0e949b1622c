"""Ranges of the rows that were there before ranges were kept, so that deep pages are fast at once.

Nothing is kept of ranges that are there already: all are laid anew, each list's from its oldest row
on. How long they are, and which lists have any, is a frozen copy of what `ingest/ranges.py` did.
"""

SIZE = 512
MOST = 2 * SIZE
BEGINNING_AT, BEGINNING_ID = -(1 << 60), 0

# Table, the column of the list's posting or 0 for any, that of its status or '' for any.
LISTS = (
    ("job_posting", "0", "''"),
    ("job_posting", "0", "status"),
    ("candidate", "0", "''"),
    ("application", "0", "''"),
    ("application", "0", "status"),
    ("application", "job_posting_id", "''"),
    ("application", "job_posting_id", "status"),
)


def up(_migrator, db):
    db.execute_sql("DELETE FROM key_range")
    for table, posting, status in LISTS:
        db.execute_sql(statement(table, posting, status))


def statement(table, posting, status):
    """Return the statement that lays the ranges of one kind of list.

    `place` is a row's in its list, from the oldest on; every SIZE-th begins a range, but for one
    that would hold fewer rows than SIZE: they belong to the range before it.
    """
    return f"""
        INSERT INTO key_range (
            account_id, table_name, job_posting_id, status, start_at, start_id, row_count
        )
        SELECT account_id, '{table}', posting, kind,
            CASE WHEN place = 0 THEN {BEGINNING_AT} ELSE created_at END,
            CASE WHEN place = 0 THEN {BEGINNING_ID} ELSE id END,
            CASE WHEN every - place > {MOST} THEN {SIZE} ELSE every - place END
        FROM (
            SELECT account_id, {posting} AS posting, {status} AS kind, created_at, id,
                ROW_NUMBER() OVER (
                    PARTITION BY account_id, {posting}, {status} ORDER BY created_at, id
                ) - 1 AS place,
                COUNT(*) OVER (PARTITION BY account_id, {posting}, {status}) AS every
            FROM {table}
        ) AS listed
        WHERE every > {MOST} AND place / {SIZE} * {SIZE} = place
            AND (place = 0 OR every - place > {SIZE})
    """  # noqa: S608 - of constants of this file alone
