"""The format's JSON Schema, the checks of the import, the tables and the API say the same."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from records import one_of_each

import ingest
from ingest import fields
from ingest.fields import Kind
from ingest.records import RECORD_TYPES, TYPES
from ingest.staging import StagedTable
from models import HiringTable

DERIVED = {
    "job_posting": {"active_applications", "rejected_applications"},
    "candidate": {"search_name", "search_email"},
    "application": {"candidate_public_id", "current_stage_id"},
}

ALL_KINDS = {
    "text": fields.TEXT,
    "email": fields.EMAIL,
    "time": fields.TIME,
    "amount": fields.AMOUNT,
    "flag": fields.FLAG,
    "position": fields.POSITION,
    "choice": fields.choice("draft", "published"),
    "id": fields.prefix_id("job"),
}

VALUES = [
    None, True, False, 0, 1, -1, 2**31 - 1, 2**31, 1.5, "", " ", "x", "x" * 255, "x" * 256,
    "é" * 255, "draft", "Draft", "job_a", "job_" + "a" * 64, "job_" + "a" * 65, "job_é", "job_a\n",
    "JOB_a", "job_", "1", "1.5", "1.55", "1.555", "-1", "+1", "1 ", "٣", "1\n", "1" * 12, "1" * 13,
    "a@b.de", "ä@ö.de", "a@b", "a b@c.de", "A <a@b.de>", "a@b.de\n", "a@" + "b." * 126 + "de",
    "2026-01-15T10:00:00Z", "2026-01-15t10:00:00.5+02:30", "2026-01-15", "2026-01-15T10:00:00",
    "2026-02-30T10:00:00Z", "2026-01-15T10:00:60Z", "2016-12-31T23:59:60Z",
    "2016-12-31T18:59:60-05:00", [], {}, ["x"], {"a": 1},
]  # fmt: skip


@cache
def openapi():
    path = Path(__file__).parents[2] / "openapi" / "hiring.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["components"]["schemas"]


def accepted(kind: Kind, value) -> bool:
    try:
        kind.stored(value)
    except ValueError:
        return False
    return True


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(ingest.SCHEMA)
    assert json.loads(json.dumps(ingest.SCHEMA)) == ingest.SCHEMA


def test_the_schema_takes_a_record_of_each_type():
    validator = jsonschema_rs.validator_for(ingest.SCHEMA)

    for record in one_of_each():
        validator.validate(record)
        assert not validator.is_valid(record | {"type": "invoice"})
        assert not validator.is_valid(record | {"colour": "red"})
        assert not validator.is_valid({"type": record["type"]})


@pytest.mark.parametrize("name", ALL_KINDS)
def test_a_kind_takes_what_its_schema_takes(name):
    kind = ALL_KINDS[name]
    validator = jsonschema_rs.Draft202012Validator(kind.schema, validate_formats=True)

    differing = [value for value in VALUES if accepted(kind, value) != validator.is_valid(value)]

    assert differing == []


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{0,13}(\.[0-9]{0,3})?\n?"))
def test_a_kind_takes_the_texts_that_its_schema_takes(text):
    for kind in ALL_KINDS.values():
        validator = jsonschema_rs.Draft202012Validator(kind.schema, validate_formats=True)
        assert accepted(kind, text) == validator.is_valid(text)


def test_each_column_is_a_field_or_derived():
    tables = {table._meta.table_name: table for table in HiringTable.__subclasses__()}
    assert TYPES.keys() == tables.keys()
    for name, table in tables.items():
        known = {"id", "account_id", "public_id", *DERIVED.get(name, ())}
        assert {field.name for field in TYPES[name].fields} == table._meta.columns.keys() - known


def test_what_is_derived_from_a_record_is_known_as_derived():
    for record_type in RECORD_TYPES:
        assert record_type.derived.keys() <= DERIVED.get(record_type.name, set())


def test_parents_come_before_their_children():
    names = [record_type.name for record_type in RECORD_TYPES]
    for record_type in RECORD_TYPES:
        for _, parent in record_type.parents:
            assert names.index(parent.table) < names.index(record_type.name)


@pytest.mark.parametrize(
    ("component", "name"),
    [
        ("JobPosting", "job_posting"),
        ("Stage", "stage"),
        ("Candidate", "candidate"),
        ("Application", "application"),
        ("StageProgress", "stage_progress"),
    ],
)
def test_fields_are_those_of_the_api(component, name):
    """The same limits, sets, patterns and nulls; an answer may be wider, as to forms of numbers."""
    properties = openapi()[component]["properties"]
    for field in TYPES[name].fields:
        published = properties.get(field.name)
        if published is None:  # the key of a parent that the component stands in
            assert field.parent
            continue
        if "$ref" in published:
            published = openapi()[published["$ref"].rpartition("/")[2]]
        assert field.null == published.get("nullable", False), field.name
        for key in ("minLength", "maxLength", "enum", "format", "minimum", "maximum"):
            if key in published and key in field.kind.schema:
                assert field.kind.schema[key] == published[key], (field.name, key)
    assert TYPES[name].id.schema["pattern"] == properties["id"]["pattern"]


class Nowhere:
    """A database that takes everything and keeps the rows."""

    ordinal_type = ""

    def __init__(self):
        self.rows = []

    def load(self, database, table, columns, rows):
        self.rows += rows


def stages(table, record):
    try:
        table.add(1, record)
    except ValueError:
        return False
    return True


JSON_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4))


@pytest.mark.parametrize("name", TYPES)
@given(st.data())
def test_a_record_is_staged_or_its_faults_are_said(name, data):
    known = ["type", "id", *(field.name for field in TYPES[name].fields)]
    valid = next(record for record in one_of_each() if record["type"] == name)
    changes = data.draw(
        st.dictionaries(st.sampled_from(known[1:]) | st.text(max_size=3), JSON_VALUES, max_size=3)
    )
    record = {
        key: value
        for key, value in (valid | changes).items()
        if key == "type" or data.draw(st.integers(0, 9))
    }
    nowhere = Nowhere()
    table = StagedTable(TYPES[name], None, nowhere)

    faults = list(table.faults(record))
    assert stages(table, record) == (not faults)
    table.flush()
    assert len(nowhere.rows) == (not faults)

    validator = jsonschema_rs.Draft202012Validator(ingest.SCHEMA, validate_formats=True)
    assert bool(faults) != validator.is_valid(record)


def test_unlike_sets_of_keys_do_not_pile_up(load):
    names = [field.name for field in TYPES["job_posting"].fields if field.null]
    load(*one_of_each())
    lines = []
    for number in range(300):
        given = [name for bit, name in enumerate(names) if number >> bit & 1]
        record = {"type": "job_posting", "id": f"job_{number}"}
        required = {k: v for k, v in one_of_each()[0].items() if k not in record}
        lines.append(record | dict.fromkeys(given) | required)

    assert load(*lines).counts["job_posting"].created == 300
