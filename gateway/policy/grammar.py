"""The grammar of policy files: from a directory of YAML to rules.

A file is held against `policy.schema.json` (or, for `classes.yaml`, `classes.schema.json`) and then
read; the schemas are the only description of the form, and an editor can use them too.

Runs at start and at reload. Whether the names in a file exist is not asked here: that takes the
OpenAPI document, and is for `gateway.policy.proof`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gateway import schemacheck, strictyaml
from gateway.errors import ConfigError, Finding
from gateway.policy.rules import (
    NO_SCOPES,
    Acknowledgement,
    ComponentPolicy,
    DataClass,
    Example,
    FieldRule,
    Location,
    PolicySet,
    Scopes,
    Tier,
)
from gateway.policy.ways import DROP, VALUE, Hash, Mask, Truncate, Way
from gateway.strictyaml import YamlFile, pointer

CLASSES = "classes.yaml"

Load = Callable[[Path], YamlFile]


def read(directory: Path) -> PolicySet:
    """Read every `*.yaml` of *directory*: one policy each, and the data classes.

    Raises:
        ConfigError: with the findings of all files.
    """
    return read_files(directory, directory.glob("*"))


def read_files(directory: Path, paths: Iterable[Path], load: Load = strictyaml.load) -> PolicySet:
    """Read the policies among *paths*, the files of *directory*. Raises as `read`.

    Args:
        load: reads one of them; for files that are not on the disk.
    """
    found = sorted(paths)
    if directory / CLASSES not in found:
        raise ConfigError(Finding(f"has no `{CLASSES}`; write one", directory))
    findings = [
        Finding("is not read; rename it to `.yaml`", path) for path in found if path.match("*.yml")
    ]
    sources: list[YamlFile] = []
    for path in found:
        if not path.match("*.yaml"):
            continue
        try:
            sources.append(_checked(load(path)))
        except ConfigError as error:
            findings += error.findings
    if not findings:
        findings += _twice(sources)
    if findings:
        raise ConfigError(*findings)
    return _policy_set(sources)


def _checked(source: YamlFile) -> YamlFile:
    kind = "classes" if source.path.name == CLASSES else "policy"
    findings = schemacheck.findings(source, _schema(kind))
    if findings:
        raise ConfigError(*findings)
    return source


def _schema(kind: str) -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath(f"{kind}.schema.json").read_text("utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


def _twice(sources: list[YamlFile]) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for source in sources:
        if source.path.name == CLASSES:
            continue
        component = source.data["component"]
        if component in first:
            message = f"`{component}` has a policy in {first[component]} already; merge the two"
            yield source.finding("/component", message)
        first.setdefault(component, source.path)


def _policy_set(sources: list[YamlFile]) -> PolicySet:
    digest = hashlib.sha256()
    for source in sources:
        for part in (source.path.name, source.text):
            digest.update(part.encode())
            digest.update(b"\0")
    [classes] = [source for source in sources if source.path.name == CLASSES]
    policies = [_policy(source) for source in sources if source is not classes]
    return PolicySet(
        components=MappingProxyType({policy.component: policy for policy in policies}),
        classes=MappingProxyType({one.category: one for one in _classes(classes)}),
        acknowledgements=tuple(_acknowledgements(classes)),
        digest=digest.hexdigest(),
    )


def _policy(source: YamlFile) -> ComponentPolicy:
    data = source.data
    return ComponentPolicy(
        component=data["component"],
        because=data["because"],
        public=tuple(
            FieldRule.of_public(name, _location(source, pointer("public", index)))
            for index, name in enumerate(data.get("public", ()))
        ),
        show=tuple(
            _rule(source, pointer("show", name), name, given)
            for name, given in data.get("show", {}).items()
        ),
        examples=tuple(
            Example(
                scopes=frozenset(given["scopes"]),
                given=given["given"],
                gives=given["gives"],
                location=_location(source, pointer("examples", index)),
            )
            for index, given in enumerate(data.get("examples", ()))
        ),
        location=_location(source, "/component"),
    )


def _rule(source: YamlFile, at: str, name: str, given: Any) -> FieldRule:
    location = _location(source, at)
    if given == "drop":
        return FieldRule(name, (Tier(NO_SCOPES, DROP, location),), location)
    if isinstance(given, str):
        return FieldRule(name, (Tier(_scopes(given), VALUE, location),), location)
    tiers = (
        Tier(_scopes(tier["with"]), _way(tier["as"]), _location(source, at + pointer(index)))
        for index, tier in enumerate(given)
    )
    return FieldRule(name, tuple(tiers), location)


def _scopes(given: str | list[str]) -> Scopes:
    if isinstance(given, list):
        return frozenset(given)
    return NO_SCOPES if given == "always" else frozenset({given})


def _way(given: Any) -> Way:
    match given:
        case "drop":
            return DROP
        case {"mask": settings}:
            return Mask(**settings)
        case {"truncate": settings}:
            return Truncate(**settings)
        case {"hash": {"key": variable}}:
            return Hash(variable)
    return VALUE


def _classes(source: YamlFile) -> Iterator[DataClass]:
    for category, given in source.data["classes"].items():
        location = _location(source, pointer("classes", category))
        yield DataClass(category, frozenset(given["needs"]), given["because"], location)


def _acknowledgements(source: YamlFile) -> Iterator[Acknowledgement]:
    for index, given in enumerate(source.data.get("acknowledge", ())):
        yield Acknowledgement(
            component=given["component"],
            category=given["category"],
            scopes=frozenset(given["with"]),
            because=given["because"],
            location=_location(source, pointer("acknowledge", index)),
        )


def _location(source: YamlFile, at: str) -> Location:
    return Location(source.path, source.line_of(at))
