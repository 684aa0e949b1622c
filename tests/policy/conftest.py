"""Folders of policies to be broken: the shipped ones, and a small second domain."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from gateway import policy, spec
from gateway.errors import ConfigError
from gateway.policy import Policy
from gateway.spec import Document

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "openapi" / "hiring.yaml"

LOANS = """\
openapi: 3.0.3
info: {title: Library, version: "1"}
servers: [{url: /}]
security: [{bearer: []}]
tags: [{name: Loans}, {name: Desk}]
paths:
  /loans:
    get:
      operationId: list_loans
      x-openapi-router-controller: loans
      x-required-scopes: [loans:read]
      tags: [Loans]
      parameters:
        - {name: card, in: query, x-filters-on: [Loan.id], schema: {type: string}}
      responses:
        '200': {$ref: '#/components/responses/Loans'}
  /readers:
    get:
      operationId: list_readers
      x-openapi-router-controller: loans
      x-required-scopes: [readers:read]
      tags: [Desk]
      responses:
        '200':
          description: readers
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Reader'}}
  /desk:
    get:
      operationId: get_desk
      x-openapi-router-controller: loans
      x-required-scopes: [desk:read]
      responses:
        '200':
          description: the newest loan
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Desk'}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  responses:
    Loans:
      description: loans
      content:
        application/json:
          schema: {type: array, items: {$ref: '#/components/schemas/Loan'}}
          examples:
            full:
              value:
                - id: l1
                  note: a note
                  reader: {id: r1, name: Ann Lee, card: '1234-5678', email: ann@example.com}
            barer: {value: [{id: l1, reader: {id: r1}}]}
      links:
        readers: {operationId: list_readers}
        same:
          operationId: list_loans
          parameters: {card: $response.body#/0/reader/card}
  schemas:
    Loan:
      type: object
      additionalProperties: false
      required: [id, reader]
      properties:
        id: {type: string}
        note:
          type: string
          nullable: true
          x-data-classification: {category: Note}
        reader:
          description: who has it
          anyOf:
            - $ref: '#/components/schemas/Reader'
            - $ref: '#/components/schemas/ReaderReference'
    Reader:
      type: object
      additionalProperties: false
      required: [id, name]
      properties:
        id: {type: string}
        name: {type: string, minLength: 1, x-data-classification: {category: Person}}
        card:
          type: string
          maxLength: 40
          x-data-classification: {category: Person}
        email: {type: string, x-data-classification: {category: Person}}
    ReaderReference:
      type: object
      additionalProperties: false
      required: [id]
      x-public: [id]
      properties:
        id: {type: string}
        card:
          type: string
          maxLength: 40
          x-data-classification: {category: Person}
        email: {type: string, x-data-classification: {category: Person}}
    Desk:
      type: object
      additionalProperties: false
      x-public: [loan]
      properties:
        loan:
          nullable: true
          allOf: [{$ref: '#/components/schemas/Loan'}]
"""

READER_RULES = """\
  card:
    - {with: readers:read, as: value}
    - {with: always, as: {mask: {last: 4}}}
  email:
    - {with: readers:read, as: value}
    - {with: [desk:read, loans:read], as: {hash: {key: LIBRARY_KEY}}}
"""

FILES: Mapping[str, str] = {
    "loan.yaml": """\
component: Loan
because: a note may say anything
public: [id, reader]
show:
  note:
    - with: readers:read
      as: value
    - with: loans:read
      as: {truncate: {keep: 3, suffix: "."}}
examples:
  - scopes: [loans:read]
    given: {id: l1, note: a note, reader: {id: r1, name: Ann Lee, card: 1234-5678}}
    gives: {id: l1, note: a n., reader: {id: r1, card: "*****5678"}}
""",
    "reader.yaml": f"""\
component: Reader
because: a reader is no one's business
show:
  id: always
  name: readers:read
{READER_RULES}\
examples:
  - scopes: [desk:read, loans:read]
    given: {{id: r1, name: Ann Lee, email: ann@example.com}}
    gives: {{id: r1, email: EMAIL_HASH}}
""",
    "reference.yaml": f"""\
component: ReaderReference
because: what is left of a reader
show:
{READER_RULES}""",
    "classes.yaml": """\
classes:
  Person: {needs: [readers:read], because: it tells who someone is}
  Note: {needs: [readers:read], because: it may tell who someone is}
""",
}
KEY = "a key for the tests"
# Of `ann@example.com`, by the key of every example.
EMAIL_HASH = "36e47511005bf2a198b00620047a37c0"


@cache
def shipped_document() -> Document:
    return spec.load(SHIPPED)


class Folder:
    """A document and its policies in a folder of their own, to be edited and checked."""

    def __init__(self, document: Path, policies: Path) -> None:
        self._document = document
        self._policies = policies

    def path(self, name: str) -> Path:
        """Return the path of a policy file, or of a copy of the `document` that may be edited."""
        if name != "document":
            return self._policies / name
        if self._document == SHIPPED:
            self._document = Path(shutil.copy(SHIPPED, self._policies.parent))
        return self._document

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, old
        self.write(name, text.replace(old, new, 1))

    def write(self, name: str, text: str) -> None:
        self.path(name).write_text(text, encoding="utf-8")

    def document(self) -> Document:
        return shipped_document() if self._document == SHIPPED else spec.load(self._document)

    def load(self, key: str = KEY) -> Policy:
        return policy.load(self._policies, self.document(), {"LIBRARY_KEY": key})

    def findings(self) -> list[str]:
        """Return what is wrong as `file:line: what`, without the folder."""
        try:
            found = policy.check(self.document(), policy.read(self._policies))
        except ConfigError as error:
            found = list(error.findings)
        folders = (f"{self._policies}/", f"{self._document.parent}/")
        return [self._without(folders, str(finding)) for finding in found]

    @staticmethod
    def _without(folders: tuple[str, ...], message: str) -> str:
        for folder in folders:
            message = message.replace(folder, "")
        return message


@pytest.fixture
def library(tmp_path: Path) -> Folder:
    """The small second domain: every way to show a value, an `anyOf`, several scopes in a tier."""
    policies = tmp_path / "library"
    policies.mkdir()
    folder = Folder(tmp_path / "loans.yaml", policies)
    folder.write("document", LOANS)
    for name, text in FILES.items():
        folder.write(name, text.replace("EMAIL_HASH", EMAIL_HASH))
    return folder


@pytest.fixture
def hiring(tmp_path: Path) -> Folder:
    """A copy of the shipped document and policies."""
    policies = tmp_path / "hiring"
    shutil.copytree(ROOT / "policies", policies)
    return Folder(SHIPPED, policies)


@pytest.fixture
def scopes() -> Callable[..., frozenset[str]]:
    """Return a function that makes a scope set of resource names: `scopes("loans", "desk")`."""
    return lambda *names: frozenset(f"{name}:read" for name in names)
