"""What makes a document unfit to serve. Fails closed: a finding stops the start.

Three steps, each reporting all that it finds, because each needs the one before:

1. what is read: strict YAML, no Jinja2 marks (Connexion renders the file), every `$ref` local and
   found, a valid OpenAPI 3.0 document;
2. the server-side keys: known, in their places, of their shapes;
3. what the engine relies on: each operation guarded, each answer closed and made of components.

Runs at start only. It must not know policies: `gateway.policy.prove` does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator
from openapi_spec_validator.validation.exceptions import DuplicateOperationIDError

from gateway import strictyaml
from gateway.errors import ConfigError, Finding
from gateway.hints import did_you_mean
from gateway.spec.document import (
    CLASSIFICATION,
    CONTROLLER,
    FILTERS_ON,
    PUBLIC,
    REQUIRED_SCOPES,
    SERVER_SIDE_KEYS,
    Document,
    Located,
    is_object,
    lookup,
    operations_in,
    parameters_of,
    resolve,
    success_schemas,
)
from gateway.strictyaml import YamlFile, pointer

_Check = Callable[[YamlFile], Iterator[Finding]]


def load(path: Path) -> Document:
    """Read and check the document at *path*.

    Raises:
        ConfigError: with every finding of the first step that has any.
    """
    source = strictyaml.load(path)
    for step in _STEPS:
        findings = [finding for check in step for finding in check(source)]
        if findings:
            raise ConfigError(*sorted(findings, key=lambda finding: finding.line or 0))
    return Document.of(source)


# --- step 1: what is read ---------------------------------------------------------------------


def _is_a_mapping(source: YamlFile) -> Iterator[Finding]:
    if not isinstance(source.data, dict):
        yield source.finding("", "is not an OpenAPI document; begin with `openapi: 3.0.3`")


def _no_jinja_marks(source: YamlFile) -> Iterator[Finding]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        mark = re.search(r"\{\{|\{%|\{#", line)
        if mark:
            message = f"`{mark[0]}` would be rendered by Jinja2 when Connexion loads the file"
            yield Finding(f"{message}; write a blank between the two", source.path, number)


def _references_are_found(source: YamlFile) -> Iterator[Finding]:
    for at, value in _mappings(source.data):
        reference = value.get("$ref")
        if not isinstance(reference, str):
            continue
        if not reference.startswith("#/"):
            message = f"`{reference}` is outside this file; refer to `#/components/…`"
            yield source.finding(at + "/$ref", message)
        elif not _is_found(source.data, reference):
            hint = did_you_mean(reference, _siblings(source.data, reference))
            yield source.finding(at + "/$ref", f"`{reference}` names nothing{hint}")
        elif _is_circular(source.data, value):
            yield source.finding(at + "/$ref", f"`{reference}` refers back to itself")


def _is_valid_openapi(source: YamlFile) -> Iterator[Finding]:
    version = source.data.get("openapi")
    if not re.fullmatch(r"3\.0\.\d+", str(version)):
        yield source.finding("/openapi", f"OpenAPI `{version}` is not read; write `openapi: 3.0.3`")
        return
    for error in OpenAPIV30SpecValidator(source.data).iter_errors():
        if isinstance(error, DuplicateOperationIDError):
            continue  # reported with its line by `_operation_ids_are_unique`
        message = str(error.message).partition("\n")[0]
        at = pointer(*getattr(error, "absolute_path", ()))
        yield source.finding(at, f"is not valid OpenAPI 3.0: {message}")


def _is_found(raw: Mapping[str, Any], reference: str) -> bool:
    try:
        lookup(raw, reference)
    except KeyError:
        return False
    return True


def _is_circular(raw: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    seen = set()
    while isinstance(value, Mapping) and "$ref" in value:
        if value["$ref"] in seen:
            return True
        seen.add(value["$ref"])
        if not _is_found(raw, value["$ref"]):
            return False
        value = lookup(raw, value["$ref"])
    return False


def _siblings(raw: Mapping[str, Any], reference: str) -> list[str]:
    """Return the references that the one *reference* was probably meant to be is among."""
    section = reference.rpartition("/")[0]
    kinds = raw.get("components", {})
    everywhere = [f"#{pointer('components', k, n)}" for k, names in kinds.items() for n in names]
    return [other for other in everywhere if other.startswith(section + "/")] or everywhere


# --- step 2: the server-side keys ---------------------------------------------------------------


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _classification(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("category"), str)


_OPERATION = r"/paths/[^/]+/[a-z]+"
_PARAMETER = rf"({_OPERATION}|/paths/[^/]+)/parameters/\d+|/components/parameters/[^/]+"

# Where each key stands (JSON pointer of what it stands on), what that is called, what it holds.
_SHAPES: dict[str, tuple[str, str, Callable[[Any], bool], str]] = {
    CONTROLLER: (_OPERATION, "an operation", lambda v: isinstance(v, str), "a module's name"),
    REQUIRED_SCOPES: (_OPERATION, "an operation", _strings, "a list of scopes"),
    FILTERS_ON: (_PARAMETER, "a parameter", _strings, "a list of `Component.property`"),
    PUBLIC: (r"/components/schemas/[^/]+", "a component schema", _strings, "a list of properties"),
    CLASSIFICATION: (
        r"/components/schemas/[^/]+/properties/[^/]+",
        "a property of a component schema",
        _classification,
        "a mapping with a `category`",
    ),
}


def _extensions_are_in_place(source: YamlFile) -> Iterator[Finding]:
    for at, value in _mappings(source.data):
        for key in value:
            if key in _SHAPES:
                place, place_name, has_shape, shape_name = _SHAPES[key]
                if not re.fullmatch(place, at):
                    message = f"`{key}` means nothing here; put it on {place_name}"
                    yield source.finding(at + pointer(key), message)
                elif not has_shape(value[key]):
                    yield source.finding(at + pointer(key), f"`{key}` must be {shape_name}")
            elif key.startswith("x-") and (hint := did_you_mean(key, SERVER_SIDE_KEYS)):
                yield source.finding(at + pointer(key), f"unknown key `{key}`{hint}")


# --- step 3: what the engine relies on ----------------------------------------------------------


def _base_path_is_known(source: YamlFile) -> Iterator[Finding]:
    if not source.data.get("servers"):
        yield source.finding("", "has no `servers`; the first one's `url` gives the base path")


def _operations_are_named(source: YamlFile) -> Iterator[Finding]:
    for found in operations_in(source.data):
        for key in ("operationId", CONTROLLER):
            if key not in found.raw:
                message = f"`{found.method} {found.path}` has no `{key}`"
                yield source.finding(found.pointer, f"{message}; it names the handler")


def _operation_ids_are_unique(source: YamlFile) -> Iterator[Finding]:
    counts = Counter(found.raw.get("operationId") for found in operations_in(source.data))
    for found in operations_in(source.data):
        name = found.raw.get("operationId")
        if name is not None and counts[name] > 1:
            message = f"operationId `{name}` stands {counts[name]} times; make each unique"
            yield source.finding(found.pointer + "/operationId", message)


def _operations_are_guarded(source: YamlFile) -> Iterator[Finding]:
    schemes = source.data.get("components", {}).get("securitySchemes", {})
    for found in operations_in(source.data):
        name = found.raw.get("operationId", f"{found.method} {found.path}")
        if REQUIRED_SCOPES not in found.raw:
            message = f"`{name}` has no `{REQUIRED_SCOPES}`; write `[]` if any valid token will do"
            yield source.finding(found.pointer, message)
        own = "security" in found.raw
        security = found.raw["security"] if own else source.data.get("security")
        at = found.pointer + "/security" if own else "/security"
        if not security:
            yield source.finding(at, f"`{name}` is open to everyone; give it `security`")
            continue
        for index, alternative in enumerate(security):
            if not alternative:
                message = f"the alternative `{{}}` lets everyone call `{name}`; remove it"
                yield source.finding(at + pointer(index), message)
            for scheme in alternative:
                if scheme not in schemes:
                    hint = did_you_mean(scheme, schemes)
                    message = f"unknown security scheme `{scheme}`{hint}"
                    yield source.finding(at + pointer(index, scheme), message)


def _parameters_can_be_checked(source: YamlFile) -> Iterator[Finding]:
    seen = set()
    for found in operations_in(source.data):
        for at, parameter in parameters_of(source.data, found):
            if at in seen:
                continue
            seen.add(at)
            yield from _parameter_findings(source, at, parameter)


def _parameter_findings(
    source: YamlFile, at: str, parameter: Mapping[str, Any]
) -> Iterator[Finding]:
    name, where = parameter["name"], parameter["in"]
    schema = resolve(source.data, parameter.get("schema", {}))
    if "type" not in schema:
        message = f"{where} parameter `{name}` has no `type` in its schema; give it one"
        yield source.finding(at + "/schema", message)
    if where == "path" and "pattern" in schema:
        message = (
            f"`pattern` on path parameter `{name}` would answer 400 for an unknown id, not 404"
        )
        yield source.finding(at + "/schema/pattern", f"{message}; remove it")


def _successes_are_json(source: YamlFile) -> Iterator[Finding]:
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


def _responses_are_closed(source: YamlFile) -> Iterator[Finding]:
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


# --- walking ------------------------------------------------------------------------------------


def _mappings(value: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (pointer, mapping) of every mapping under *value*, itself included."""
    if isinstance(value, dict):
        yield at, value
        for key, item in value.items():
            yield from _mappings(item, at + pointer(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _mappings(item, at + pointer(index))


def _response_schemas(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, schema) of every schema that an answer is made of, each once."""
    seen: set[str] = set()
    for found in operations_in(raw):
        for at, schema in _content_schemas(raw, found):
            yield from _schemas_under(raw, at, schema, seen)


def _content_schemas(
    raw: Mapping[str, Any], found: Located
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for status, given in found.raw["responses"].items():
        at = given["$ref"][1:] if "$ref" in given else found.pointer + pointer("responses", status)
        for media_type, media in resolve(raw, given).get("content", {}).items():
            if "schema" in media:
                yield at + pointer("content", media_type, "schema"), media["schema"]


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


_STEPS: tuple[tuple[_Check, ...], ...] = (
    (_is_a_mapping,),
    (_no_jinja_marks, _references_are_found),
    (_is_valid_openapi,),
    (_extensions_are_in_place,),
    (
        _base_path_is_known,
        _operations_are_named,
        _operation_ids_are_unique,
        _operations_are_guarded,
        _parameters_can_be_checked,
        _successes_are_json,
        _responses_are_closed,
    ),
)
