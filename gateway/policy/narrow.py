"""The document narrowed to what a scope set reaches and sees; served to who asks with a token.

Left out: operations that take another scope, properties that are not shown, alternatives that are
not kept, examples and links that show or need what is not there, and every component and tag that
nothing uses any more. Every answer to such a token is valid against what is left.

Runs once per scope set. The server-side keys stay: `gateway.spec.published` strips them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft4Validator

from gateway.policy.model import place_in
from gateway.policy.redact import redact
from gateway.policy.schemas import answer_schema, component_for, data_schema, schema_for
from gateway.policy.shown import Shown
from gateway.policy.ways import DROP
from gateway.spec import Webhook
from gateway.spec.payloads import ID, answer_of, described, whole_example
from gateway.spec.raw import METHODS, WEBHOOKS, components_in, example_of, references_in, resolve
from gateway.strictyaml import tokens_of

_Json = dict[str, Any]


def narrowed_document(shown: Shown) -> _Json:
    """Return the narrowed document: valid OpenAPI 3.0, in the order of the whole one."""
    raw = shown.model.document.raw
    components = raw["components"]
    schemas = {name: component_for(shown, name) for name in shown.model.document.schemas}
    responses = {
        name: _response(shown, given) for name, given in components.get("responses", {}).items()
    }
    narrowed = {
        **raw,
        "paths": dict(_paths(shown)),
        "components": {**components, "schemas": schemas, "responses": responses},
    }
    if WEBHOOKS in raw:
        narrowed[WEBHOOKS] = described(
            shown.model.document,
            lambda _, webhook: data_schema(shown, webhook),
            lambda _, webhook: _data_example(shown, webhook),
        )
    return _without_unused(narrowed)


# --- operations and their answers -----------------------------------------------------------------


def _paths(shown: Shown) -> Iterator[tuple[str, _Json]]:
    """Yield (path, item) of each path that has an operation that is reached."""
    for path, item in shown.model.document.raw["paths"].items():
        kept = {
            key: _operation(shown, value) if key in METHODS else value
            for key, value in item.items()
            if key not in METHODS or shown.reaches(value["operationId"])
        }
        if any(key in METHODS for key in kept):
            yield path, kept


def _operation(shown: Shown, operation: Mapping[str, Any]) -> _Json:
    responses = operation["responses"].items()
    return {**operation, "responses": {status: _response(shown, one) for status, one in responses}}


def _response(shown: Shown, response: Mapping[str, Any]) -> _Json:
    if "$ref" in response:
        return dict(response)
    narrowed = dict(response)
    media_types = response.get("content", {})
    if media_types:
        narrowed["content"] = {name: _media(shown, media_types[name]) for name in media_types}
    if "links" in response:
        schemas = [media["schema"] for media in media_types.values() if "schema" in media]
        links = response["links"].items()
        narrowed["links"] = {n: link for n, link in links if _link_holds(shown, schemas, link)}
        if not narrowed["links"]:
            del narrowed["links"]
    return narrowed


def _media(shown: Shown, media: Mapping[str, Any]) -> _Json:
    if "schema" not in media:
        return dict(media)
    schema = media["schema"]
    narrowed = {**media, "schema": schema_for(shown, schema)}
    narrowed.pop("example", None)
    narrowed.pop("examples", None)
    return narrowed | _examples(shown, media)


def _examples(shown: Shown, media: Mapping[str, Any]) -> _Json:
    """Return the examples of *media* that the caller can be given, under their keyword.

    That of a fuller answer would tell of what the caller is not shown, that of a barer one would
    not satisfy the narrowed schema. If none is left, the first is redacted.
    """
    raw, schema = shown.model.document.raw, media["schema"]
    named = {name: resolve(raw, one) for name, one in media.get("examples", {}).items()}
    values = [example["value"] for example in named.values()]
    values += [media["example"]] if "example" in media else []
    if not values:
        return {}
    validator = Draft4Validator(answer_schema(shown, schema))
    fitting = [name for name, example in named.items() if validator.is_valid(example["value"])]
    if fitting:
        return {"examples": {name: media["examples"][name] for name in fitting}}
    redacted = redact(shown, schema, values[0])
    if not validator.is_valid(redacted):
        return {}
    if not named:
        return {"example": redacted}
    name, first = next(iter(named.items()))
    return {"examples": {name: {**first, "value": redacted}}}


def _data_example(shown: Shown, webhook: Webhook) -> Any:
    """Return an example of a payload's `data` that an endpoint can be sent; None: there is none."""
    document = shown.model.document
    if shown.reaches(webhook.operation.id):
        return example_of(document.raw, _examples(shown, answer_of(document, webhook)))
    whole = whole_example(document, webhook)
    return None if whole is None else {ID: whole[ID]}


# --- links ----------------------------------------------------------------------------------------


def _link_holds(
    shown: Shown, schemas: Sequence[Mapping[str, Any]], link: Mapping[str, Any]
) -> bool:
    """Tell whether a link leads to an operation that is reached, from fields that are shown."""
    given = resolve(shown.model.document.raw, link)
    if not shown.reaches(given["operationId"]):
        return False
    pointers = (
        found[1]
        for expression in given.get("parameters", {}).values()
        for found in re.finditer(r"\$response\.body#([^}]*)", str(expression))
    )
    return all(_is_visible(shown, one, tokens_of(at)) for at in pointers for one in schemas)


def _is_visible(shown: Shown, schema: Mapping[str, Any], tokens: Sequence[str]) -> bool:
    """Tell whether what *tokens* name in a document of *schema* is shown as it is."""
    if not tokens:
        return True
    name, *rest = tokens
    target = shown.model.document.resolve(schema)
    if "items" in target:
        return _is_visible(shown, target["items"], rest)
    place = place_in(shown.model.document, schema)
    kept = shown.alternative(place.alternatives) if place else None
    if kept is None or not shown.fields(kept).get(name, DROP).identity:
        return False
    return _is_visible(shown, shown.model.components[kept].fields[name].schema, rest)


# --- what nothing uses any more -------------------------------------------------------------------


def _without_unused(document: _Json) -> _Json:
    operations = [
        item[method]
        for item in (*document["paths"].values(), *document.get(WEBHOOKS, {}).values())
        for method in METHODS
        if method in item
    ]
    outside = {key: document[key] for key in document if key != "components"}
    used = components_in(document, references_in(outside))
    used |= {
        ("securitySchemes", scheme)
        for owner in (document, *operations)
        for requirement in owner.get("security", ())
        for scheme in requirement
    }
    components = {
        kind: {name: value for name, value in named.items() if (kind, name) in used}
        for kind, named in document["components"].items()
    }
    document["components"] = {kind: named for kind, named in components.items() if named}
    if "tags" in document:
        tags = {tag for operation in operations for tag in operation.get("tags", ())}
        document["tags"] = [tag for tag in document["tags"] if tag["name"] in tags]
    return document
