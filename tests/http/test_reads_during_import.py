"""Who reads while an import runs sees all of it or nothing, and is never failed."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest

from ingest import imports

WITHIN_S = 60
PATHS = [
    "/job_postings",
    "/job_postings/job_abc123",
    "/job_postings/job_abc123/stages",
    "/candidates",
    "/candidates?search=changed",
    "/candidates?search=ch",
    "/candidates/cand_ghi789",
    "/candidates/cand_new",
    "/applications",
    "/applications/app_jkl012",
]
CHANGED = {
    "job_posting": {"title": "Changed"},
    "stage": {"name": "Changed"},
    "candidate": {"first_name": "Changed"},
    "application": {"status": "rejected"},
    "stage_progress": {"completed_at": None},
}


@pytest.fixture(params=[0, 1 << 20], ids=["none kept", "kept"])
def gateway(start, request):
    return start(answer_cache_bytes=request.param)


@contextmanager
def held_before_the_end(gateway, account, records, monkeypatch):
    """Import in a thread, up to where all rows are written, and nothing that derives from them."""
    written, go_on = threading.Event(), threading.Event()
    derive = imports.bring_up_to_date

    def wait(*arguments):
        written.set()
        assert go_on.wait(WITHIN_S)
        derive(*arguments)

    def load():
        with gateway.database.connection_context():
            gateway.load(account, *records)

    monkeypatch.setattr(imports, "bring_up_to_date", wait)
    thread = threading.Thread(target=load)
    thread.start()
    try:
        assert written.wait(WITHIN_S)
        yield
    finally:
        go_on.set()
        thread.join()


def test_readers_see_all_of_an_import_or_nothing(gateway, acme, full, reference, monkeypatch):
    def seen():
        answers = {path: gateway.get(path, full) for path in PATHS}
        assert {one.status_code for one in answers.values()} <= {200, 404}
        return {
            path: {name: it for name, it in one.json().items() if name != "request_id"}
            for path, one in answers.items()
        }

    before = seen()
    new = next(one for one in reference if one["type"] == "candidate") | {"id": "cand_new"}
    records = [one | CHANGED[one["type"]] for one in (*reference, new)]
    with held_before_the_end(gateway, acme, records, monkeypatch):
        for _ in range(3):
            assert seen() == before
    after = seen()
    assert [path for path in PATHS if after[path] == before[path]] == []
