"""A YAML file held against a JSON Schema, with findings that people can act on.

jsonschema's own messages name the whole instance, and for `oneOf` say no more than "not valid under
any of the given schemas". Here each error becomes one line at its line in the file, a `oneOf` is
told by its closest branch, and an unknown word by the closest known one.

Used at start, by `gateway.spec` and `gateway.policy`. Must not know what the files mean.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.validators import validator_for

from gateway.errors import Finding, echo
from gateway.hints import did_you_mean
from gateway.strictyaml import YamlFile, pointer

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}


def findings(source: YamlFile, schema: Mapping[str, Any]) -> list[Finding]:
    """Return everything in *source* that *schema* does not allow, each once, by line."""
    validator = validator_for(schema)(schema)
    found = {
        source.finding(at, message): None
        for error in validator.iter_errors(source.data)
        for closest in _closest(error)
        for at, message in _messages(_Fault.of(closest))
    }
    return sorted(found, key=lambda finding: finding.line or 0)


@dataclass(frozen=True, slots=True)
class _Fault:
    """A `ValidationError` without its unset states.

    Attributes:
        wanted: what the schema has under *keyword*.
        schema: the part of the schema that has *keyword*.
    """

    keyword: str
    wanted: Any
    schema: Mapping[str, Any]
    instance: Any
    path: tuple[str | int, ...]
    message: str

    @classmethod
    def of(cls, error: ValidationError) -> _Fault:
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        path = tuple(error.absolute_path)
        wanted, instance = error.validator_value, error.instance
        return cls(str(error.validator), wanted, schema, instance, path, error.message)


def _closest(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what is wrong in the branch of a `oneOf` or `anyOf` that was probably meant."""
    branch = _meant(error) if error.validator in ("oneOf", "anyOf") else None
    if branch is None:
        yield error
        return
    for child in branch:
        yield from _closest(child)


def _meant(error: ValidationError) -> list[ValidationError] | None:
    """Return the errors of the closest branch; None if the value's type fits none of them."""
    fitting = [errors for errors in _branches(error) if not any(map(_is_of_wrong_type, errors))]
    return max(fitting, key=_likeness, default=None)


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    branches: dict[Any, list[ValidationError]] = defaultdict(list)
    for child in error.context or ():
        branches[child.relative_schema_path[0]].append(child)
    return list(branches.values())


def _is_of_wrong_type(child: ValidationError) -> bool:
    return child.validator == "type" and not child.relative_path


def _likeness(branch: list[ValidationError]) -> tuple[bool, bool, float]:
    """Rate a branch: whether it knows anything of the value, whether its marks fit, how much."""
    marks_fit = not any(e.validator == "enum" and len(e.relative_path) == 1 for e in branch)
    at_root = [child for child in branch if not child.relative_path]
    if not at_root:
        return True, marks_fit, float("inf")
    if at_root[0].context:
        return max(map(_likeness, _branches(at_root[0])))
    keys = _common_keys(at_root[0])
    return keys > 0, marks_fit, keys


def _common_keys(error: ValidationError) -> int:
    if isinstance(error.schema, Mapping) and isinstance(error.instance, Mapping):
        return len(error.schema.get("properties", {}).keys() & error.instance.keys())
    return 0


def _messages(fault: _Fault) -> Iterator[tuple[str, str]]:
    """Yield (pointer, message): one, or one for each key that is unknown or missing."""
    at = pointer(*fault.path)
    if fault.keyword == "additionalProperties":
        known = fault.schema.get("properties", {})
        patterns = fault.schema.get("patternProperties", ())
        for key in fault.instance:
            if key not in known and not any(re.search(pattern, key) for pattern in patterns):
                yield at + pointer(key), f"unknown key `{key}`{_choice(key, known)}"
    elif fault.keyword == "required":
        for key in fault.wanted:
            if key not in fault.instance:
                yield at, f"`{key}` is missing; add it"
    else:
        yield at, _MESSAGES.get(fault.keyword, _plain)(fault)


def _choice(word: str, known: Iterable[str]) -> str:
    listed = ", ".join(f"`{one}`" for one in known)
    return did_you_mean(word, known, otherwise=f"; choose from {listed}")


def _wrong_type(fault: _Fault) -> str:
    wanted = fault.wanted
    kinds = [wanted] if isinstance(wanted, str) else wanted
    return f"{_subject(fault)} must be {' or '.join(_TYPES[kind] for kind in kinds)}"


def _no_branch(fault: _Fault) -> str:
    titles = [branch["title"] for branch in fault.wanted if "title" in branch]
    return f"{_subject(fault)} must be {' or '.join(titles)}" if titles else _plain(fault)


def _unknown_word(fault: _Fault) -> str:
    word, words = str(fault.instance), [str(word) for word in fault.wanted]
    return f"{_subject(fault)} cannot be `{echo(word)}`{_choice(word, words)}"


def _wrong_text(fault: _Fault) -> str:
    title = fault.schema.get("title", f"text like `{fault.wanted}`")
    return f"`{echo(str(fault.instance))}` must be {title}"


def _too_few(fault: _Fault) -> str:
    return f"{_subject(fault)} must have at least {fault.wanted}; add one or remove it"


def _too_many(fault: _Fault) -> str:
    return f"{_subject(fault)} must have at most {fault.wanted}"


def _empty_text(fault: _Fault) -> str:
    return f"{_subject(fault)} must not be empty"


def _twice(fault: _Fault) -> str:
    return f"{_subject(fault)} names something twice; keep one"


def _out_of_range(fault: _Fault) -> str:
    bound = "at least" if fault.keyword == "minimum" else "at most"
    return f"{_subject(fault)} must be {bound} {fault.wanted}"


def _plain(fault: _Fault) -> str:
    return echo(fault.message)


_MESSAGES: dict[str, Callable[[_Fault], str]] = {
    "type": _wrong_type,
    "oneOf": _no_branch,
    "anyOf": _no_branch,
    "enum": _unknown_word,
    "pattern": _wrong_text,
    "minLength": _empty_text,
    "minItems": _too_few,
    "minProperties": _too_few,
    "maxItems": _too_many,
    "maxProperties": _too_many,
    "uniqueItems": _twice,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
}


def _subject(fault: _Fault) -> str:
    """Return the key that the value stands under, passing over places in lists."""
    names = [token for token in fault.path if isinstance(token, str)]
    return f"`{names[-1]}`" if names else "the file"
