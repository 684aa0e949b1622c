"""Is each answer JSON, closed, and made of components that policies can rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import Finding
from gateway.spec.raw import (
    JSON,
    answer_schemas_in,
    is_object,
    operations_in,
    resolve,
    successes_of,
)
from gateway.strictyaml import YamlFile, pointer


def successes_are_json(source: YamlFile) -> Iterator[Finding]:
    for found in operations_in(source.data):
        name = found.raw.get("operationId", f"{found.method} {found.path}")
        successes = successes_of(source.data, found.raw)
        if len(successes) != 1:
            message = f"`{name}` has {len(successes)} answers that are not errors; describe one"
            yield source.finding(found.pointer + "/responses", f"{message}, a 2xx")
        for status, content in successes.items():
            is_guarded = list(content) == [JSON] and "schema" in content[JSON]
            if not re.fullmatch(r"2\d\d", status) or not is_guarded:
                message = f"answer `{status}` of `{name}` could not be guarded"
                at = found.pointer + pointer("responses", status)
                yield source.finding(at, f"{message}; describe a 2xx of `{JSON}` alone")


def are_closed(source: YamlFile) -> Iterator[Finding]:
    for at, schema in answer_schemas_in(source.data):
        messages = (
            _open_object(schema),
            _unruled_object(at, schema),
            _unprovable_keyword(schema),
            _untyped(schema),
            _mixed_alternatives(source.data, schema),
        )
        yield from (source.finding(at, message) for message in messages if message)


def _open_object(schema: Mapping[str, Any]) -> str | None:
    if is_object(schema) and schema.get("additionalProperties") is not False:
        return "an object in an answer must be closed; add `additionalProperties: false`"
    return None


def _unruled_object(at: str, schema: Mapping[str, Any]) -> str | None:
    if is_object(schema) and not re.fullmatch(r"/components/schemas/[^/]+", at):
        return "no policy can name an object inside an answer; move it to `components/schemas`"
    return None


def _unprovable_keyword(schema: Mapping[str, Any]) -> str | None:
    for keyword in ("oneOf", "not", "discriminator"):
        if keyword in schema:
            return f"`{keyword}` in an answer cannot be proved; use `anyOf`, most revealing first"
    if is_object(schema) and {"allOf", "anyOf"} & schema.keys():
        return "an object in an answer must not be combined with others; write its properties out"
    if len(schema.get("allOf", ())) > 1:
        return "`allOf` of several schemas cannot be closed; write the properties out"
    return None


def _mixed_alternatives(raw: Mapping[str, Any], schema: Mapping[str, Any]) -> str | None:
    kinds = {_kind_of_alternative(raw, alternative) for alternative in schema.get("anyOf", ())}
    if "other" in kinds or len(kinds) > 1:
        return "the alternatives of an `anyOf` must be components, or all plain values"
    return None


def _kind_of_alternative(raw: Mapping[str, Any], alternative: Mapping[str, Any]) -> str:
    target = resolve(raw, alternative)
    if is_object(target):
        return "component" if "$ref" in alternative else "other"
    return "plain" if target.get("type") in ("string", "number", "integer", "boolean") else "other"


def _untyped(schema: Mapping[str, Any]) -> str | None:
    if not {"$ref", "type", "anyOf", "allOf", "oneOf"} & schema.keys():
        return "a schema without `type` lets everything out; give it one"
    return None
