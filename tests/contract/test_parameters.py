"""Every declared query parameter is as strict as the document says; every other one is refused.

Fuzzing from a schema cannot find a parameter that is accepted though it is not declared, and does
not think of `+1`, `１`, a parameter given twice, or what one database refuses and another takes.
The values here are made from each parameter's schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

MAX_ECHO = 100
NOT_TEXT = ("%00", "a%00b", "%ff", "%c3", "%ed%a0%80", "%c0%80", "%f5%80%80%80")
NO_NUMBERS = ("", "+1", "01", "1_0", "1.0", "1e0", "0x1", " 1", "1 ", "1,2", "１", "٣", "null")
SIGNS = (
    "%",
    "%%%",
    "*",
    "?",
    "^",
    "\\",
    "' OR '1'='1",
    '" OR "a" OR "',
    "john*",
    "jo%",
    "NEAR(a b)",
)
UNKNOWN = ("per_page", "filter[status]", "page[size]", "Page", "limit", "", "%00", "x" * 300)


def right(schema: Mapping[str, Any], example: str) -> Iterator[str]:
    """Yield texts, as they are, that *schema* allows."""
    yield example
    yield from map(str, schema.get("enum", ()))
    if schema["type"] == "integer":
        yield from map(str, (schema["minimum"], schema["maximum"]))
    elif "maxLength" in schema:
        yield from ("é" * schema["maxLength"], "😀" * schema["maxLength"], "", "%", "'", '"')


def wrong(schema: Mapping[str, Any], example: str) -> Iterator[str]:
    """Yield texts, as they are, that *schema* does not allow."""
    if "enum" in schema:
        for value in schema["enum"]:
            yield from (value.upper(), value.capitalize(), f"{value} ", f"{value},{value}")
        yield from ("", "null", "x" * 300)
    elif schema["type"] == "integer":
        yield from map(str, (schema["minimum"] - 1, schema["maximum"] + 1, "9" * 4_000, -1))
        yield from NO_NUMBERS
    elif "pattern" in schema:
        yield from ("", "42", example.upper(), f"{example}\n", f" {example}", f"{example}-", "ж")
        yield from (f"{example}{'x' * 64}", f"{example}١")
    elif "maxLength" in schema:
        yield from ("a" * (schema["maxLength"] + 1), "😀" * (schema["maxLength"] + 1))


def refused(body: dict[str, Any]) -> dict[str, Any]:
    """Return the errors of a 400 by parameter, once none says too much."""
    for error in body["errors"]:
        assert len(error["parameter"]) <= MAX_ECHO
        assert len(re.sub(r"pattern \S+", "", error["detail"])) <= 2 * MAX_ECHO
    return {error["parameter"]: error for error in body["errors"]}


def test_a_right_value_is_taken(api, operation, parameter, example, body_of):
    for text in right(parameter.schema, example):
        query = f"{parameter.name}={quote(text, safe='')}"
        body_of(operation, api.ask(operation, api.own.full, query), 200)


def test_a_wrong_value_is_400_that_names_its_parameter(api, operation, parameter, example, body_of):
    for text in wrong(parameter.schema, example):
        query = f"{parameter.name}={quote(text, safe='')}"
        errors = refused(body_of(operation, api.ask(operation, api.own.full, query), 400))
        assert set(errors) == {parameter.name}, query
        assert errors[parameter.name].get("allowed") == parameter.schema.get("enum")


def test_a_close_miss_of_a_closed_set_is_told_what_was_meant(api, operation, closed, body_of):
    for value in closed.schema["enum"]:
        for text in (value.upper(), value.capitalize(), value[:-1], f"{value}s"):
            answer = api.ask(operation, api.own.full, f"{closed.name}={text}")
            error = refused(body_of(operation, answer, 400))[closed.name]
            assert error["did_you_mean"] == value


def test_what_is_no_text_is_400_on_every_database(api, operation, parameter, example, body_of):
    for raw in NOT_TEXT:
        answer = api.ask(operation, api.own.full, f"{parameter.name}={raw}")
        assert set(refused(body_of(operation, answer, 400))) == {parameter.name}, raw


def test_signs_of_query_languages_are_plain_characters(api, operation, free_text, body_of):
    """None of them is in the data, so none of them finds anything."""
    for text in SIGNS:
        assert not any(text in str(value) for one in api.own.records for value in one.values())
        answer = api.ask(operation, api.own.full, f"{free_text.name}={quote(text, safe='')}")
        assert body_of(operation, answer, 200)["pagination"]["total_count"] == 0, text


@pytest.mark.parametrize("raw", NOT_TEXT)
def test_what_is_no_text_in_a_path_names_nothing(
    api, document, operation, path_parameter, example, raw
):
    path = operation.path.replace(f"{{{path_parameter.name}}}", raw)
    headers = {"Authorization": f"Bearer {api.own.full}"}
    answer = api.client.get(f"{document.base_path}{path}", headers=headers)
    assert answer.status_code == 404


def test_a_parameter_given_twice_is_400(api, operation, parameter, example, body_of):
    pair = f"{parameter.name}={quote(example)}"
    answer = api.ask(operation, api.own.full, f"{pair}&{pair}")
    assert set(refused(body_of(operation, answer, 400))) == {parameter.name}


def test_a_misspelt_parameter_is_told_what_was_meant(api, operation, parameter, example, body_of):
    name = parameter.name
    for text in (name.upper(), f"{name}s", f"filter[{name}]"):
        answer = api.ask(operation, api.own.full, f"{text}={quote(example)}")
        error = refused(body_of(operation, answer, 400))[text]
        assert error["did_you_mean"] == name


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_parameter_is_400(api, operation, name, body_of):
    answer = api.ask(operation, api.own.full, f"{name}=1")
    [error] = body_of(operation, answer, 400)["errors"]
    assert len(error["parameter"]) <= MAX_ECHO
    for known in operation.parameters:
        assert (f"`{known.name}`" in error["detail"]) == (known.where == "query")


def test_all_wrong_parameters_are_reported_at_once(api, operation, body_of):
    names = [parameter.name for parameter in operation.parameters if parameter.where == "query"]
    query = "&".join(f"{name}=%00" for name in names)
    answer = api.ask(operation, api.own.full, f"{query}&no_such_parameter=1")
    assert set(refused(body_of(operation, answer, 400))) == {*names, "no_such_parameter"}
