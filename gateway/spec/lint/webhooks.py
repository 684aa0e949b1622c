"""Is each webhook named, described, and made of an answer that is about one thing with an id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.spec.payloads import TEST, TEST_ID
from gateway.spec.raw import (
    CLASSIFICATION,
    DATA_OF,
    JSON,
    WEBHOOKS,
    Located,
    is_object,
    operations_in,
    parameters_of,
    resolve,
    successes_of,
    webhooks_in,
)
from gateway.strictyaml import YamlFile, pointer

# Source: Standard Webhooks, "Event types".
TYPE = r"[a-z0-9_]+(\.[a-z0-9_]+)+"

# What `gateway.spec.publish` writes for all of them alike.
DERIVED = ("requestBody", "parameters", "security")


def webhooks_are_path_items(source: YamlFile) -> Iterator[Finding]:
    """Each has the form that OpenAPI 3.1 gives it; `x-` keys are checked by no validator."""
    webhooks = source.data.get(WEBHOOKS, {})
    if not isinstance(webhooks, dict):
        yield source.finding(pointer(WEBHOOKS), f"`{WEBHOOKS}` must map types of events to `post`")
        return
    for name, item in webhooks.items():
        at = pointer(WEBHOOKS, name)
        if not re.fullmatch(TYPE, name):
            message = f"`{name}` is no type of events; write words in lower case, with dots between"
            yield source.finding(at, message)
        if name == TEST:
            yield source.finding(at, f"`{TEST}` is described by itself; remove it")
        if not isinstance(item, dict) or list(item) != ["post"] or not _is_operation(item["post"]):
            yield source.finding(at, f"`{name}` must have one operation, a `post`, and no more")


def _is_operation(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("responses"), dict)


def webhooks_are_described(source: YamlFile) -> Iterator[Finding]:
    operations = {found.raw.get("operationId"): found for found in operations_in(source.data)}
    # Both are names of what gives data: `Document.outlets`.
    for found in webhooks_in(source.data):
        if found.path in operations:
            message = f"`{found.path}` is an operationId, too; name the type of events otherwise"
            yield source.finding(found.pointer, message)
    for found in (*operations.values(), *webhooks_in(source.data)):
        if found.raw.get("operationId") == TEST_ID:
            message = f"operationId `{TEST_ID}` is that of the webhook `{TEST}`; choose another"
            yield source.finding(found.pointer + "/operationId", message)
    ids = Counter(found.raw.get("operationId") for found in webhooks_in(source.data))
    for found in webhooks_in(source.data):
        for key in ("operationId", "summary", "description"):
            if not isinstance(found.raw.get(key), str):
                yield source.finding(found.pointer, f"webhook `{found.path}` has no `{key}`")
        for key in DERIVED:
            if key in found.raw:
                message = f"`{key}` of a webhook is derived; remove it"
                yield source.finding(found.pointer + pointer(key), message)
        own = found.raw.get("operationId")
        if own is not None and ids[own] + (own in operations) > 1:
            message = f"operationId `{own}` stands more than once; make each unique"
            yield source.finding(found.pointer + "/operationId", message)
        yield from _data_findings(source, found, operations)


def _data_findings(
    source: YamlFile, found: Located, operations: Mapping[str | None, Located]
) -> Iterator[Finding]:
    if DATA_OF not in found.raw:
        message = f"webhook `{found.path}` has no `{DATA_OF}`; name the operation that answers with"
        yield source.finding(found.pointer, f"{message} what its `data` shall be")
        return
    name = found.raw[DATA_OF]
    at = found.pointer + pointer(DATA_OF)
    operation = operations.get(name)
    if operation is None:
        hint = did_you_mean(name, [one for one in operations if one], "; name an operationId")
        yield source.finding(at, f"unknown operation `{name}`{hint}")
    elif not _takes_one_id(source.data, operation):
        message = f"`{name}` does not take exactly one id, in its path, of what an event is about"
        yield source.finding(at, f"{message}; name another operation")
    elif not _answers_with_id(source.data, operation):
        message = f"`{name}` does not answer with an object that has a required `id` of no class"
        yield source.finding(at, f"{message}: what every endpoint is sent; name another operation")


def _takes_one_id(raw: Mapping[str, Any], operation: Located) -> bool:
    parameters = [parameter for _, parameter in parameters_of(raw, operation)]
    needed = [one for one in parameters if one["in"] == "path" or one.get("required")]
    return operation.method == "get" and [one["in"] for one in needed] == ["path"]


def _answers_with_id(raw: Mapping[str, Any], operation: Located) -> bool:
    [content] = successes_of(raw, operation.raw).values()
    schema = content[JSON]["schema"]
    answer = resolve(raw, schema)
    if "$ref" not in schema or not is_object(answer) or "id" not in answer.get("required", ()):
        return False
    return CLASSIFICATION not in answer["properties"]["id"]
