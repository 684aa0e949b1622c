"""Guards the contract's "Parameters": what is not in the document is refused, all of it at once."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from gateway.errors import BadRequest
from gateway.parameters import QueryParser
from gateway.spec import Operation, Parameter

PAGE = {"type": "integer", "minimum": 1, "maximum": 2_147_483_647, "default": 1}
STATUS = {"type": "string", "enum": ["draft", "published", "closed"]}
SEARCH = {"type": "string", "maxLength": 5}
JOB_POSTING_ID = {"type": "string", "pattern": "^job_[0-9A-Za-z]{1,64}$"}


def parser(**schemas: dict[str, Any]) -> QueryParser:
    parameters = tuple(
        Parameter(name, "query", False, schema, (), f"/parameters/{name}")
        for name, schema in schemas.items()
    )
    return QueryParser(
        Operation("list", "get", "/", "", frozenset(), parameters, {}, MappingProxyType({}), "")
    )


@pytest.fixture
def parse():
    return parser(page=PAGE, status=STATUS, search=SEARCH, job_posting_id=JOB_POSTING_ID).parse


def errors_of(parse, query: bytes) -> list[dict[str, Any]]:
    with pytest.raises(BadRequest) as caught:
        parse(query)
    return caught.value.extra["errors"]


def test_no_query_gives_the_defaults(parse):
    assert parse(b"") == {"page": 1}


def test_values_are_decoded_and_typed(parse):
    assert parse(b"page=3&search=J%C3%B6+%26") == {"page": 3, "search": "Jö &"}


@pytest.mark.parametrize(
    "value",
    ["", "0", "01", "-1", "%2B1", "+1", "1_0", "%EF%BC%91", "1.0", "1e3", "2147483648", "9" * 5000],
)
def test_what_is_not_a_page_number_is_refused(parse, value):
    (error,) = errors_of(parse, f"page={value}".encode())
    assert error == {
        "parameter": "page",
        "detail": "must be a whole number from 1 to 2147483647, "
        "in ASCII digits without sign or leading zero",
    }


@pytest.mark.parametrize("value", ["1", "10", "2147483647"])
def test_page_numbers_are_accepted(parse, value):
    assert parse(f"page={value}".encode()) == {"page": int(value)}


@pytest.mark.parametrize(
    ("value", "meant"), [("Published", "published"), ("publishd", "published"), ("x", None)]
)
def test_closed_sets_name_what_is_allowed_and_what_was_meant(parse, value, meant):
    (error,) = errors_of(parse, f"status={value}".encode())
    assert error["allowed"] == ["draft", "published", "closed"]
    assert error.get("did_you_mean") == meant


@pytest.mark.parametrize("name", ["filter[status]", "per_page", "Status", "%00", "%FF", ""])
def test_unknown_parameters_are_refused(parse, name):
    (error,) = errors_of(parse, f"{name}=published".encode())
    assert "is not a parameter of this operation" in error["detail"]


def test_an_unknown_parameter_names_the_one_that_was_meant(parse):
    (error,) = errors_of(parse, b"filter[status]=published")
    assert error["did_you_mean"] == "status"


def test_a_parameter_given_twice_is_refused_even_with_one_value(parse):
    (error,) = errors_of(parse, b"page=1&page=1")
    assert error == {"parameter": "page", "detail": "is given more than once"}


def test_all_wrong_parameters_are_reported(parse):
    errors = errors_of(parse, b"page=0&status=Draft&sort=x&search=toolong")
    assert [error["parameter"] for error in errors] == ["page", "status", "sort", "search"]


@pytest.mark.parametrize("value", ["%00", "a%00b", "%ED%A0%80", "%FF", "%C3"])
def test_nul_surrogates_and_invalid_utf8_are_refused(parse, value):
    (error,) = errors_of(parse, f"search={value}".encode())
    assert error["parameter"] == "search"


@pytest.mark.parametrize("value", ["job_a%0A", "JOB_a", "job_", "42", "job_a-b", "job_" + "a" * 65])
def test_what_does_not_match_the_pattern_is_refused(parse, value):
    (error,) = errors_of(parse, f"job_posting_id={value}".encode())
    assert error["detail"] == "must match the pattern ^job_[0-9A-Za-z]{1,64}$"


def test_lengths_count_code_points_as_sent(parse):
    assert parse("search=ééééé".encode()) == {"page": 1, "search": "ééééé"}
    (error,) = errors_of(parse, "search=éééééé".encode())
    assert error["detail"] == "must have at most 5 characters"


@pytest.mark.parametrize("query", [b"x" * 3000 + b"=1", b"&".join([b"y" * 30] * 9)])
def test_errors_echo_at_most_a_hundred_characters(parse, query):
    names = "".join(error["parameter"] for error in errors_of(parse, query))
    assert len(names.replace("…", "")) <= 100


def test_a_required_parameter_that_is_missing_is_reported():
    operation = Operation(
        "list",
        "get",
        "/",
        "",
        frozenset(),
        (Parameter("day", "query", True, {"type": "string"}, (), ""),),
        {},
        MappingProxyType({}),
        "",
    )
    assert errors_of(QueryParser(operation).parse, b"") == [
        {"parameter": "day", "detail": "is required"}
    ]


def test_booleans_are_true_or_false():
    parse = parser(remote={"type": "boolean"}).parse
    assert parse(b"remote=true") == {"remote": True}
    assert parse(b"remote=false") == {"remote": False}
    assert errors_of(parse, b"remote=1")[0]["allowed"] == ["true", "false"]
