"""The document as the engine reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.spec import Document, Parameter

Load = Callable[..., Document]


def test_operations_are_read_in_document_order(library: Load) -> None:
    operations = library().operations
    assert list(operations) == ["list_books", "get_book"]
    get_book = operations["get_book"]
    assert (get_book.method, get_book.path) == ("get", "/books/{id}")
    assert get_book.controller == "library.books"
    assert get_book.scopes == {"books:read", "loans:read"}
    assert get_book.response_schema == {"$ref": "#/components/schemas/Book"}
    assert get_book.pointer == "/paths/~1books~1{id}/get"


def test_parameters_are_resolved_the_operation_s_own_first(library: Load) -> None:
    assert library().operations["list_books"].parameters == (
        Parameter(
            name="kind",
            where="query",
            required=False,
            schema={"type": "string", "enum": ["novel", "atlas"]},
            filters_on=("Book.kind",),
            pointer="/components/parameters/Kind",
        ),
        Parameter(
            name="lang",
            where="query",
            required=False,
            schema={"type": "string"},
            filters_on=(),
            pointer="/paths/~1books/parameters/0",
        ),
    )


def test_operation_s_parameter_stands_before_that_of_its_path(library: Load) -> None:
    own = "- {name: lang, in: query, required: true, x-filters-on: [], schema: {type: integer}}"
    document = library(("        - $ref: '#/components/parameters/Kind'\n", f"        {own}\n"))
    [lang] = document.operations["list_books"].parameters
    assert lang.schema == {"type": "integer"}
    assert lang.required


def test_scopes_are_those_in_use_sorted(library: Load) -> None:
    assert library().scopes == ("books:read", "loans:read")


def test_base_path_is_that_of_the_first_server(library: Load) -> None:
    assert library().base_path == "/api/v1"
    assert library(('"https://library.example/api/v1/"', "/")).base_path == ""


def test_shared_response_is_followed(library: Load) -> None:
    schema = library().operations["list_books"].response_schema
    assert schema == {"type": "array", "items": {"$ref": "#/components/schemas/Book"}}


def test_answer_without_body_beside_the_success_is_no_second_one(library: Load) -> None:
    edit = ("'200':\n          desc", "'304': {description: same}\n        '200':\n          desc")
    assert library(edit).operations["get_book"].response_schema["$ref"]


def test_reference_is_resolved_and_its_component_named(library: Load) -> None:
    document = library(
        ("    Kind: {type", "    Tome: {$ref: '#/components/schemas/Book'}\n    Kind: {type")
    )
    tome = {"$ref": "#/components/schemas/Tome"}
    assert document.resolve(tome) is document.schemas["Book"]
    assert document.component_of(tome) == "Book"
    assert document.component_of({"type": "string"}) is None
    assert document.resolve({"type": "string"}) == {"type": "string"}


def test_line_of_a_pointer_is_that_in_the_file(library: Load) -> None:
    document = library()
    assert document.line_of("/paths/~1books/get/operationId") == 10
    assert document.line_of("/paths/~1books/get/nothing") == 9


def test_document_cannot_be_changed(library: Load) -> None:
    with pytest.raises(AttributeError):
        library().path = None  # type: ignore[misc]
    with pytest.raises(TypeError):
        library().operations["x"] = None  # type: ignore[index]
