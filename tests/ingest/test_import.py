"""What an import stores. Contract, section 3, sentence by sentence; faults are in test_refusals."""

from __future__ import annotations

import io
import itertools
import json
import threading

import pytest
from records import application, as_lines, candidate, entry, one_of_each, posting, stage

import ingest
from gateway.accounts import delete_account
from gateway.audit import SYSTEM
from gateway.database import connect
from gateway.errors import CommandError
from ingest import Counts
from models import Account, Application, Candidate, JobPosting, RowCount, Stage, StageProgress

CONTRACT = """\
{"type":"job_posting","id":"job_abc123","title":"Senior Rails Developer","status":"published",\
"department":"Engineering","location":"New York, NY","employment_type":"full_time","remote":true,\
"salary_min":"120000.0","salary_max":"180000.0","salary_currency":"USD","salary_period":"year",\
"published_at":"2026-01-15T10:00:00Z","closed_at":null,"created_at":"2026-01-10T08:30:00Z",\
"updated_at":"2026-02-01T14:20:00Z"}
{"type":"stage","id":"stg_def456","job_posting_id":"job_abc123","name":"Screening",\
"stage_type":"default","position":0}
{"type":"candidate","id":"cand_ghi789","first_name":"John","last_name":"Doe",\
"email":"john@example.com","phone":"+1-555-0100","status":"active","github_username":"johndoe",\
"created_at":"2026-01-20T09:15:00Z"}
{"type":"application","id":"app_jkl012","job_posting_id":"job_abc123",\
"candidate_id":"cand_ghi789","status":"active","submitted_at":"2026-01-20T09:15:00Z",\
"created_at":"2026-01-20T09:15:00Z","updated_at":"2026-02-10T11:30:00Z"}
{"type":"stage_progress","id":"sp_mno345","application_id":"app_jkl012","stage_id":"stg_def456",\
"status":"completed","started_at":"2026-01-20T09:15:00Z","completed_at":"2026-01-25T16:00:00Z"}
"""


def test_the_contracts_example_is_stored(load):
    load(CONTRACT.encode())

    job = JobPosting.get()
    assert (job.public_id, job.title, job.remote, job.closed_at) == (
        "job_abc123",
        "Senior Rails Developer",
        True,
        None,
    )
    assert (job.salary_min, job.published_at) == (12_000_000, 1_768_471_200)
    assert (job.active_applications, job.rejected_applications) == (1, 0)
    step = Stage.get()
    assert (step.job_posting, step.name, step.position) == (job, "Screening", 0)
    person = Candidate.get()
    assert (person.email, person.phone) == ("john@example.com", "+1-555-0100")
    assert (person.search_name, person.search_email) == ("john doe", "john@example.com")
    way = Application.get()
    assert (way.job_posting, way.candidate, way.current_stage) == (job, person, step)
    assert way.candidate_public_id == "cand_ghi789"
    row = StageProgress.get()
    assert (row.application, row.stage, row.completed_at) == (way, step, 1_769_356_800)


def test_what_became_of_records_is_reported(load):
    first = load(*one_of_each())
    second = load(candidate(), posting(title="Other"), stage("stg_b"))

    assert set(first.counts.values()) == {Counts(created=1, updated=0, unchanged=0)}
    assert second.counts == {
        "job_posting": Counts(created=0, updated=1, unchanged=0),
        "stage": Counts(created=1, updated=0, unchanged=0),
        "candidate": Counts(created=0, updated=0, unchanged=1),
        "application": Counts(created=0, updated=0, unchanged=0),
        "stage_progress": Counts(created=0, updated=0, unchanged=0),
    }
    assert first.changed
    assert second.changed


def test_seconds_are_those_of_the_clock(load):
    ticks = itertools.count(100, 7)

    assert load(candidate(), clock=lambda: next(ticks)).seconds == 7


# --- repeated, updated ----------------------------------------------------------------------------


def test_an_import_can_be_repeated(load, stored):
    load(*one_of_each())
    before = stored()

    report = load(*one_of_each())

    assert not report.changed
    assert stored() == before


def test_fields_that_an_update_leaves_out_stay_as_they_are(load):
    load(posting(department="Sales", salary_min="1.5", remote=True))

    load({"type": "job_posting", "id": "job_a", "title": "Clerk"})

    job = JobPosting.get()
    assert (job.title, job.department, job.salary_min, job.remote) == ("Clerk", "Sales", 150, True)


def test_an_update_with_null_clears_the_field(load):
    load(posting(department="Sales", closed_at="2026-01-15T10:00:00Z"))

    load({"type": "job_posting", "id": "job_a", "department": None, "closed_at": None})

    assert (JobPosting.get().department, JobPosting.get().closed_at) == (None, None)


def test_an_update_may_set_what_was_null(load):
    load(candidate())

    load({"type": "candidate", "id": "cand_a", "email": "Ann@Example.com", "phone": "1"})

    person = Candidate.get()
    assert (person.email, person.phone) == ("Ann@Example.com", "1")
    assert person.search_email == "ann@example.com"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"first_name": "José"}, "jose lee"),
        ({"last_name": "Straße"}, "ann strasse"),
        ({"first_name": "Y", "last_name": "Z"}, "y z"),
        ({"phone": "1"}, "ann lee"),
    ],
)
def test_search_text_follows_an_update_of_either_name(load, fields, name):
    load(candidate())

    load({"type": "candidate", "id": "cand_a", **fields})

    assert Candidate.get().search_name == name


def test_references_may_be_left_out_of_an_update(load):
    load(*one_of_each())

    load(
        {"type": "stage", "id": "stg_a", "name": "Call"},
        {"type": "application", "id": "app_a", "status": "rejected"},
        {"type": "stage_progress", "id": "sp_a", "status": "in_progress"},
    )

    assert Stage.get().name == "Call"
    assert Application.get().status == "rejected"
    assert StageProgress.get().status == "in_progress"
    assert Application.get().candidate_public_id == "cand_a"


def test_an_entry_may_go_to_another_stage_of_its_posting(load):
    load(*one_of_each(), stage("stg_b", position=1))

    report = load({"type": "stage_progress", "id": "sp_a", "stage_id": "stg_b"})

    assert report.counts["stage_progress"].updated == 1
    assert Application.get().current_stage.public_id == "stg_b"


def test_a_new_record_may_leave_out_what_may_be_null(load):
    load(posting(), candidate())

    job, person = JobPosting.get(), Candidate.get()
    assert (job.department, job.location, job.salary_min, job.salary_max) == (None,) * 4
    assert (job.salary_currency, job.salary_period, job.published_at, job.closed_at) == (None,) * 4
    assert (person.email, person.phone, person.github_username) == (None,) * 3
    assert person.search_email is None


# --- ids and accounts -----------------------------------------------------------------------------


def test_ids_are_case_sensitive(load):
    load(candidate("cand_a", first_name="Ann"), candidate("cand_A", first_name="Bob"))
    load({"type": "candidate", "id": "cand_A", "first_name": "Cy"})

    names = {one.public_id: one.first_name for one in Candidate.select()}
    assert names == {"cand_a": "Ann", "cand_A": "Cy"}


def test_the_same_data_can_be_loaded_into_two_accounts(load, account, other, stored):
    load(*one_of_each())
    load(*one_of_each(), into=other)
    load({"type": "candidate", "id": "cand_a", "first_name": "Eve"}, into=other)

    for owner, name in ((account, "Ann"), (other, "Eve")):
        way = Application.get(Application.account == owner)
        assert way.candidate.first_name == name
        assert {way.candidate.account, way.job_posting.account, way.current_stage.account} == {
            owner
        }
        entries = StageProgress.select().where(StageProgress.account == owner)
        assert [row.application for row in entries] == [way]


def test_references_may_lead_to_stored_records(load):
    for record in one_of_each():
        load(record)

    assert StageProgress.get().application.candidate.first_name == "Ann"
    assert Application.get().current_stage == Stage.get()


def test_records_may_come_in_any_order(load, stored, db, account):
    dumps = []
    for records in itertools.permutations(one_of_each()):
        with db.atomic() as transaction:
            load(*records)
            dumps.append({table: [row[1:] for row in rows] for table, rows in stored().items()})
            way = Application.get()
            assert way.candidate == Candidate.get()
            assert way.current_stage == Stage.get()
            transaction.rollback()

    assert len({json.dumps(sorted(d["row_count"])) for d in dumps}) == 1


def test_rows_are_in_order_of_first_appearance(load):
    load(candidate("cand_c"), posting(), candidate("cand_a"), candidate("cand_b"))
    load(candidate("cand_d"), candidate("cand_a", phone="1"))

    rows = Candidate.select().order_by(Candidate.id)
    assert [one.public_id for one in rows] == ["cand_c", "cand_a", "cand_b", "cand_d"]


def test_rows_of_several_files_are_in_order_of_the_files(db, account, tmp_path):
    paths = [tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
    for path, public_id in zip(paths, ("cand_b", "cand_a"), strict=True):
        path.write_bytes(as_lines([candidate(public_id)]))

    ingest.import_files(db, account, [*paths, io.BytesIO(as_lines([candidate("cand_0")]))])

    rows = Candidate.select().order_by(Candidate.id)
    assert [one.public_id for one in rows] == ["cand_b", "cand_a", "cand_0"]


# --- forms of values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hundredths", "shown"),
    [
        ("120000", 12_000_000, "120000.0"),
        ("120000.0", 12_000_000, "120000.0"),
        ("120000.50", 12_000_050, "120000.5"),
        ("99999.99", 9_999_999, "99999.99"),
        ("0.05", 5, "0.05"),
        ("007", 700, "7.0"),
        ("999999999999.99", 99_999_999_999_999, "999999999999.99"),
    ],
)
def test_salaries_are_kept_to_the_hundredth(load, text, hundredths, shown):
    load(posting(salary_min=text))

    assert JobPosting.get().salary_min == hundredths
    assert JobPosting.salary_min.document_value(hundredths) == shown


def test_times_are_kept_in_utc_and_fractions_cut(load):
    load(candidate(created_at="2026-01-15T12:30:00.999+02:30"))

    assert Candidate.get().created_at == 1_768_471_200


@pytest.mark.parametrize(
    "email",
    [
        "john@example.com",
        "o'brien+tag@sub.example.co.uk",
        "JOHN@EXAMPLE.COM",
        "jürgen@exämple.de",
        "测试@例え.jp",
        "चंद्र@उदाहरण.भारत",
        "a@пример.рф",
        "a" * 64 + "@" + ".".join(["b" * 61] * 3) + ".de",
    ],
)
def test_ordinary_addresses_of_all_countries_are_taken_as_they_are(load, email):
    load(candidate(email=email))

    assert Candidate.get().email == email


@pytest.mark.parametrize("name", ["x" * 255, "🙂" * 255, "é", " ", "\u202e", "\x01", "'; --", "%s"])
def test_texts_are_kept_as_they_are(load, name):
    load(candidate(first_name=name))

    assert Candidate.get().first_name == name


@pytest.mark.parametrize("position", [0, 2_147_483_647])
def test_positions_go_to_the_end_of_their_range(load, position):
    load(posting(), stage(position=position))

    assert Stage.get().position == position


def test_ids_may_have_64_letters_and_digits(load):
    load(candidate("cand_" + "aZ09" * 16))

    assert Candidate.get().public_id == "cand_" + "aZ09" * 16


# --- forms of files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + as_lines([candidate()]),
        b"\n \t\r\n" + as_lines([candidate()]) + b"\n\n",
        as_lines([candidate()]).rstrip(b"\n"),
        as_lines([candidate()]).replace(b"\n", b"\r\n"),
        b"\t" + as_lines([candidate()]).replace(b":", b" : "),
    ],
)
def test_blank_lines_a_bom_and_white_space_are_passed_over(load, content):
    content = content.replace(b"T10 : 00 : 00Z", b"T10:00:00Z")

    assert load(content).counts["candidate"].created == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_changes_nothing(load, content):
    assert not load(content).changed


def test_a_bom_starts_each_of_several_files(db, account):
    files = [
        io.BytesIO(b"\xef\xbb\xbf" + as_lines([candidate(f"cand_{name}")])) for name in ("a", "b")
    ]

    assert ingest.import_files(db, account, files).counts["candidate"].created == 2


def test_all_bytes_are_reported_as_progress(db, account, tmp_path):
    content = as_lines([candidate(f"cand_{n}", phone="x" * 200) for n in range(9_000)])
    path = tmp_path / "big.jsonl"
    path.write_bytes(content)
    parts: list[int] = []

    ingest.import_files(db, account, [path], progress=parts.append)

    assert sum(parts) == len(content)
    assert len(parts) > 1


def test_records_of_several_batches_are_all_stored(load):
    records = [candidate(f"cand_{n}") for n in range(4_001)]

    assert load(*records).counts["candidate"].created == 4_001
    assert Candidate.select().count() == 4_001


# --- one transaction ------------------------------------------------------------------------------


def test_a_dry_run_checks_counts_and_stores_nothing(load, refusal, stored):
    before = stored()

    report = load(*one_of_each(), dry_run=True)

    assert report.counts["candidate"].created == 1
    assert stored() == before
    assert refusal(entry(), dry_run=True)


def test_temporary_tables_are_gone_afterwards(load, refusal, db, dialect):
    load(*one_of_each())
    load(*one_of_each(), dry_run=True)
    refusal({"type": "candidate"})

    where = (
        "sqlite_temp_schema"
        if dialect == "sqlite"
        else "pg_tables WHERE tablename ~ '^(staged|resolved|stage_ch)'"
    )
    assert db.execute_sql(f"SELECT COUNT(*) FROM {where}").fetchone() == (0,)
    load(*one_of_each())


def test_the_connection_is_as_it_was_afterwards(load, db, dialect):
    if dialect == "postgres":  # nothing is set there
        return
    before = db.pragma("busy_timeout"), db.pragma("mmap_size")

    load(*one_of_each())

    assert (db.pragma("busy_timeout"), db.pragma("mmap_size")) == before
    assert before == (5_000, 1 << 30)


class Pausing(io.BytesIO):
    """A stream that waits at its end."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.at_end = threading.Event()
        self.go_on = threading.Event()

    def readline(self, size=-1):
        line = super().readline(size)
        if not line:
            self.at_end.set()
            assert self.go_on.wait(60)
        return line


def in_a_thread(url, work):
    """Run *work* with a pool of its own; return a function that waits and gives its result."""
    results = []

    def run():
        database = connect_unbound(url)
        with database.connection_context():
            try:
                results.append(work(database))
            except Exception as error:
                results.append(error)
        database.close_all()

    thread = threading.Thread(target=run)
    thread.start()

    def result():
        thread.join(60)
        assert results, "it never ended"
        return results[0]

    return result


def connect_unbound(url):
    """Connect without taking the models along."""
    import models

    bound = models.database.obj
    database = connect(url)
    models.database.initialize(bound)
    return database


def test_others_read_and_write_while_files_are_read(db, database_url, account, other, load):
    stream = Pausing(as_lines([candidate("cand_slow")]))
    slow = in_a_thread(
        database_url, lambda database: ingest.import_files(database, account, [stream])
    )
    assert stream.at_end.wait(60)

    load(candidate("cand_quick"))
    load(candidate("cand_quick"), into=other)
    assert [one.public_id for one in Candidate.select()] == ["cand_quick"] * 2

    stream.go_on.set()
    assert slow().counts["candidate"].created == 1
    assert Candidate.select().count() == 3


def test_imports_into_one_account_wait_for_each_other(db, database_url, account, load):
    with db.atomic("IMMEDIATE") if database_url.startswith("sqlite") else db.atomic():
        load(candidate("cand_a", phone="1"))
        waiting = in_a_thread(
            database_url,
            lambda database: ingest.import_files(
                database, account, [io.BytesIO(as_lines([candidate("cand_a", phone="2")]))]
            ),
        )
        assert Candidate.get().phone == "1"

    assert waiting().counts["candidate"] == Counts(created=0, updated=1, unchanged=0)
    assert Candidate.get().phone == "2"
    assert RowCount.get().rows == 1
    assert Account.get_by_id(account.id).revision == 2


def test_many_imports_at_once_are_all_counted(db, database_url, account):
    def importing(number):
        records = [candidate(f"cand_{number}x{n}") for n in range(50)]
        records += [candidate("cand_shared", phone=str(number))]
        return lambda database: ingest.import_files(
            database, account, [io.BytesIO(as_lines(records))]
        )

    results = [in_a_thread(database_url, importing(number)) for number in range(6)]

    assert sum(result().counts["candidate"].created for result in results) == 301
    assert RowCount.get().rows == Candidate.select().count() == 301
    assert Account.get_by_id(account.id).revision == 6
    assert not ingest.rebuild(db).changed


def test_an_account_that_was_deleted_is_not_imported_into(load, account, stored):
    delete_account(account, by=SYSTEM, now=0)

    with pytest.raises(CommandError, match=f"`{account.public_id}` has been deleted"):
        load(candidate())


# --- revision -------------------------------------------------------------------------------------


def test_the_revision_grows_with_each_change_and_with_nothing_else(load, refusal, account, other):
    def revision():
        return Account.get_by_id(account.id).revision

    assert revision() == 0
    load(*one_of_each())
    assert revision() == 1
    load(*one_of_each())
    load(*one_of_each(), into=other)
    load(candidate("cand_x"), dry_run=True)
    refusal(application("app_x", candidate_id="cand_y"))
    assert revision() == 1
    load({"type": "candidate", "id": "cand_a", "phone": "1"})
    assert revision() == 2
