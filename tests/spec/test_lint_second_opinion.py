"""The lint against a second opinion: what openapi-spec-validator refuses stops the start, too.

openapi-spec-validator takes longer to import and run than all of a start beside Connexion, so it is
asked here, about the shipped document broken at random, and not at each start.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from gateway import strictyaml
from gateway.errors import ConfigError
from gateway.spec import lint
from gateway.strictyaml import YamlFile

DOCUMENT = strictyaml.load(Path(__file__).parents[2] / "openapi" / "hiring.yaml")
OTHER_VALUES: tuple[Any, ...] = (None, 1, "x", True, [], {}, ["a"], {"a": 1})
# A default of the wrong format, and a word twice in an `enum`: neither changes what is served.
HARMLESS = (" is not a '", " has non-unique elements")


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything under *value*."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in items:
        yield (*at, key)
        if isinstance(child, dict | list):
            yield from places(child, (*at, key))


PLACES = list(places(DOCUMENT.data))


def broken(number: int) -> YamlFile:
    """Return the document with one thing changed; the same thing for the same *number*."""
    chance = random.Random(number)
    data = copy.deepcopy(DOCUMENT.data)
    *way, last = chance.choice(PLACES)
    owner = data
    for token in way:
        owner = owner[token]
    change = chance.choice(("remove", "replace", "default", "rename", "repeat"))
    if change == "remove":
        del owner[last]
    elif change == "replace":
        owner[last] = chance.choice(OTHER_VALUES)
    elif isinstance(owner, list):
        owner.append(copy.deepcopy(owner[last]))
    elif change == "default":
        owner["default"] = chance.choice(OTHER_VALUES)
    else:
        owner[f"{last}x"] = owner.pop(last)
    return YamlFile(DOCUMENT.path, DOCUMENT.text, data, DOCUMENT.lines)


def refused(source: YamlFile) -> bool:
    try:
        lint.checked(source)
    except ConfigError:
        return True
    return False


def second_opinion(source: YamlFile) -> list[str]:
    try:
        return [str(error.message) for error in OpenAPIV30SpecValidator(source.data).iter_errors()]
    except Exception as error:  # it does not survive every document
        return [repr(error)]


@pytest.mark.parametrize("hundred", range(2))
def test_lint_refuses_what_the_validator_refuses(hundred: int) -> None:
    wrong = 0
    for number in range(hundred * 100, hundred * 100 + 100):
        source = broken(number)
        messages = [m for m in second_opinion(source) if not any(h in m for h in HARMLESS)]
        wrong += bool(messages)
        assert not messages or refused(source), (number, messages)
    assert wrong > 10
