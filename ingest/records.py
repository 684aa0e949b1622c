"""The import format: the types of records, their fields, and the format's JSON Schema.

The one place that says what can be imported. Which fields may be null stands in `models.py`; all
else about storing them follows from here: the staging tables, the checks, the statements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.folding import fold
from ingest.fields import (
    AMOUNT,
    EMAIL,
    FLAG,
    POSITION,
    TEXT,
    TIME,
    Kind,
    choice,
    prefix_id,
)
from models import Application, Candidate, HiringTable, JobPosting, Stage, StageProgress


@dataclass(frozen=True, slots=True)
class Parent:
    """A field that refers to another record.

    Attributes:
        table: of the record that it refers to.
        fixed: a stored record keeps the parent it has.
    """

    table: str
    fixed: bool = True


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that is computed from fields of the same record.

    Attributes:
        of: the fields; the values that *value* takes, in order.
    """

    of: tuple[str, ...]
    value: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record, in a column of the same name.

    Attributes:
        bit: marks the field in the set of those that a record gives.
        parent: what it refers to, if it is a reference.
    """

    name: str
    kind: Kind
    null: bool
    bit: int
    parent: Parent | None


@dataclass(frozen=True)
class RecordType:
    """A type of records.

    Attributes:
        kinds: of the fields, by name, in the order of documents; a `Parent` stands for the ids of
            its table.
        derived: columns that are computed, by name.
        same: a field of two parents that must have the same value, such as the job posting of an
            application and of the stage that it is in.
    """

    model: type[HiringTable]
    prefix: str
    kinds: Mapping[str, Kind | Parent]
    derived: Mapping[str, Derived]
    same: str | None = None

    @cached_property
    def name(self) -> str:
        """The `type` of the records, and the name of the table."""
        return str(self.model._meta.table_name)

    @cached_property
    def label(self) -> str:
        """The name as messages write it: `job posting`."""
        return self.name.replace("_", " ")

    @cached_property
    def id(self) -> Kind:
        return prefix_id(self.prefix)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        columns = self.model._meta.columns
        fields = []
        for number, (name, kind) in enumerate(self.kinds.items()):
            parent = kind if isinstance(kind, Parent) else None
            checked = TYPES[kind.table].id if isinstance(kind, Parent) else kind
            fields.append(Field(name, checked, columns[name].null, 1 << number, parent))
        return tuple(fields)

    @cached_property
    def parents(self) -> tuple[tuple[Field, Parent], ...]:
        """The fields that refer to other records."""
        return tuple((field, field.parent) for field in self.fields if field.parent)

    def bits(self, *names: str) -> int:
        """Return the set of the fields *names*."""
        return sum(field.bit for field in self.fields if field.name in names)

    @cached_property
    def required(self) -> int:
        """The set of the fields that a new record must give."""
        return sum(field.bit for field in self.fields if not field.null)


def _id_of(public_id: str) -> str:
    return public_id


def _folded_name(first: str, last: str) -> str:
    return fold(f"{first} {last}")


def _folded_email(email: str | None) -> str | None:
    return None if email is None else fold(email)


# INVARIANT: parents before children, the order in which rows can be created.
RECORD_TYPES = (
    RecordType(
        JobPosting,
        "job",
        {
            "title": TEXT,
            "status": choice("draft", "published", "closed"),
            "department": TEXT,
            "location": TEXT,
            "employment_type": TEXT,
            "remote": FLAG,
            "salary_min": AMOUNT,
            "salary_max": AMOUNT,
            "salary_currency": TEXT,
            "salary_period": TEXT,
            "published_at": TIME,
            "closed_at": TIME,
            "created_at": TIME,
            "updated_at": TIME,
        },
        {},
    ),
    RecordType(
        Stage,
        "stg",
        {
            "job_posting_id": Parent("job_posting"),
            "name": TEXT,
            "stage_type": TEXT,
            "position": POSITION,
        },
        {},
    ),
    RecordType(
        Candidate,
        "cand",
        {
            "first_name": TEXT,
            "last_name": TEXT,
            "email": EMAIL,
            "phone": TEXT,
            "status": TEXT,
            "github_username": TEXT,
            "created_at": TIME,
        },
        {
            "search_name": Derived(("first_name", "last_name"), _folded_name),
            "search_email": Derived(("email",), _folded_email),
        },
    ),
    RecordType(
        Application,
        "app",
        {
            "job_posting_id": Parent("job_posting"),
            "candidate_id": Parent("candidate"),
            "status": choice("active", "rejected"),
            "submitted_at": TIME,
            "created_at": TIME,
            "updated_at": TIME,
        },
        {"candidate_public_id": Derived(("candidate_id",), _id_of)},
    ),
    RecordType(
        StageProgress,
        "sp",
        {
            "application_id": Parent("application"),
            "stage_id": Parent("stage", fixed=False),
            "status": TEXT,
            "started_at": TIME,
            "completed_at": TIME,
        },
        {},
        same="job_posting_id",
    ),
)

TYPES = {record_type.name: record_type for record_type in RECORD_TYPES}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of one line: what `gateway import --schema` prints."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of an import into the hiring gateway",
        "description": (
            "A file is JSON Lines in UTF-8: one record a line, in any order. A record whose id is "
            "stored already is updated; fields that it leaves out stay as they are. References "
            "lead to records of the same import or of the same account. Text must have neither "
            "U+0000 nor a lone surrogate; no key may stand in a record twice."
        ),
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in TYPES],
        "$defs": {one.name: _schema_of(one) for one in RECORD_TYPES},
    }


def _schema_of(record_type: RecordType) -> dict[str, Any]:
    required = [field.name for field in record_type.fields if not field.null]
    return {
        "type": "object",
        "description": f"A new {record_type.label} must have: {', '.join(required)}.",
        "properties": {
            "type": {"const": record_type.name},
            "id": record_type.id.schema,
            **{field.name: _schema_of_field(field) for field in record_type.fields},
        },
        "required": ["type", "id"],
        "additionalProperties": False,
    }


def _schema_of_field(field: Field) -> dict[str, Any]:
    if field.null:
        return {"anyOf": [field.kind.schema, {"type": "null"}]}
    return field.kind.schema
