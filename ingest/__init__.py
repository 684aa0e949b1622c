"""The one writer of hiring data: import files become rows, and what derives from them.

`import_files` is the way in: `lines` are decoded, `staging` checks each by itself, `resolve` checks
them together and against what is stored, `apply` writes them, `derived` keeps counts and current
stages right, `events` notes what happened, for who listens. `rebuild` computes derived data anew.
`records` says what can be imported.

Beside a request's way: nothing here is used while a request is answered.
"""

from ingest.apply import Counts
from ingest.findings import MAX_FINDINGS, ImportRefused
from ingest.imports import ImportReport, import_files
from ingest.rebuild import RebuildReport, rebuild
from ingest.records import schema

SCHEMA = schema()

__all__ = [
    "MAX_FINDINGS",
    "SCHEMA",
    "Counts",
    "ImportRefused",
    "ImportReport",
    "RebuildReport",
    "import_files",
    "rebuild",
]
