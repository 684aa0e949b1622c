"""Is each operation named, guarded, and given parameters that can be checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.spec.raw import (
    CONTROLLER,
    FILTERS_ON,
    REQUIRED_SCOPES,
    operations_in,
    parameters_of,
    resolve,
)
from gateway.strictyaml import YamlFile, pointer


def base_path_is_known(source: YamlFile) -> Iterator[Finding]:
    if not source.data.get("servers"):
        yield source.finding("", "has no `servers`; the first one's `url` gives the base path")


def are_named(source: YamlFile) -> Iterator[Finding]:
    for found in operations_in(source.data):
        for key in ("operationId", CONTROLLER):
            if key not in found.raw:
                message = f"`{found.method} {found.path}` has no `{key}`"
                yield source.finding(found.pointer, f"{message}; it names the handler")


def ids_are_unique(source: YamlFile) -> Iterator[Finding]:
    counts = Counter(found.raw.get("operationId") for found in operations_in(source.data))
    for found in operations_in(source.data):
        name = found.raw.get("operationId")
        if name is not None and counts[name] > 1:
            message = f"operationId `{name}` stands {counts[name]} times; make each unique"
            yield source.finding(found.pointer + "/operationId", message)


def are_guarded(source: YamlFile) -> Iterator[Finding]:
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


def parameters_are_those_of_the_path(source: YamlFile) -> Iterator[Finding]:
    for found in operations_in(source.data):
        name = found.raw.get("operationId", f"{found.method} {found.path}")
        in_path = set(re.findall(r"\{([^{}]*)\}", found.path))
        described = {
            parameter["name"]: at
            for at, parameter in parameters_of(source.data, found)
            if parameter["in"] == "path"
        }
        for missing in sorted(in_path - described.keys()):
            message = f"`{{{missing}}}` in the path of `{name}` is not described"
            hint = did_you_mean(missing, described, "; add a parameter with `in: path`")
            yield source.finding(found.pointer, message + hint)
        for extra in sorted(described.keys() - in_path):
            message = f"path parameter `{extra}` of `{name}` is not in `{found.path}`"
            yield source.finding(described[extra], f"{message}; write `{{{extra}}}` or remove it")


def parameters_stand_once(source: YamlFile) -> Iterator[Finding]:
    owners = [(pointer("paths", path), item) for path, item in source.data["paths"].items()]
    owners += [(found.pointer, found.raw) for found in operations_in(source.data)]
    for at, owner in owners:
        seen = set()
        for index, given in enumerate(owner.get("parameters", ())):
            parameter = resolve(source.data, given)
            key = parameter["in"], parameter["name"]
            if key in seen:
                message = f"{key[0]} parameter `{key[1]}` stands twice; keep one"
                yield source.finding(at + pointer("parameters", index), message)
            seen.add(key)


def tags_stand_once(source: YamlFile) -> Iterator[Finding]:
    seen = set()
    for index, tag in enumerate(source.data.get("tags", ())):
        if tag["name"] in seen:
            message = f"tag `{tag['name']}` stands twice; keep one"
            yield source.finding(pointer("tags", index), message)
        seen.add(tag["name"])


def parameters_can_be_checked(source: YamlFile) -> Iterator[Finding]:
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
    if where == "query" and FILTERS_ON not in parameter:
        message = f"query parameter `{name}` has no `{FILTERS_ON}`; name the properties that it"
        yield source.finding(at, f"{message} selects or sorts by, `[]` if there are none")
    if where == "path" and "pattern" in schema:
        message = (
            f"`pattern` on path parameter `{name}` would answer 400 for an unknown id, not 404"
        )
        yield source.finding(at + "/schema/pattern", f"{message}; remove it")
