"""What can be asked: requests made from the document, right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import quote

import httpx
from columns import DOCUMENT, Scopes
from worlds import MARK, secret_of

from gateway import spec
from gateway.spec import Operation

MISSING = ("none_0", "42", "JOB_abc123", "a/b")
WRONG = ("page=0", "page=x", "status=Active", "status=Published", "search=%00", "nothing=1")
METHODS = ("HEAD", "POST", "DELETE", "OPTIONS")
LAST_PAGE = 3  # one beyond the last
REQUEST_ID = "leaks"


@dataclass(frozen=True)
class Question:
    """A request but for who makes it.

    Attributes:
        target: path and query, percent-encoded.
    """

    method: str
    target: str

    def __str__(self) -> str:
        return f"{self.method} {self.target}"

    def ask(self, client: httpx.Client, scopes: Scopes) -> httpx.Response:
        """Send it with the token that has *scopes*."""
        headers = {"Authorization": f"Bearer {secret_of(scopes)}", "X-Request-Id": REQUEST_ID}
        return client.request(self.method, self.target, headers=headers)


def path_of(operation: Operation, identifier: str | None = None) -> str:
    """Return the path of a request, with the document's examples, or *identifier*, as ids."""
    path = operation.path
    for name, example in examples(operation, "path").items():
        chosen = example if identifier is None else identifier
        path = path.replace(f"{{{name}}}", quote(chosen, safe=""))
    return DOCUMENT.base_path + path


def examples(operation: Operation, where: str) -> dict[str, str]:
    """Return a value for each of the operation's parameters in `path` or `query`, by name.

    That of the document, or of the worlds for what may be any text.
    """
    declared = (spec.raw.resolve(DOCUMENT.raw, one) for one in operation.raw.get("parameters", ()))
    found = {one["name"]: one for one in declared if one["in"] == where}
    free = {
        one.name
        for one in operation.parameters
        if one.schema["type"] == "string" and not {"enum", "pattern"} & set(one.schema)
    }
    return {
        name: MARK if where == "query" and name in free else str(one["example"])
        for name, one in found.items()
    }


def questions(operation: Operation) -> Iterator[Question]:
    """Yield requests that *operation* answers: every set of filters, every page, an unknown id."""
    given = examples(operation, "query")
    paged = "page" in given
    names = [name for name in given if name != "page"]
    for size in range(len(names) + 1):
        for some in combinations(names, size):
            filters = [f"{name}={quote(given[name])}" for name in some]
            for page in range(1, LAST_PAGE + 1) if paged else [None]:
                query = "&".join([*filters, *([f"page={page}"] if page else [])])
                yield Question("GET", path_of(operation) + (f"?{query}" if query else ""))
    for parameter in operation.parameters:
        for word in parameter.schema.get("enum", ()):
            yield Question("GET", f"{path_of(operation)}?{parameter.name}={word}")


def rows_by_id(operation: Operation, identifiers: list[str]) -> Iterator[Question]:
    """Yield a request for each of *identifiers*, if *operation* takes one."""
    if examples(operation, "path"):
        for identifier in identifiers:
            yield Question("GET", path_of(operation, identifier))


def mistakes(operation: Operation) -> Iterator[Question]:
    """Yield requests that are answered with an error, and other methods."""
    yield from rows_by_id(operation, [*MISSING])
    for query in WRONG:
        yield Question("GET", f"{path_of(operation)}?{query}")
    for method in METHODS:
        yield Question(method, path_of(operation))


def documents() -> Iterator[Question]:
    """Yield the requests for the published document."""
    for form in ("json", "yaml"):
        yield Question("GET", f"{DOCUMENT.base_path}/openapi.{form}")
