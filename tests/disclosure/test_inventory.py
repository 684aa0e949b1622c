"""What is listed of an answer: ids and names of fields, whatever else is in it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gateway import spec, strictyaml
from gateway.disclosure import Inventory
from gateway.spec import Document

ROOT = Path(__file__).resolve().parents[2]

CANDIDATE = {
    "id": "cand_1",
    "first_name": "Ann",
    "email": None,
    "applications": [
        {"id": "app_1", "job_posting_id": "job_1", "status": "active"},
        {"id": "app_2", "job_posting_id": "job_1", "status": "rejected"},
    ],
}
APPLICATION = {
    "id": "app_1",
    "job_posting_id": "job_1",
    "candidate_id": "cand_1",
    "candidate": {"id": "cand_1", "email": "ann@example.com"},
    "stage_history": [],
}
PAGE = {"data": [CANDIDATE], "pagination": {"current_page": 1, "total_count": 1}}


@pytest.fixture(scope="module")
def document() -> Document:
    return spec.load(ROOT / "openapi" / "hiring.yaml")


@pytest.fixture
def listed(document):
    """Return what is listed of an answer of an operation."""
    inventory = Inventory(document)
    return lambda operation, answer: inventory.of(document.operations[operation], answer)


def test_a_record_is_listed_with_all_that_came_with_it(listed):
    assert listed("get_application", APPLICATION) == {
        "Application": {
            "ids": {"id": ["app_1"], "job_posting_id": ["job_1"], "candidate_id": ["cand_1"]},
            "fields": [
                "id",
                "job_posting_id",
                "candidate_id",
                "candidate.id",
                "candidate.email",
                "stage_history",
            ],
        },
        "ApplicationCandidate": {"ids": {"id": ["cand_1"]}, "fields": ["id", "email"]},
    }


def test_each_id_is_listed_once(listed):
    found = listed("get_candidate", CANDIDATE)
    assert found["CandidateApplication"]["ids"] == {
        "id": ["app_1", "app_2"],
        "job_posting_id": ["job_1"],
    }


def test_what_belongs_to_no_record_is_listed_under_the_answer(listed):
    found = listed("list_candidates", PAGE)
    assert found["CandidatePage"] == {
        "ids": {},
        "fields": ["data", "pagination.current_page", "pagination.total_count"],
    }
    assert found["Candidate"] == listed("get_candidate", CANDIDATE)["Candidate"]


def test_a_page_without_rows_names_no_record(listed):
    assert list(listed("list_candidates", PAGE | {"data": []})) == ["CandidatePage"]


def test_an_embedded_id_alone_is_listed_under_the_same_name_as_a_whole_candidate(listed):
    found = listed("get_application", APPLICATION | {"candidate": {"id": "cand_9"}})
    assert found["ApplicationCandidate"] == {"ids": {"id": ["cand_9"]}, "fields": ["id"]}


def test_no_value_is_listed_but_ids(listed):
    text = orjson.dumps([listed("get_candidate", CANDIDATE), listed("list_candidates", PAGE)])
    for value in (b"Ann", b"active", b"rejected"):
        assert value not in text


def test_a_classified_property_is_no_id_whatever_it_is_called(document):
    text = document.source.text.replace("github_username:", "national_id:")
    odd = Document.of(strictyaml.parse(text, document.path))
    answer = {"id": "cand_1", "national_id": "A-123", "applications": []}
    found = Inventory(odd).of(odd.operations["get_candidate"], answer)
    assert found["Candidate"]["ids"] == {"id": ["cand_1"]}
    assert "national_id" in found["Candidate"]["fields"]
