"""A small document of another domain, to be broken in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import spec
from gateway.errors import ConfigError
from gateway.spec import Document

LIBRARY = """\
openapi: 3.0.3
info: {title: Library, version: "1"}
servers: [{url: "https://library.example/api/v1/"}]
security: [{bearer: []}]
paths:
  /books:
    parameters:
      - {name: lang, in: query, x-filters-on: [], schema: {type: string}}
    get:
      operationId: list_books
      x-openapi-router-controller: library.books
      x-required-scopes: [books:read]
      parameters:
        - $ref: '#/components/parameters/Kind'
      responses:
        '200': {$ref: '#/components/responses/Books'}
        '400': {description: wrong}
  /books/{id}:
    get:
      operationId: get_book
      x-openapi-router-controller: library.books
      x-required-scopes: [books:read, loans:read]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: the book
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Book'}
              example: {id: b1, borrower: null}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  parameters:
    Kind:
      name: kind
      in: query
      x-filters-on: [Book.kind]
      schema: {$ref: '#/components/schemas/Kind'}
  responses:
    Books:
      description: the books
      content:
        application/json:
          schema: {type: array, items: {$ref: '#/components/schemas/Book'}}
          examples:
            some: {value: [{id: b1}]}
      links:
        first:
          operationId: get_book
          parameters: {id: $response.body#/0/id}
  schemas:
    Kind: {type: string, enum: [novel, atlas]}
    Book:
      type: object
      additionalProperties: false
      required: [id]
      x-public: [id, kind]
      properties:
        id: {type: string}
        kind:
          allOf: [{$ref: '#/components/schemas/Kind'}]
        borrower:
          type: string
          nullable: true
          x-data-classification: {category: Reader}
x-webhooks:
  book.lent:
    post:
      operationId: book_lent
      x-data-of: get_book
      summary: A book was lent
      description: Someone has it now.
      responses:
        '204': {description: received}
"""


@pytest.fixture
def library(tmp_path: Path) -> Callable[..., Document]:
    """Return a function that loads the library's document with *(old, new)* texts replaced."""

    def load(*edits: tuple[str, str]) -> Document:
        text = LIBRARY
        for old, new in edits:
            assert text.count(old) >= 1, old
            text = text.replace(old, new, 1)
        path = tmp_path / "library.yaml"
        path.write_text(text, encoding="utf-8")
        return spec.load(path)

    return load


@pytest.fixture
def refused(library: Callable[..., Document]) -> Callable[..., list[str]]:
    """Return a function that loads as `library` does, and returns the findings as `line: what`."""

    def load(*edits: tuple[str, str]) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            library(*edits)
        return [
            f"{finding.line}: {finding.message}" if finding.line else finding.message
            for finding in caught.value.findings
        ]

    return load
