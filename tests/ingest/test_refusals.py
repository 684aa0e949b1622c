"""What an import refuses: every fault with file and line, and nothing is stored.

Each `refusal` compares all tables before and after. Contract, section 3.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from records import DAY, application, as_lines, candidate, entry, one_of_each, posting, stage

import ingest
from models import Candidate


def test_what_is_not_json_is_refused_with_the_place(refusal):
    content = as_lines([candidate()]) + b'{"type": "candidate",\n'

    (finding,) = refusal(content)

    assert finding.startswith("-:2: not JSON: ")
    assert finding.endswith("at column 22")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"null", "not a JSON object; a record is `{…}` on one line"),
        (b'[{"type":"candidate"}]', "not a JSON object; a record is `{…}` on one line"),
        (b'"candidate"', "not a JSON object; a record is `{…}` on one line"),
        (b'{"type":"candidate","id":NaN}', "not JSON: `NaN`"),
        (b'{"type":"candidate","id":"cand_a",}', "not JSON: "),
        (b"{'type':'candidate'}", "not JSON: "),
        (b'{"type":"candidate"} x', "not JSON: Extra data at column 22"),
        (b'{"type":"cand\xffidate"}', "not UTF-8: byte 14 of the line"),
        ('{"type":"candidate"}'.encode("utf-16"), "not UTF-8: byte 1 of the line"),
        (b"[" * 100_000, "not a record: nested too deeply"),
        (b'{"id":"' + b"x" * (1 << 20) + b'"}', "longer than 1048576 bytes; a record is one line"),
    ],
)
def test_a_line_that_holds_no_record_is_refused(refusal, line, message):
    findings = refusal(line + b"\n" + as_lines([candidate()]))

    assert findings[0].startswith(f"-:1: {message}")
    assert len(findings) == 1


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b'{"type":"candidate","id":"cand_a","phone":"1","phone":"2"}', "phone"),
        (b'{"type":"candidate","type":"candidate","id":"cand_a"}', "type"),
        (b'{"type":"candidate","id":"cand_a","phone":"1","ph\\u006fne":"2"}', "phone"),
        (b'{"type":"candidate","id":"cand_a","phone" :"1","phone"\t:"2"}', "phone"),
        (b'{"type":"candidate","id":"cand_a","phone":"1","phone" :"2"}', "phone"),
        (b'{"type":"candidate","id":"cand_a","phone":"1","phone"\t:"2"}', "phone"),
        (b'{"type":"candidate","id":"cand_a","phone":"1","phone"\r:"2"}', "phone"),
        (b'{"type":"candidate","id":"cand_a","phone":"1","phone":"1"}', "phone"),
        (b'{"type":"candidate","id":"cand_a","phone":{"x":1,"x":2}}', "x"),
    ],
)
def test_a_key_that_stands_there_twice_is_refused(refusal, line, key):
    assert refusal(line) == [f"-:1: the key `{key}` stands there twice; keep one"]


@pytest.mark.parametrize("text", ['a":', 'a" :', '\\":', "x:y", 'a":"b', " :", "\\\\"])
def test_a_value_that_looks_like_a_key_is_none(load, text):
    load(candidate(first_name=text, last_name=text, phone=text))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": "cand_a"}, "`type` is missing; it must be one of job_posting, stage, candidate, "),
        ({"type": None}, "`type` must be one of job_posting, "),
        ({"type": ["candidate"]}, "`type` must be one of job_posting, "),
        ({"type": "Candidate"}, "unknown type `Candidate`; did you mean `candidate`?"),
        ({"type": "invoice"}, "unknown type `invoice`; it must be one of job_posting, "),
        ({"type": "x" * 200}, f"unknown type `{'x' * 99}…`; "),
        ({"type": "a\x1b[2J\n"}, "unknown type `a�[2J�`; "),
    ],
)
def test_an_unknown_type_is_refused(refusal, record, message):
    (finding,) = refusal(record)

    assert finding.startswith(f"-:1: {message}")


def test_an_unknown_field_is_refused_with_the_one_that_was_meant(refusal):
    assert refusal(candidate(frist_name="Ann"), posting(Title="x"), stage(colour="red")) == [
        "-:1: unknown field `frist_name`; did you mean `first_name`?",
        "-:2: unknown field `Title`; did you mean `title`?",
        "-:3: unknown field `colour`; the keys of `stage` are type, id, job_posting_id, name, "
        "stage_type, position",
    ]


TEXT = "must be a text of 1 to 255 characters"
TIME = "must be a time with an offset, such as 2026-01-15T10:00:00Z"
AMOUNT = 'must be a decimal number in quotes, such as "120000.0"'
POSITION = "must be a whole number from 0 to 2147483647"
EMAIL = "must be an e-mail address of at most 254 characters"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (posting(title=""), f"`title` {TEXT}"),
        (posting(title="x" * 256), f"`title` {TEXT}"),
        (posting(title=1), f"`title` {TEXT}"),
        (posting(title=["x"]), f"`title` {TEXT}"),
        (posting(title=None), "`title` must not be null"),
        (posting(department=""), f"`department` {TEXT}"),
        (posting(status="open"), "`status` must be one of `draft`, `published`, `closed`"),
        (posting(status=1), "`status` must be one of `draft`, `published`, `closed`"),
        (
            posting(status="Published"),
            "`status` must be one of `draft`, `published`, `closed`; did you mean `published`?",
        ),
        (posting(remote="true"), "`remote` must be true or false"),
        (posting(remote=1), "`remote` must be true or false"),
        (posting(remote=None), "`remote` must not be null"),
        (posting(salary_min=120000), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="-1"), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="1.234"), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="1."), f"`salary_min` {AMOUNT}"),
        (posting(salary_min=".5"), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="1e5"), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="1_0"), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="١"), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="1\n"), f"`salary_min` {AMOUNT}"),
        (posting(salary_min=""), f"`salary_min` {AMOUNT}"),
        (posting(salary_min="1234567890123"), f"`salary_min` {AMOUNT}"),
        (posting(created_at="2026-01-15"), f"`created_at` {TIME}"),
        (posting(created_at="2026-01-15T10:00:00"), f"`created_at` {TIME}"),
        (posting(created_at=1768471200), f"`created_at` {TIME}"),
        (posting(created_at="2026-02-30T10:00:00Z"), "`created_at` is not a time that exists"),
        (stage(position=-1), f"`position` {POSITION}"),
        (stage(position=2_147_483_648), f"`position` {POSITION}"),
        (stage(position=10**400), "not JSON that can be read: is a number out of range?"),
        (stage(position=1.5), f"`position` {POSITION}"),
        (stage(position="1"), f"`position` {POSITION}"),
        (stage(position=True), f"`position` {POSITION}"),
        (candidate(email="ann"), f"`email` {EMAIL}"),
        (candidate(email="ann@"), f"`email` {EMAIL}"),
        (candidate(email="ann@example..com"), f"`email` {EMAIL}"),
        (candidate(email="ann lee@example.com"), f"`email` {EMAIL}"),
        (candidate(email="Ann <ann@example.com>"), f"`email` {EMAIL}"),
        (candidate(email="ann@example.com\n"), f"`email` {EMAIL}"),
        (candidate(email=""), f"`email` {EMAIL}"),
        (candidate(email="a@" + ".".join(["b" * 62] * 4) + ".de"), f"`email` {EMAIL}"),
        (candidate(id=None), "`id` must not be null"),
        (candidate(id=7), "`id` must be an id: `cand_` and 1 to 64 letters or digits"),
        (candidate(id="job_a"), "`id` must be an id: `cand_` and 1 to 64 letters or digits"),
        (candidate(id="cand_"), "`id` must be an id: `cand_` and 1 to 64 letters or digits"),
        (candidate(id="CAND_a"), "`id` must be an id: `cand_` and 1 to 64 letters or digits"),
        (candidate(id="cand_a-b"), "`id` must be an id: `cand_` and 1 to 64 letters or digits"),
        (candidate(id="cand_é"), "`id` must be an id: `cand_` and 1 to 64 letters or digits"),
        (candidate(id="cand_a\n"), "`id` must be an id: `cand_` and 1 to 64 letters or digits"),
        (candidate(id="cand_" + "x" * 65), "`id` must be an id: `cand_` and 1 to 64"),
        (application(job_posting_id="a"), "`job_posting_id` must be an id: `job_` and 1 to 64"),
        (application(job_posting_id=None), "`job_posting_id` must not be null"),
    ],
)
def test_a_wrong_value_is_refused_with_what_must_be(refusal, record, message):
    (finding,) = refusal(record)

    assert finding.startswith(f"-:1: {message}")


@pytest.mark.parametrize("depth", [1, 200, 300, 900])
def test_a_nested_value_is_refused(refusal, depth):
    line = as_lines([candidate(phone="?")]).replace(b'"?"', b"[" * depth + b"]" * depth)

    assert refusal(line) == [f"-:1: `phone` {TEXT}"]


def test_an_id_that_is_missing_is_said(refusal):
    record = candidate()
    del record["id"]

    assert refusal(record) == ["-:1: `id` is missing"]


def test_every_fault_of_a_record_is_said(refusal):
    assert refusal(candidate(first_name="", email="x", colour="red", last_name=None)) == [
        f"-:1: `first_name` {TEXT}",
        "-:1: `last_name` must not be null",
        f"-:1: `email` {EMAIL}",
        "-:1: unknown field `colour`; the keys of `candidate` are type, id, first_name, "
        "last_name, email, phone, status, github_username, created_at",
    ]


@pytest.mark.parametrize("text", ["\0", "a\0b"])
def test_nul_is_refused(refusal, text):
    assert refusal(candidate(phone=text)) == [
        "-:1: `phone` must not have the character U+0000; remove it"
    ]


def test_what_only_looks_like_an_escaped_nul_is_none(load):
    load(candidate(phone="\\u0000"))


@pytest.mark.parametrize("text", ["\\ud800", "\\udc00", "a\\ud83dz", "\\ude00\\ud83d"])
def test_a_lone_surrogate_is_refused(refusal, text):
    line = as_lines([candidate(phone="?")]).replace(b"?", text.encode())

    (finding,) = refusal(line)

    assert finding == "-:1: a text has a lone surrogate, such as `\\ud800`; remove it"


def test_a_pair_of_surrogates_is_one_character(load):
    load(as_lines([candidate(phone="?")]).replace(b"?", b"\\ud83d\\ude00"))


# --- more than one record -------------------------------------------------------------------------


def test_a_new_record_needs_what_cannot_be_null(refusal):
    assert refusal(
        {"type": "candidate", "id": "cand_a", "first_name": "Ann", "created_at": DAY},
        {"type": "stage", "id": "stg_a"},
    ) == [
        "-:1: `cand_a` is new and lacks `last_name`, `status`",
        "-:2: `stg_a` is new and lacks `job_posting_id`, `name`, `stage_type`, `position`",
    ]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([stage()], "-:1: `job_posting_id` leads to no job posting"),
        ([posting(), application()], "-:2: `candidate_id` leads to no candidate"),
        ([candidate(), application()], "-:2: `job_posting_id` leads to no job posting"),
        ([posting(), stage(), entry()], "-:3: `application_id` leads to no application"),
        ([posting(), candidate(), application(), entry()], "-:4: `stage_id` leads to no stage"),
        ([posting("job_A"), stage()], "-:2: `job_posting_id` leads to no job posting"),
    ],
)
def test_a_reference_to_nothing_is_refused(refusal, records, message):
    assert refusal(*records) == [
        f"{message} of this import or of the account; add it, or correct the id"
    ]


def test_a_reference_to_another_account_is_one_to_nothing(refusal, load, other):
    load(*one_of_each(), into=other)

    assert refusal(stage("stg_b"), application("app_b"), entry("sp_b")) == [
        "-:1: `job_posting_id` leads to no job posting of this import or of the account; "
        "add it, or correct the id",
        "-:2: `job_posting_id` leads to no job posting of this import or of the account; "
        "add it, or correct the id",
        "-:2: `candidate_id` leads to no candidate of this import or of the account; "
        "add it, or correct the id",
        "-:3: `application_id` leads to no application of this import or of the account; "
        "add it, or correct the id",
        "-:3: `stage_id` leads to no stage of this import or of the account; "
        "add it, or correct the id",
    ]


def test_an_id_of_another_account_is_new_in_this_one(refusal, load, other):
    load(*one_of_each(), into=other)

    (finding,) = refusal({"type": "candidate", "id": "cand_a", "first_name": "Eve"})

    assert finding.startswith("-:1: `cand_a` is new and lacks ")


@pytest.mark.parametrize("known", [False, True])
def test_an_id_twice_in_one_import_is_refused(refusal, load, known):
    if known:
        load(candidate())

    assert refusal(candidate(), posting(), candidate(phone="1"), candidate()) == [
        "-:3: `cand_a` stands on -:1 already; keep one",
        "-:4: `cand_a` stands on -:1 already; keep one",
    ]


def test_an_id_twice_in_two_files_is_refused_with_both_places(db, account, tmp_path):
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path in paths:
        path.write_bytes(b"\n" + as_lines([candidate()]))

    with pytest.raises(ingest.ImportRefused) as refused:
        ingest.import_files(db, account, paths)

    assert [str(finding) for finding in refused.value.findings] == [
        f"{paths[1]}:2: `cand_a` stands on {paths[0]}:2 already; keep one"
    ]


@pytest.mark.parametrize("together", [False, True])
def test_a_stage_of_another_posting_is_refused(refusal, load, together):
    records = [*one_of_each(), posting("job_b"), stage("stg_b", job_posting_id="job_b")]
    wrong = entry("sp_b", stage_id="stg_b")
    message = "`application_id` and `stage_id` lead to records whose `job_posting_id` differ"
    if together:
        assert refusal(*records, wrong) == [f"-:8: {message}"]
        return
    load(*records)

    assert refusal(wrong) == [f"-:1: {message}"]
    assert refusal({"type": "stage_progress", "id": "sp_a", "stage_id": "stg_b"}) == [
        f"-:1: {message}"
    ]


def test_nothing_moves_to_another_parent(refusal, load):
    load(
        *one_of_each(),
        posting("job_b"),
        candidate("cand_b"),
        application("app_b", job_posting_id="job_a"),
    )

    assert refusal(
        {"type": "application", "id": "app_a", "candidate_id": "cand_b"},
        {"type": "application", "id": "app_b", "job_posting_id": "job_b"},
        {"type": "stage", "id": "stg_a", "job_posting_id": "job_b"},
        {"type": "stage_progress", "id": "sp_a", "application_id": "app_b"},
    ) == [
        "-:1: `app_a` cannot move to another candidate; its `candidate_id` is `cand_a`",
        "-:2: `app_b` cannot move to another job posting; its `job_posting_id` is `job_a`",
        "-:3: `stg_a` cannot move to another job posting; its `job_posting_id` is `job_a`",
        "-:4: `sp_a` cannot move to another application; its `application_id` is `app_a`",
    ]


def test_nothing_moves_to_a_parent_that_comes_with_it(refusal, load):
    load(*one_of_each())

    assert refusal(
        {"type": "application", "id": "app_a", "job_posting_id": "job_b"}, posting("job_b")
    ) == ["-:1: `app_a` cannot move to another job posting; its `job_posting_id` is `job_a`"]


# --- what is reported -----------------------------------------------------------------------------


def test_faults_of_a_parent_are_not_its_childrens(refusal):
    line = as_lines([posting("job_c")]).replace(b'"Engineer"', b'"E","title":"E"')

    findings = refusal(
        as_lines([posting(title=""), stage(), posting("job_b", title="\0")])
        + line
        + as_lines([stage("stg_b", job_posting_id="job_b"), stage("stg_c", job_posting_id="job_c")])
    )

    assert [finding.partition(": ")[0] for finding in findings] == ["-:1", "-:3", "-:4"]


def test_faults_of_all_kinds_are_reported_in_the_order_of_lines(refusal):
    findings = refusal(
        application("app_a", candidate_id="cand_x"),
        candidate("cand_a", phone=""),
        posting(),
        posting(),
        {"type": "candidate", "id": "cand_b"},
        {"type": "invoice"},
    )

    assert [finding.partition(": ")[0] for finding in findings] == [
        "-:1",
        "-:2",
        "-:4",
        "-:5",
        "-:6",
    ]


@pytest.mark.parametrize("number", [19, 20, 21, 300])
@pytest.mark.parametrize(
    "wrong",
    [
        lambda n: candidate(f"cand_{n}", phone=""),
        lambda n: stage(f"stg_{n}", job_posting_id="job_x"),
    ],
)
def test_the_first_20_are_reported_and_how_many_there_are(load, number, wrong):
    with pytest.raises(ingest.ImportRefused) as refused:
        load(*[wrong(n) for n in range(number)])

    error = refused.value
    assert [finding.line for finding in error.findings] == list(range(1, min(number, 20) + 1))
    assert error.total == number
    more = [f"… and {number - 20} more"] if number > 20 else []
    assert str(error).splitlines() == [*map(str, error.findings), *more]


def test_late_faults_of_single_lines_do_not_hide_early_ones_between_records(load):
    wrong = [candidate(f"cand_{n}", phone="") for n in range(40)]

    with pytest.raises(ingest.ImportRefused) as refused:
        load(stage(), *wrong)

    assert refused.value.findings[0].message.startswith("`job_posting_id` leads to no")
    assert refused.value.total == 41


def test_lines_are_counted_through_blank_ones_a_bom_and_carriage_returns(refusal):
    content = b"\xef\xbb\xbf\r\n\n" + as_lines([candidate()]) + b"\n   \n[]\r\n"

    assert [one.partition(": ")[0] for one in refusal(content)] == ["-:6"]


def test_files_are_named_as_they_were_given(db, account, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("good.jsonl").write_bytes(as_lines([candidate("cand_g")]))
    Path("empty.jsonl").touch()
    Path("bad.jsonl").write_bytes(b"\n[]")

    with pytest.raises(ingest.ImportRefused) as refused:
        ingest.import_files(
            db,
            account,
            [*map(Path, ("good.jsonl", "empty.jsonl", "bad.jsonl")), io.BytesIO(b"[]")],
        )

    assert [(str(one.path), one.line) for one in refused.value.findings] == [
        ("bad.jsonl", 2),
        ("-", 1),
    ]


def test_files_that_cannot_be_read_are_said(db, account, tmp_path, stored):
    good = tmp_path / "good.jsonl"
    good.write_bytes(as_lines([candidate()]))
    before = stored()

    with pytest.raises(ingest.ImportRefused) as refused:
        ingest.import_files(db, account, [tmp_path / "none.jsonl", good, tmp_path])

    assert [str(one) for one in refused.value.findings] == [
        f"{tmp_path}/none.jsonl: cannot be read: No such file or directory",
        f"{tmp_path}: cannot be read: Is a directory",
    ]
    assert stored() == before


def test_no_message_echoes_a_persons_data(refusal):
    secret = "Geheim-" + "x" * 300

    findings = refusal(
        candidate(first_name=secret, last_name=[secret], email=secret, phone={secret: 1}),
        candidate("cand_b", phone=f"{secret}\0"),
    )

    assert len(findings) == 5
    assert not any("Geheim" in finding for finding in findings)


def test_stored_rows_are_not_changed_by_a_refused_import(refusal, load):
    load(*one_of_each())

    refusal({"type": "candidate", "id": "cand_a", "first_name": "Bob"}, stage("stg_b", name=""))

    assert Candidate.get().first_name == "Ann"
