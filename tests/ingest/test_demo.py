"""The demo data is foreseeable, believable and made one record at a time."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import jsonschema_rs
import pytest

import ingest
from ingest import demo
from ingest.demo.names import PEOPLES

Record = dict[str, Any]

PROGRAM = """
import sys
from ingest import demo
for account in demo.accounts():
    demo.write_records(account.records(), sys.stdout.buffer)
"""

SCRIPTS = {
    "ARABIC", "ARMENIAN", "BENGALI", "CJK", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN",
    "GREEK", "HANGUL", "HEBREW", "HIRAGANA", "KATAKANA", "LATIN", "TAMIL", "THAI",
}  # fmt: skip

LATIN_ALPHABETS = {
    "Czech": "ř", "German": "ß", "Icelandic": "ð", "Igbo": "ị", "Polish": "ł", "Turkish": "ı",
    "Danish": "ø", "Hungarian": "ő", "Romanian": "ț", "Vietnamese": "ễ", "Yoruba": "ẹ",
}  # fmt: skip

# Ranges that regulators keep free for fiction.
FICTIONAL_NUMBER = re.compile(
    r"\+1-\d{3}-555-01\d\d|\+44 (20 7946 0|161 496 0|1632 960|7700 900)\d{3}"
    r"|\+353 20 91\d \d{4}|\+49 (30 23125|221 4710) \d{3}|\+46 8 465 004 \d\d"
    r"|\+33 (1 99 00|6 39 98) \d\d \d\d|\+61 (2 5550|7 7010) \d{4}"
)

PARENTS = {
    "stage": {"job_posting_id": "job_posting"},
    "application": {"job_posting_id": "job_posting", "candidate_id": "candidate"},
    "stage_progress": {"application_id": "application", "stage_id": "stage"},
}

UNTIL = "2026-06-01T00:00:00Z"

STATUSES = {
    "job_posting": {"draft", "published", "closed"},
    "candidate": {"active", "archived"},
    "application": {"active", "rejected"},
    "stage_progress": {"completed", "in_progress", "rejected", "scheduled"},
}

TIMES_OF_A_STATUS = {"draft": (False, False), "published": (True, False), "closed": (True, True)}
POSTING_MOMENTS = ("created_at", "published_at", "closed_at", "updated_at")

# The statuses of a history's entries, by the status of the application.
WAYS = {
    "active": r"|(completed )*in_progress( scheduled)?",
    "rejected": r"(completed )*rejected",
}


class Data:
    """The records of one account, by type and by id."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = list(records)
        self.by_type: dict[str, dict[str, Record]] = defaultdict(dict)
        self.histories: dict[str, list[Record]] = defaultdict(list)
        for record in self.records:
            self.by_type[record["type"]][record["id"]] = record
            if record["type"] == "stage_progress":
                self.histories[record["application_id"]].append(record)

    def of(self, kind: str) -> list[Record]:
        return list(self.by_type[kind].values())

    def posting_of(self, application: Record) -> Record:
        return self.by_type["job_posting"][application["job_posting_id"]]

    def stage_of(self, entry: Record) -> Record:
        return self.by_type["stage"][entry["stage_id"]]


@pytest.fixture(scope="module")
def accounts() -> list[Data]:
    return [Data(account.records()) for account in demo.accounts()]


@pytest.fixture(scope="module")
def records(accounts: list[Data]) -> list[Record]:
    return [record for data in accounts for record in data.records]


def written(account: demo.DemoAccount) -> bytes:
    stream = io.BytesIO()
    demo.write_records(account.records(), stream)
    return stream.getvalue()


def run_with_hash_seed(hash_seed: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
    ).stdout


# --- foreseeable --------------------------------------------------------------------------------


def test_same_seed_gives_the_same_bytes_in_any_process() -> None:
    assert run_with_hash_seed("1") == run_with_hash_seed("2")


def test_other_seed_gives_other_data() -> None:
    first, other = (next(demo.accounts(seed=seed)) for seed in (1, 2))

    assert written(first) != written(other)


def test_records_can_be_asked_for_again() -> None:
    account = next(demo.accounts())

    assert written(account) == written(account)


def test_lines_are_json_in_utf_8() -> None:
    account = next(demo.accounts())
    lines = written(account).decode().splitlines()

    assert [json.loads(line) for line in lines] == list(account.records())


# --- as much as promised ------------------------------------------------------------------------


def test_three_accounts_with_40_postings_1200_candidates_and_2000_applications(
    accounts: list[Data], records: list[Record]
) -> None:
    counts = Counter(record["type"] for record in records)

    assert len(accounts) == 3
    assert len({account.name for account in demo.accounts()}) == 3
    assert counts["job_posting"] == 40
    assert counts["candidate"] == 1_200
    assert counts["application"] == 2_000


def test_some_list_of_each_kind_is_longer_than_a_page(accounts: list[Data]) -> None:
    for kind in ("job_posting", "candidate", "application"):
        assert max(len(data.of(kind)) for data in accounts) > 20, kind


@pytest.mark.parametrize("scale", [0.01, 0.3, 3])
def test_scale_multiplies_candidates_and_applications(scale: float) -> None:
    for account, usual in zip(demo.accounts(scale=scale), demo.accounts(), strict=True):
        counts = Counter(record["type"] for record in account.records())

        assert counts["candidate"] == round(usual.candidates * scale)
        assert counts["application"] == round(usual.applications * scale)


@pytest.mark.parametrize("applications", [1, 8, 4_321])
def test_account_has_as_many_applications_as_asked_for(applications: int) -> None:
    records = demo.account(applications).records()

    assert sum(record["type"] == "application" for record in records) == applications


def test_account_of_100_000_applications_takes_no_more_memory_at_its_end_than_at_its_start() -> (
    None
):
    applications = 0
    blocks = []
    for record in demo.account(100_000).records():
        if record["type"] == "application":
            applications += 1
            if applications % 20_000 == 1:
                gc.collect()
                blocks.append(sys.getallocatedblocks())

    assert applications == 100_000
    assert max(blocks) - blocks[0] < 2_000  # a list of the applications would add 100,000 at least


# --- valid --------------------------------------------------------------------------------------


def test_every_record_conforms_to_the_schema_of_the_import_format(records: list[Record]) -> None:
    validator = jsonschema_rs.validator_for(ingest.SCHEMA)

    assert [record for record in records if not validator.is_valid(record)] == []


def test_ids_are_unique_within_their_account(accounts: list[Data]) -> None:
    for data in accounts:
        assert len({record["id"] for record in data.records}) == len(data.records)


def test_parents_come_before_what_refers_to_them(accounts: list[Data]) -> None:
    for data in accounts:
        seen: dict[str, set[str]] = defaultdict(set)
        for record in data.records:
            for field, kind in PARENTS.get(record["type"], {}).items():
                assert record[field] in seen[kind], record
            seen[record["type"]].add(record["id"])


def test_entries_are_of_stages_of_their_applications_posting(accounts: list[Data]) -> None:
    for data in accounts:
        for application in data.of("application"):
            for entry in data.histories[application["id"]]:
                stage = data.stage_of(entry)
                assert stage["job_posting_id"] == application["job_posting_id"], entry


def test_every_status_is_there_in_every_account(accounts: list[Data]) -> None:
    for data in accounts:
        statuses = {kind: {record["status"] for record in data.of(kind)} for kind in STATUSES}
        assert statuses == STATUSES


def test_whatever_may_be_null_is_null_somewhere_and_something_elsewhere(
    records: list[Record],
) -> None:
    values: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for record in records:
        for field, value in record.items():
            values[record["type"], field].add(value is None)
    nullable = {name for name, seen in values.items() if True in seen}

    assert nullable == {
        *(("job_posting", name) for name in (
            "department", "location", "salary_min", "salary_max", "salary_currency",
            "salary_period", "published_at", "closed_at",
        )),
        *(("candidate", name) for name in ("email", "phone", "github_username")),
        *(("stage_progress", name) for name in ("started_at", "completed_at")),
    }  # fmt: skip
    assert all(False in seen for seen in values.values())


# --- believable ---------------------------------------------------------------------------------


def test_times_of_postings_agree_with_their_statuses(accounts: list[Data]) -> None:
    for data in accounts:
        for posting in data.of("job_posting"):
            times = (posting["published_at"] is not None, posting["closed_at"] is not None)
            assert times == TIMES_OF_A_STATUS[posting["status"]], posting
            moments = [posting[name] for name in POSTING_MOMENTS if posting[name] is not None]
            assert moments == sorted(moments), posting


def test_salaries_are_whole_statements(accounts: list[Data]) -> None:
    for data in accounts:
        for posting in data.of("job_posting"):
            paid = posting["salary_min"] is not None
            assert paid == (posting["salary_currency"] is not None), posting
            assert paid == (posting["salary_period"] is not None), posting
            if posting["salary_max"] is not None:
                assert float(posting["salary_min"]) < float(posting["salary_max"]), posting


def test_stages_are_numbered_from_0_and_differ_in_name(accounts: list[Data]) -> None:
    for data in accounts:
        stages = defaultdict(list)
        for stage in data.of("stage"):
            stages[stage["job_posting_id"]].append(stage)
        assert stages.keys() == data.by_type["job_posting"].keys()
        for own in stages.values():
            assert [stage["position"] for stage in own] == list(range(len(own)))
            assert len({stage["name"] for stage in own}) == len(own)


def test_applications_arrive_while_their_posting_is_open(accounts: list[Data]) -> None:
    for data in accounts:
        for application in data.of("application"):
            posting = data.posting_of(application)
            assert posting["status"] != "draft"
            assert posting["published_at"] <= application["submitted_at"]
            assert (
                posting["closed_at"] is None or application["submitted_at"] <= posting["closed_at"]
            )


def test_nobody_applies_twice_for_a_posting(accounts: list[Data]) -> None:
    for data in accounts:
        pairs = [
            (record["candidate_id"], record["job_posting_id"]) for record in data.of("application")
        ]
        assert len(set(pairs)) == len(pairs)


def test_histories_are_in_order_of_stages_and_of_time(accounts: list[Data]) -> None:
    for data in accounts:
        for application in data.of("application"):
            history = data.histories[application["id"]]
            positions = [data.stage_of(entry)["position"] for entry in history]
            assert positions == list(range(len(history)))
            moments = [application["submitted_at"]]
            for entry in history:
                moments += filter(None, (entry["started_at"], entry["completed_at"]))
            moments += [application["updated_at"], UNTIL]
            assert moments == sorted(moments), application


def test_histories_agree_with_the_status_of_their_application(accounts: list[Data]) -> None:
    for data in accounts:
        for application in data.of("application"):
            way = " ".join(entry["status"] for entry in data.histories[application["id"]])
            assert re.fullmatch(WAYS[application["status"]], way), (application, way)


def test_times_of_entries_agree_with_their_statuses(records: list[Record]) -> None:
    times = {
        (record["status"], record["started_at"] is not None, record["completed_at"] is not None)
        for record in records
        if record["type"] == "stage_progress"
    }

    assert times == {
        ("completed", True, True),
        ("rejected", True, True),
        ("in_progress", True, False),
        ("scheduled", False, False),
    }


def test_candidates_are_known_when_they_apply(accounts: list[Data]) -> None:
    for data in accounts:
        for application in data.of("application"):
            candidate = data.by_type["candidate"][application["candidate_id"]]
            assert candidate["created_at"] <= application["submitted_at"]


def test_some_candidates_have_many_applications_and_some_have_none(accounts: list[Data]) -> None:
    for data in accounts:
        applications = Counter(record["candidate_id"] for record in data.of("application"))
        assert {applications[record["id"]] for record in data.of("candidate")} == {0, 1, 2, 3, 4}


def test_names_are_of_many_scripts(accounts: list[Data], records: list[Record]) -> None:
    letters = {
        letter
        for record in records
        if record["type"] == "candidate"
        for letter in record["first_name"] + record["last_name"]
    }
    scripts = {unicodedata.name(letter).split()[0] for letter in letters if letter.isalpha()}

    assert scripts == SCRIPTS
    assert {name for name, letter in LATIN_ALPHABETS.items() if letter not in letters} == set()
    assert any(ord(letter) > 0xFFFF for letter in letters)


def test_every_name_can_be_part_of_an_address() -> None:
    for language, people in PEOPLES.items():
        for names in (people.women, people.men, people.women_family, people.men_family):
            for name in names:
                assert re.fullmatch("[a-z]+", name.handle), (language, name)
                assert "LATIN" in unicodedata.name(name.latin.lstrip("'")[0]), (language, name)


def test_names_are_in_the_form_in_which_people_type_them(records: list[Record]) -> None:
    for record in records:
        if record["type"] == "candidate":
            for name in (record["first_name"], record["last_name"]):
                assert name == name.strip() == unicodedata.normalize("NFC", name) != ""


def test_nobody_can_be_reached(records: list[Record]) -> None:
    for record in records:
        if record["type"] == "candidate":
            assert re.fullmatch(
                r"[a-z0-9._+]+@example\.(com|org|net)", record["email"] or "none@example.com"
            ), record
            assert record["phone"] is None or FICTIONAL_NUMBER.fullmatch(record["phone"]), record


def test_github_usernames_could_be_registered(records: list[Record]) -> None:
    for record in records:
        if record["type"] == "candidate" and record["github_username"] is not None:
            assert re.fullmatch(r"(?=.{1,39}$)[a-z0-9]+(-[a-z0-9]+)*", record["github_username"])
