"""The lint: every way in which a document is unfit to serve stops the start, with line and remedy.

Each case breaks the library's document (see conftest.py) in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import spec
from gateway.errors import ConfigError
from gateway.spec import Document

Refused = Callable[..., list[str]]
ID = "        id: {type: string}\n        kind"
GUARD = "could not be guarded; describe a 2xx of `application/json` alone"


def test_shipped_document_has_no_findings() -> None:
    assert spec.load(Path(__file__).parents[2] / "openapi" / "hiring.yaml").operations


def test_sound_document_has_no_findings(library: Callable[..., Document]) -> None:
    assert library()


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "openapi: 3.0.3",
            "openapi: 3.1.0",
            "1: OpenAPI `3.1.0` is not read; write `openapi: 3.0.3`",
        ),
        ("openapi: 3.0.3\n", "", "1: OpenAPI `None` is not read; write `openapi: 3.0.3`"),
        (
            "schemas/Book'}",
            "schemas/Boook'}",
            "30: `#/components/schemas/Boook` names nothing;"
            " did you mean `#/components/schemas/Book`?",
        ),
        (
            "'#/components/responses/Books'",
            "other.yaml#/Books",
            "16: `other.yaml#/Books` is outside this file; refer to `#/components/…`",
        ),
        ("in: path, required: true", "in: path", "24: `required` is missing; add it"),
        ("in: query, ", "in: qury, ", "8: `in` cannot be `qury`; did you mean `query`?"),
        ("description: the book\n", "descr: x\n", "26: `description` is missing; add it"),
        (
            "Kind: {type: string,",
            "Kind: {type: strin,",
            "54: `type` cannot be `strin`; did you mean `string`?",
        ),
        ("parameters:\n", "parametrs:\n", "7: unknown key `parametrs`; did you mean `parameters`?"),
    ],
)
def test_document_that_is_not_openapi_is_refused(
    refused: Refused, old: str, new: str, finding: str
) -> None:
    assert finding in refused((old, new))


@pytest.mark.parametrize(
    ("old", "new", "findings"),
    [
        (
            "/books/{id}:",
            "/books/{ide}:",
            [
                "19: `{ide}` in the path of `get_book` is not described; did you mean `id`?",
                "24: path parameter `id` of `get_book` is not in `/books/{ide}`;"
                " write `{id}` or remove it",
            ],
        ),
        (
            "        - {name: id, in: path, required: true, schema: {type: string}}\n",
            "        - {name: id, in: path, required: true, schema: {type: string}}\n"
            "        - {name: id, in: path, required: true, schema: {type: integer}}\n",
            ["25: path parameter `id` stands twice; keep one"],
        ),
        (
            "    Kind: {type: string,",
            "    Kind: {type: string, default: 1,",
            ["54: default is not of its schema: 1 is not one of ['novel', 'atlas']"],
        ),
        (
            "x-filters-on: [], schema: {type: string}",
            "x-filters-on: [], schema: {type: integer, default: x}",
            ["8: default is not of its schema: 'x' is not of type 'integer'"],
        ),
        (
            "paths:\n",
            "tags: [{name: books}, {name: books, description: more}]\npaths:\n",
            ["5: tag `books` stands twice; keep one"],
        ),
    ],
)
def test_what_the_form_of_openapi_cannot_say_is_refused(
    refused: Refused, old: str, new: str, findings: list[str]
) -> None:
    found = refused((old, new))
    for finding in findings:
        assert finding in found


def test_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("[]\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:1: is not an OpenAPI document; begin with"):
        spec.load(path)


def test_circular_reference_is_refused(refused: Refused) -> None:
    found = refused(
        (
            "Kind: {type: string, enum: [novel, atlas]}",
            "Kind: {$ref: '#/components/schemas/Kind'}",
        )
    )
    assert "54: `#/components/schemas/Kind` refers back to itself" in found


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "x-required-scopes: [books:read]",
            "x-required-scopes: books:read",
            "12: `x-required-scopes` must be a list of scopes",
        ),
        (
            "x-required-scopes",
            "x-require-scopes",
            "12: unknown key `x-require-scopes`; did you mean `x-required-scopes`?",
        ),
        ("x-public: [id, kind]", "x-public: id", "59: `x-public` must be a list of properties"),
        (
            "category: Reader",
            "kategory: Reader",
            "67: `x-data-classification` must be a mapping with a `category`",
        ),
        (
            "    Kind: {type: string,",
            "    Kind: {type: string, x-public: [a],",
            "54: `x-public` lists properties, and `Kind` has none",
        ),
        (
            "Kind: {type: string,",
            "Kind: {type: string, x-data-classification: {category: X},",
            "54: `x-data-classification` means nothing here;"
            " put it on a property of a component schema",
        ),
        (
            "title: Library,",
            "title: Library, x-filters-on: [Book.id],",
            "2: `x-filters-on` means nothing here; put it on a parameter",
        ),
    ],
)
def test_server_side_key_is_known_and_in_its_place(
    refused: Refused, old: str, new: str, finding: str
) -> None:
    assert refused((old, new)) == [finding]


def test_unknown_extension_of_another_tool_is_left_alone(library: Callable[..., Document]) -> None:
    assert library(("title: Library,", "title: Library, x-logo: {url: a},"))


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "      operationId: list_books\n",
            "",
            "9: `get /books` has no `operationId`; it names the handler",
        ),
        (
            "      x-openapi-router-controller: library.books\n",
            "",
            "9: `get /books` has no `x-openapi-router-controller`; it names the handler",
        ),
        (
            "      x-required-scopes: [books:read]\n",
            "",
            "9: `list_books` has no `x-required-scopes`; write `[]` if any valid token will do",
        ),
        (
            "operationId: get_book",
            "security: []\n      operationId: get_book",
            "20: `get_book` is open to everyone; give it `security`",
        ),
        (
            "operationId: get_book",
            "security: [{}, {bearer: []}]\n      operationId: get_book",
            "20: the alternative `{}` lets everyone call `get_book`; remove it",
        ),
        (
            "[{bearer: []}]",
            "[{bearr: []}]",
            "4: unknown security scheme `bearr`; did you mean `bearer`?",
        ),
        (
            'servers: [{url: "https://library.example/api/v1/"}]\n',
            "",
            "1: has no `servers`; the first one's `url` gives the base path",
        ),
        (
            "required: true, schema: {type: string}",
            "required: true, schema: {type: string, pattern: x}",
            "24: `pattern` on path parameter `id` would answer 400 for an unknown id, not 404;"
            " remove it",
        ),
        (
            "x-filters-on: [], schema: {type: string}",
            "x-filters-on: [], schema: {}",
            "8: query parameter `lang` has no `type` in its schema; give it one",
        ),
        (
            "x-filters-on: [], ",
            "",
            "8: query parameter `lang` has no `x-filters-on`; name the properties that it selects"
            " or sorts by, `[]` if there are none",
        ),
    ],
)
def test_operation_is_named_guarded_and_checkable(
    refused: Refused, old: str, new: str, finding: str
) -> None:
    assert refused((old, new)) == [finding]


@pytest.mark.parametrize("security", ["", "security: []\n"])
def test_document_without_security_is_refused(refused: Refused, security: str) -> None:
    line = 4 if security else 1
    assert refused(("security: [{bearer: []}]\n", security)) == [
        f"{line}: `list_books` is open to everyone; give it `security`",
        f"{line}: `get_book` is open to everyone; give it `security`",
    ]


def test_operation_id_that_stands_twice_is_refused(refused: Refused) -> None:
    assert refused(("operationId: get_book", "operationId: list_books")) == [
        "10: operationId `list_books` stands 2 times; make each unique",
        "20: operationId `list_books` stands 2 times; make each unique",
        "50: link `first` leads to unknown operation `get_book`; did you mean `list_books`?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "      additionalProperties: false\n",
            "",
            "55: an object in an answer must be closed; add `additionalProperties: false`",
        ),
        (
            ID,
            ID.replace("{type: string}", "{type: object, additionalProperties: false}"),
            "61: no policy can name an object inside an answer; move it to `components/schemas`",
        ),
        (
            ID,
            ID.replace("{type: string}", "{description: any}"),
            "61: a schema without `type` lets everything out; give it one",
        ),
        (
            ID,
            ID.replace("{type: string}", "{oneOf: [{type: string}]}"),
            "61: `oneOf` in an answer cannot be proved; use `anyOf`, most revealing first",
        ),
        (
            ID,
            ID.replace(
                "{type: string}", "{anyOf: [{type: string}, {$ref: '#/components/schemas/Book'}]}"
            ),
            "61: the alternatives of an `anyOf` must be components, or all plain values",
        ),
        (
            ID,
            ID.replace("{type: string}", "{anyOf: [{type: array, items: {type: string}}]}"),
            "61: the alternatives of an `anyOf` must be components, or all plain values",
        ),
        (
            ID,
            ID.replace("{type: string}", "{allOf: [{type: string}, {type: string}]}"),
            "61: `allOf` of several schemas cannot be closed; write the properties out",
        ),
        (
            "      x-public: [id, kind]\n",
            "      x-public: [id, kind]\n      anyOf: [{$ref: '#/components/schemas/Kind'}]\n",
            "55: an object in an answer must not be combined with others; write its properties out",
        ),
        (
            "'200':\n          desc",
            "'default':\n          desc",
            f"26: answer `default` of `get_book` {GUARD}",
        ),
        (
            "json:\n              schema",
            "xml:\n              schema",
            f"26: answer `200` of `get_book` {GUARD}",
        ),
        (
            "json:\n              schema",
            "xml: {}\n            application/json:\n              schema",
            f"26: answer `200` of `get_book` {GUARD}",
        ),
        (
            "'200':\n          desc",
            "'201': {description: x}\n        '200':\n          desc",
            "25: `get_book` has 2 answers that are not errors; describe one, a 2xx",
        ),
    ],
)
def test_answer_can_be_guarded_and_proved(
    refused: Refused, old: str, new: str, finding: str
) -> None:
    assert finding in refused((old, new))


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "{id: b1, borrower: null}",
            "{id: 1}",
            "31: example is not of its schema: 1 is not of type 'string'",
        ),
        ("[{id: b1}]", "[{}]", "48: example is not of its schema: 'id' is a required property"),
        (
            "value: [{id: b1}]",
            "summary: a",
            "48: example is not of its schema: None is not of type 'array'",
        ),
        (
            ID,
            ID.replace("string", "string, example: 3"),
            "61: example is not of its schema: 3 is not of type 'string'",
        ),
        (
            "operationId: get_book\n          param",
            "operationId: get_bok\n          param",
            "50: link `first` leads to unknown operation `get_bok`; did you mean `get_book`?",
        ),
    ],
)
def test_examples_and_links_are_true(refused: Refused, old: str, new: str, finding: str) -> None:
    assert refused((old, new)) == [finding]


def test_all_findings_are_reported_at_once_by_line(refused: Refused) -> None:
    found = refused(
        ("x-filters-on: [], ", ""),
        ("      additionalProperties: false\n", ""),
        ("      x-required-scopes: [books:read]\n", ""),
    )
    assert [finding.partition(":")[0] for finding in found] == ["8", "9", "54"]


# --- webhooks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "      x-data-of: get_book\n",
            "",
            "70: webhook `book.lent` has no `x-data-of`; name the operation that answers with what"
            " its `data` shall be",
        ),
        (
            "x-data-of: get_book",
            "x-data-of: get_bok",
            "72: unknown operation `get_bok`; did you mean `get_book`?",
        ),
        (
            "x-data-of: get_book",
            "x-data-of: list_books",
            "72: `list_books` does not take exactly one id, in its path, of what an event is about;"
            " name another operation",
        ),
        (
            "- {name: id, in: path,",
            "- {name: lang, in: query, required: true, x-filters-on: [], schema: {type: string}}\n"
            "        - {name: id, in: path,",
            "73: `get_book` does not take exactly one id, in its path, of what an event is about;"
            " name another operation",
        ),
        (
            "        id: {type: string}\n        kind",
            "        id: {type: string, x-data-classification: {category: Reader}}\n        kind",
            "72: `get_book` does not answer with an object that has a required `id` of no class:"
            " what every endpoint is sent; name another operation",
        ),
        (
            "      required: [id]\n",
            "",
            "71: `get_book` does not answer with an object that has a required `id` of no class:"
            " what every endpoint is sent; name another operation",
        ),
        ("      summary: A book was lent\n", "", "70: webhook `book.lent` has no `summary`"),
        (
            "operationId: book_lent",
            "operationId: get_book",
            "71: operationId `get_book` stands more than once; make each unique",
        ),
        (
            "      summary: A book was lent\n",
            "      summary: A book was lent\n      requestBody: {}\n",
            "74: `requestBody` of a webhook is derived; remove it",
        ),
        (
            "  book.lent:",
            "  Lent:",
            "69: `Lent` is no type of events; write words in lower case, with dots between",
        ),
        (
            "  book.lent:\n    post:",
            "  book.lent:\n    get:",
            "69: `book.lent` must have one operation, a `post`, and no more",
        ),
        (
            "      responses:\n        '204': {description: received}\n",
            "",
            "69: `book.lent` must have one operation, a `post`, and no more",
        ),
        (
            "      x-required-scopes: [books:read, loans:read]\n",
            "      x-required-scopes: [books:read, loans:read]\n      x-data-of: get_book\n",
            "23: `x-data-of` means nothing here; put it on a webhook",
        ),
        (
            "x-data-of: get_book",
            "x-data-off: get_book",
            "72: unknown key `x-data-off`; did you mean `x-data-of`?",
        ),
        ("x-webhooks:", "x-webhook:", "68: unknown key `x-webhook`; did you mean `x-webhooks`?"),
        (
            "operationId: list_books",
            "operationId: book.lent",
            "70: `book.lent` is an operationId, too; name the type of events otherwise",
        ),
        ("  book.lent:", "  webhook.test:", "69: `webhook.test` is described by itself; remove it"),
        (
            "operationId: book_lent",
            "operationId: webhook_test",
            "71: operationId `webhook_test` is that of the webhook `webhook.test`; choose another",
        ),
    ],
)
def test_webhook_that_says_too_little_or_too_much_is_refused(
    refused: Refused, old: str, new: str, finding: str
) -> None:
    assert finding in refused((old, new))


def test_webhooks_that_are_no_mapping_are_refused(refused: Refused) -> None:
    [finding] = refused(("x-webhooks:\n  book.lent:", "x-webhooks:\n  - book.lent:"))
    assert finding == "68: `x-webhooks` must map types of events to `post`"
