"""Is each answer closed, made of components that policies can rule, and as its examples show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft4Validator

from gateway.errors import Finding, echo
from gateway.hints import did_you_mean
from gateway.spec.draft4 import as_draft4, standalone
from gateway.spec.raw import is_object, lookup, operations_in, resolve, success_schemas
from gateway.strictyaml import YamlFile, pointer


def links_lead_somewhere(source: YamlFile) -> Iterator[Finding]:
    known = [found.raw.get("operationId", "") for found in operations_in(source.data)]
    for at, response in _responses(source.data):
        for name, given in response.get("links", {}).items():
            target = resolve(source.data, given).get("operationId")
            if target not in known:
                hint = did_you_mean(str(target), known, "; name an operationId")
                message = f"link `{name}` leads to unknown operation `{target}`{hint}"
                yield source.finding(at + pointer("links", name), message)


def examples_conform(source: YamlFile) -> Iterator[Finding]:
    schemas = source.data["components"].get("schemas", {})
    definitions = {name: as_draft4(schema) for name, schema in schemas.items()}
    for at, media in _media_types(source.data):
        if "schema" not in media:
            continue
        validator = Draft4Validator(standalone(as_draft4(media["schema"]), definitions))
        for where, value in _examples(source.data, at, media):
            for error in validator.iter_errors(value):
                place = where + pointer(*error.absolute_path)
                yield source.finding(place, f"example is not of its schema: {echo(error.message)}")


def successes_are_json(source: YamlFile) -> Iterator[Finding]:
    for found in operations_in(source.data):
        name = found.raw.get("operationId", f"{found.method} {found.path}")
        successes = success_schemas(source.data, found.raw)
        if len(successes) != 1:
            message = f"`{name}` has {len(successes)} answers that are not errors; describe one"
            yield source.finding(found.pointer + "/responses", f"{message}, a 2xx")
        for status, schema in successes:
            if not re.fullmatch(r"2\d\d", status) or schema is None:
                message = f"answer `{status}` of `{name}` could not be guarded"
                at = found.pointer + pointer("responses", status)
                yield source.finding(at, f"{message}; describe a 2xx with `application/json`")


def are_closed(source: YamlFile) -> Iterator[Finding]:
    for at, schema in _response_schemas(source.data):
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


def _responses(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, response) of every answer of every operation, shared ones once."""
    seen = set()
    for found in operations_in(raw):
        for status, given in found.raw["responses"].items():
            own = found.pointer + pointer("responses", status)
            at = given["$ref"][1:] if "$ref" in given else own
            if at not in seen:
                seen.add(at)
                yield at, resolve(raw, given)


def _media_types(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for at, response in _responses(raw):
        for name, media in response.get("content", {}).items():
            yield at + pointer("content", name), media


def _examples(
    raw: Mapping[str, Any], at: str, media: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    if "example" in media:
        yield at + "/example", media["example"]
    for name, given in media.get("examples", {}).items():
        where = given["$ref"][1:] if "$ref" in given else at + pointer("examples", name)
        yield where + "/value", resolve(raw, given).get("value")


def _response_schemas(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, schema) of every schema that an answer is made of, each once."""
    seen: set[str] = set()
    for at, media in _media_types(raw):
        if "schema" in media:
            yield from _schemas_under(raw, at + "/schema", media["schema"], seen)


def _schemas_under(
    raw: Mapping[str, Any], at: str, schema: Mapping[str, Any], seen: set[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if at in seen:
        return
    seen.add(at)
    yield at, schema
    if "$ref" in schema:
        target = schema["$ref"][1:]
        yield from _schemas_under(raw, target, lookup(raw, schema["$ref"]), seen)
        return
    for name, child in schema.get("properties", {}).items():
        yield from _schemas_under(raw, at + pointer("properties", name), child, seen)
    for keyword in ("anyOf", "allOf", "oneOf"):
        for index, child in enumerate(schema.get(keyword, ())):
            yield from _schemas_under(raw, at + pointer(keyword, index), child, seen)
    if "items" in schema:
        yield from _schemas_under(raw, at + "/items", schema["items"], seen)
