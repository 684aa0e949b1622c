"""Every way to weaken the shipped document and policies in one step, found by walking the files.

One statement is left out, dropped to nothing, or exchanged for another that the files know. Nothing
is listed by hand: what is added to the files is weakened without a change here.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from columns import DOCUMENT, OPENAPI, POLICIES, categories

from gateway import policy, spec, strictyaml
from gateway.policy import PolicySet
from gateway.spec import Document
from gateway.strictyaml import YamlFile

SOURCES = {path: strictyaml.load(path) for path in (OPENAPI, *sorted(POLICIES.glob("*.yaml")))}
CATEGORIES = sorted(set(categories().values()))
Steps = Iterator[tuple[str, str, Any]]


@dataclass(frozen=True)
class Mutant:
    """The shipped files, one of them with one statement weakened.

    Attributes:
        kind: of the weakening.
        where: the statement.
        path: of the file that has it.
        data: of that file; None: the file is gone.
    """

    kind: str
    where: str
    path: Path
    data: Any

    def __str__(self) -> str:
        return f"{self.kind}: {self.where} ({self.path.name})"

    def load(self) -> tuple[Document, PolicySet]:
        """Read the mutant as a start would. Raises ConfigError, as a start would."""
        return load({self.path: self.data})


def load(changed: dict[Path, Any]) -> tuple[Document, PolicySet]:
    """Read the shipped files, those of *changed* with other data; None: without the file."""
    sources = {
        path: replace(source, data=changed.get(path, source.data))
        for path, source in SOURCES.items()
        if changed.get(path, source) is not None
    }

    def given(path: Path) -> YamlFile:
        return sources[path]

    document = spec.checked(sources[OPENAPI]) if OPENAPI in changed else DOCUMENT
    files = [path for path in sources if path != OPENAPI]
    return document, policy.read_files(POLICIES, files, load=given)


def mutants() -> Iterator[Mutant]:
    """Yield every mutant."""
    for path, source in SOURCES.items():
        if path == OPENAPI:
            steps = _of_document(source.data)
        elif path.name == "classes.yaml":
            steps = _of_classes(source.data)
        else:
            steps = _of_policy(source.data)
        for kind, where, data in steps:
            yield Mutant(kind, where, path, data)


# --- the document ---------------------------------------------------------------------------------


def _of_document(data: dict[str, Any]) -> Steps:
    for name, schema in data["components"]["schemas"].items():
        at = ("components", "schemas", name)
        yield from _of_component(data, at, schema)
    for path, item in data["paths"].items():
        for method, operation in item.items():
            at = ("paths", path, method)
            for kind, where, scopes in _scopes("required scope", operation["x-required-scopes"]):
                key = (*at, "x-required-scopes")
                yield kind, f"{operation['operationId']} {where}", _with(data, key, scopes)
            key = (*at, "x-required-scopes")
            yield "required scopes removed", operation["operationId"], _without(data, key)
            for security in ([], [{}]):
                opened = _with(data, (*at, "security"), security)
                yield "operation opened", f"{operation['operationId']} {security}", opened
            for index, _ in enumerate(operation.get("parameters", ())):
                yield from _of_parameter(data, (*at, "parameters", index))
    for name in data["components"]["parameters"]:
        yield from _of_parameter(data, ("components", "parameters", name))
    yield "operations opened", "security removed", _without(data, ("security",))
    for security in ([], [{}], [*data["security"], {}]):
        yield "operations opened", f"security {security}", _with(data, ("security",), security)


def _of_component(data: dict[str, Any], at: tuple[Any, ...], schema: dict[str, Any]) -> Steps:
    if schema["type"] != "object":
        return
    name, public = at[-1], schema.get("x-public", [])
    key = (*at, "additionalProperties")
    yield "object opened", f"{name} removed", _without(data, key)
    yield "object opened", f"{name} true", _with(data, key, True)
    if public:
        yield "public list removed", name, _without(data, (*at, "x-public"))
    for one, described in schema["properties"].items():
        where = f"{name}.{one}"
        fewer = [other for other in public if other != one]
        if one in public:
            yield "public entry removed", where, _with(data, (*at, "x-public"), fewer)
        else:
            yield "public entry added", where, _with(data, (*at, "x-public"), [*public, one])
        if "x-data-classification" in described:
            key = (*at, "properties", one, "x-data-classification")
            yield "classification removed", where, _without(data, key)
            for other in CATEGORIES:
                if other != described["x-data-classification"]["category"]:
                    exchanged = _with(data, (*key, "category"), other)
                    yield "classification exchanged", f"{where} {other}", exchanged


def _of_parameter(data: dict[str, Any], at: tuple[Any, ...]) -> Steps:
    parameter = _get(data, at)
    if "x-filters-on" not in parameter:
        return
    key, selected = (*at, "x-filters-on"), parameter["x-filters-on"]
    where = f"{'/'.join(map(str, at[1:-1]))} {parameter['name']}"
    yield "filter's properties removed", where, _without(data, key)
    for one in selected:
        fewer = [other for other in selected if other != one]
        yield "filter's property removed", f"{where} {one}", _with(data, key, fewer)


# --- policies -------------------------------------------------------------------------------------


def _of_policy(data: dict[str, Any]) -> Steps:
    component, public = data["component"], data.get("public", [])
    yield "policy removed", component, None
    for one in public:
        fewer = [other for other in public if other != one]
        kept = _with(data, ("public",), fewer) if fewer else _without(data, ("public",))
        yield "public entry removed", f"{component}.{one}", kept
    for name, rule in data["show"].items():
        where = f"{component}.{name}"
        left = _without(data, ("show", name))
        if not left["show"]:
            del left["show"]
        yield "rule removed", where, left
        tiers = rule if isinstance(rule, list) else [{"with": rule, "as": "value"}]
        if any(tier["with"] != "always" for tier in tiers):
            yield "rule made public", where, _with(left, ("public",), [*public, name])
        for index, tier in enumerate(tiers):
            yield from _of_tier(data, where, tiers, index, tier)


def _of_tier(
    data: dict[str, Any], where: str, tiers: list[Any], index: int, tier: dict[str, Any]
) -> Steps:
    name = where.partition(".")[2]

    def with_tiers(changed: list[Any]) -> dict[str, Any]:
        return _with(data, ("show", name), changed)

    if len(tiers) > 1:
        fewer = [other for place, other in enumerate(tiers) if place != index]
        yield "tier removed", f"{where} {index}", with_tiers(fewer)
    if tier["as"] != "value":
        shown = {**tier, "as": "value"}
        yield "tier shows all", f"{where} {index}", with_tiers(_put(tiers, index, shown))
    given = tier["with"] if isinstance(tier["with"], list) else [tier["with"]]
    for kind, what, scopes in _scopes("tier's scope", [one for one in given if one != "always"]):
        changed = {**tier, "with": scopes or "always"}
        yield kind, f"{where} {index} {what}", with_tiers(_put(tiers, index, changed))


def _of_classes(data: dict[str, Any]) -> Steps:
    yield "data classes removed", "all", None
    for category, one in data["classes"].items():
        at = ("classes", category)
        yield "class removed", category, _without(data, at)
        for kind, where, scopes in _scopes("class's scope", one["needs"]):
            yield kind, f"{category} {where}", _with(data, (*at, "needs"), scopes)
    for index, one in enumerate(data["acknowledge"]):
        where = f"{one['component']} {one['category']}"
        yield "acknowledgement removed", where, _without(data, ("acknowledge", index))
        key = ("acknowledge", index, "with")
        for kind, what, scopes in _scopes("acknowledgement's scope", one["with"]):
            yield kind, f"{where} {what}", _with(data, key, scopes)
        for other in CATEGORIES:
            if other != one["category"]:
                changed = _with(data, ("acknowledge", index, "category"), other)
                yield "acknowledgement exchanged", f"{where} {other}", changed


# --- single steps ---------------------------------------------------------------------------------


def _scopes(what: str, scopes: list[str]) -> Steps:
    """Yield *scopes* with one left out, and with one exchanged for another."""
    for index, scope in enumerate(scopes):
        rest = [one for one in scopes if one != scope]
        yield f"{what} dropped", scope, rest
        for other in DOCUMENT.scopes:
            if other not in scopes:
                yield f"{what} exchanged", f"{scope} for {other}", _put(scopes, index, other)


def _put(items: list[Any], index: int, item: Any) -> list[Any]:
    return [*items[:index], item, *items[index + 1 :]]


def _get(data: Any, at: tuple[Any, ...]) -> Any:
    for token in at:
        data = data[token]
    return data


def _with(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    changed = deepcopy(data)
    _get(changed, at[:-1])[at[-1]] = value
    return changed


def _without(data: Any, at: tuple[Any, ...]) -> Any:
    changed = deepcopy(data)
    del _get(changed, at[:-1])[at[-1]]
    return changed
