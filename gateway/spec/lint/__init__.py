"""What makes a document unfit to serve. Fails closed: a finding stops the start.

    form.py         a mapping; references found; the form of OpenAPI 3.0
    extensions.py   the server-side keys: known, in their places, of their shapes
    operations.py   each operation named and guarded, its parameters once, checkable, of its path
    answers.py      each answer closed, made of components
    examples.py     each example and default of its schema, each link to an operation
    webhooks.py     each webhook described, and made of an operation's answer

Each step needs those before it, so the first one with findings ends the lint, reporting all of
them. Runs at start only. It must not know policies: `gateway.policy.proof` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from gateway import strictyaml
from gateway.errors import ConfigError, Finding
from gateway.spec.document import Document
from gateway.spec.lint import answers, examples, extensions, form, operations, webhooks
from gateway.strictyaml import YamlFile

_Check = Callable[[YamlFile], Iterator[Finding]]

_STEPS: tuple[tuple[_Check, ...], ...] = (
    (form.is_a_mapping,),
    (form.references_are_found,),
    (form.is_valid_openapi, webhooks.webhooks_are_path_items),
    (extensions.are_in_place,),
    (
        operations.base_path_is_known,
        operations.are_named,
        operations.ids_are_unique,
        operations.are_guarded,
        operations.parameters_are_those_of_the_path,
        operations.parameters_stand_once,
        operations.parameters_can_be_checked,
        operations.tags_stand_once,
        answers.successes_are_json,
        answers.are_closed,
        examples.links_lead_somewhere,
        examples.examples_conform,
        examples.defaults_conform,
    ),
    (webhooks.webhooks_are_described,),
)


def load(path: Path) -> Document:
    """Read and check the document at *path*.

    Raises:
        ConfigError: with every finding of the first step that has any.
    """
    return checked(strictyaml.load(path))


def checked(source: YamlFile) -> Document:
    """Return the document that *source* holds. Raises as `load`."""
    for step in _STEPS:
        findings = dict.fromkeys(finding for check in step for finding in check(source))
        if findings:
            raise ConfigError(*sorted(findings, key=lambda finding: finding.line or 0))
    return Document.of(source)
