"""The gateway as its users run it: a `gateway serve` process on a socket, on either database.

Two tenants: `own`, with the reference's examples and demo data, and `peer`, with the same prefix
ids under other texts (each has PEER_MARK in it) and demo data of its own. Both have a token for
every set of scopes. Nothing here is written while the tests run, so all of them share one server.

What a test takes says what it runs for, so that what is added to the document is tested without a
change here: see `runs`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from live_gateway import serving
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker

import ingest
import models
from gateway import accounts, spec, tokens
from gateway.audit import SYSTEM
from gateway.database import connect
from gateway.roles import Role
from gateway.spec import Document, Operation, Parameter
from ingest import demo

ROOT = Path(__file__).parents[2]
DOCUMENT = spec.load(ROOT / "openapi" / "hiring.yaml")
PEER_MARK = "PeerTenant"
TEXTS = ("title", "name", "first_name", "last_name", "phone", "github_username", "location")


def runs() -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]:
    """Yield what tests may take, and the values that they then run with.

    `allowed` is a set of scopes that reaches the operation, `lacking` one that does not; `closed`
    is a parameter with a closed set of values, `selector` one that takes an id, `free_text` one
    that takes any; `paged` is a list in pages, `query` a combination of its filters. An `example`
    is the document's.
    """
    operations = DOCUMENT.operations.values()
    in_query = list(declared(operations, "query"))
    sets = [(operation, scopes) for operation in operations for scopes in scope_sets()]
    paged = [one for one in operations if is_paged(one)]
    yield "operation,allowed", [(one, scopes) for one, scopes in sets if one.scopes <= scopes]
    yield "operation,lacking", [(one, scopes) for one, scopes in sets if not one.scopes <= scopes]
    yield "operation,path_parameter,example", declared(operations, "path")
    yield "operation,parameter,example", in_query
    yield "operation,closed", [(one, p) for one, p, _ in in_query if "enum" in p.schema]
    yield "operation,selector,example", [run for run in in_query if "_" in run[2]]
    yield "operation,free_text", [(one, p) for one, p, _ in in_query if is_free_text(p.schema)]
    yield "paged,query", [(one, query) for one in paged for query in filter_queries(one)]
    yield "paged", [(one,) for one in paged]
    yield "operation", [(one,) for one in operations]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for names, values in runs():
        if set(names.split(",")) <= set(metafunc.fixturenames):
            marked = [pytest.param(*one, id="-".join(map(label, one))) for one in values]
            metafunc.parametrize(names, marked)
            return


def filter_queries(operation: Operation) -> list[str]:
    """Return a query for each set of the operation's filters, with their examples."""
    given = examples(operation, "query")
    names = [parameter.name for parameter in operation.parameters if parameter.filters_on]
    sets = [some for size in range(len(names) + 1) for some in combinations(names, size)]
    return ["&".join(f"{name}={quote(given[name])}" for name in some) for some in sets]


def declared(
    operations: Iterable[Operation], where: str
) -> Iterator[tuple[Operation, Parameter, str]]:
    """Yield each parameter that stands in *where*, with its operation and its example."""
    for operation in operations:
        given = examples(operation, where)
        for parameter in operation.parameters:
            if parameter.where == where:
                yield operation, parameter, given[parameter.name]


def is_paged(operation: Operation) -> bool:
    return "pagination" in DOCUMENT.resolve(operation.response_schema)["properties"]


def is_free_text(schema: Mapping[str, Any]) -> bool:
    return schema["type"] == "string" and not {"enum", "pattern"} & set(schema)


def label(value: Any) -> str:
    """Return what stands for *value* in the id of a test."""
    if isinstance(value, frozenset):
        return "+".join(sorted(value)) or "no_scope"
    return str(getattr(value, "id", None) or getattr(value, "name", value)) or "everything"


def scope_sets() -> list[frozenset[str]]:
    """Return every set of the document's scopes."""
    sizes = range(len(DOCUMENT.scopes) + 1)
    return [frozenset(some) for size in sizes for some in combinations(DOCUMENT.scopes, size)]


# --- who asks -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tenant:
    """An account with its data and its tokens.

    Attributes:
        records: its data, in the import format.
        live: secrets by scopes.
        dead: secrets that are refused, by why.
    """

    records: list[dict[str, Any]]
    live: Mapping[frozenset[str], str]
    dead: Mapping[str, str]

    @property
    def full(self) -> str:
        """The secret of the token that may do everything."""
        return self.live[frozenset(DOCUMENT.scopes)]

    def ids(self, like: str) -> set[str]:
        """Return the ids of its data that have the prefix of the id *like*."""
        prefix = like.partition("_")[0] + "_"
        return {record["id"] for record in self.records if record["id"].startswith(prefix)}


def tenant(database: Any, name: str, records: list[dict[str, Any]]) -> Tenant:
    """Create an account and a token of every kind, and import *records*."""
    now = int(time.time())
    account = accounts.create_account(name, by=SYSTEM, now=now)
    owner = accounts.create_user(f"{name}@example.com", "correct horse battery", by=SYSTEM, now=now)
    accounts.add_member(account, owner, Role.ADMIN, by=SYSTEM, now=now)
    lines = "".join(json.dumps(record) + "\n" for record in records)
    ingest.import_files(database, account, [io.BytesIO(lines.encode())])

    def create(scopes: frozenset[str], at: int = now, expires_at: str | None = None) -> Any:
        return tokens.create(
            account=account,
            user=owner,
            name="contract",
            scopes=scopes,
            expires_at=expires_at,
            by=SYSTEM,
            now=at,
            known_scopes=DOCUMENT.scopes,
        )

    everything = frozenset(DOCUMENT.scopes)
    yesterday = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    _, expired = create(everything, now - 172_800, yesterday.strftime("%Y-%m-%dT%H:%M:%SZ"))
    row, revoked = create(everything)
    tokens.revoke(row, by=SYSTEM, now=now)
    return Tenant(
        records,
        live={scopes: create(scopes)[1] for scopes in scope_sets()},
        dead={"unknown": "0" * 32, "expired": expired, "revoked": revoked},
    )


def reference() -> list[dict[str, Any]]:
    """Return the reference's examples as import records."""
    lines = (ROOT / "examples" / "reference.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def marked(record: dict[str, Any]) -> dict[str, Any]:
    """Return *record* with PEER_MARK in each of its texts."""
    texts = {key: f"{record[key]} {PEER_MARK}" for key in TEXTS if record.get(key)}
    if record.get("email"):
        texts["email"] = f"{PEER_MARK}.{record['email']}"
    return {**record, **texts}


# --- whom they ask ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def contract_database_url(dialect, request, tmp_path_factory) -> Iterator[str]:
    """The address of a database with the current schema that all contract tests share."""
    if dialect == "sqlite":
        path = tmp_path_factory.mktemp("contract") / "gateway.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="session")
def tenants(contract_database_url) -> tuple[Tenant, Tenant]:
    """The tenants `own` and `peer`, in the database."""
    first, second, _third = demo.accounts(scale=0.05)
    database = connect(contract_database_url)
    try:
        with database.connection_context():
            own = tenant(database, "own", [*reference(), *first.records()])
            theirs = [marked(record) for record in [*reference(), *second.records()]]
            return own, tenant(database, PEER_MARK, theirs)
    finally:
        database.close_all()
        models.database.initialize(None)


@dataclass(frozen=True)
class Api:
    """A running gateway with its two tenants, asked by the operations of the document.

    Attributes:
        mark: stands in every row of the peer's, and nowhere else.
    """

    url: str
    client: httpx.Client
    own: Tenant
    peer: Tenant
    mark: str = PEER_MARK

    def ask(
        self,
        operation: Operation,
        secret: str | None,
        query: str = "",
        *,
        method: str | None = None,
        **ids: str,
    ) -> httpx.Response:
        """Send the request that *operation* describes.

        Args:
            query: as it stands in the address, percent-encoded.
            ids: path parameters; those left out are the document's examples.
        """
        path = operation.path
        for name, example in examples(operation, "path").items():
            path = path.replace(f"{{{name}}}", quote(ids.get(name, example), safe=""))
        return self.client.request(
            method or operation.method,
            f"{DOCUMENT.base_path}{path}" + (f"?{query}" if query else ""),
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
        )


@pytest.fixture(scope="session")
def api(contract_database_url, tenants, tmp_path_factory) -> Iterator[Api]:
    """A running gateway with two tenants."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
    environment["DATABASE_URL"] = contract_database_url
    log = tmp_path_factory.mktemp("contract") / "log"
    with (
        serving(environment, log) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield Api(url, client, *tenants)


# --- what the document says ---------------------------------------------------------------------


def examples(operation: Operation, where: str) -> dict[str, str]:
    """Return the examples of the operation's parameters in `path` or `query`, by name."""
    declared = (spec.raw.resolve(DOCUMENT.raw, one) for one in operation.raw.get("parameters", ()))
    return {one["name"]: str(one["example"]) for one in declared if one["in"] == where}


@pytest.fixture(scope="session")
def document() -> Document:
    """The OpenAPI document as the engine reads it."""
    return DOCUMENT


@pytest.fixture(scope="session")
def resolve():
    """Return what a part of a raw OpenAPI document is or refers to."""
    return spec.raw.resolve


@pytest.fixture(scope="session")
def body_of():
    """Return an answer's body, once the answer is what the document says of it."""

    def checked(operation: Operation, answer: httpx.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, f"{answer.request.url}: {answer.text}"
        described = spec.raw.resolve(DOCUMENT.raw, operation.raw["responses"][str(status)])
        [content_type] = described["content"]
        assert answer.headers["Content-Type"] == content_type
        required = [
            name
            for name, header in described["headers"].items()
            if spec.raw.resolve(DOCUMENT.raw, header)["required"]
        ]
        assert [name for name in required if name not in answer.headers] == []
        body = answer.json()
        schema = described["content"][content_type]["schema"]
        assert [error.message for error in errors(DOCUMENT.raw, schema, body)] == []
        if status >= 400:
            assert body["status"] == status
            assert body["request_id"] == answer.headers["X-Request-Id"]
        return body

    return checked


def errors(raw: Mapping[str, Any], schema: Mapping[str, Any], body: Any) -> Iterator[Any]:
    """Yield what is wrong with *body* by a schema of the OpenAPI document *raw*."""
    whole = {"allOf": [schema], "components": raw["components"]}
    yield from OAS30ReadValidator(whole, format_checker=oas30_format_checker).iter_errors(body)


@pytest.fixture(scope="session")
def errors_of():
    """Return what is wrong with a body by a schema of a raw OpenAPI document."""
    return errors
