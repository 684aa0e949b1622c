"""Check 7: the files' own examples come out as they say."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.policy.keys import with_keys
from gateway.policy.model import Model
from gateway.policy.proof.case import Case
from gateway.policy.redact import redact_object
from gateway.policy.rules import ComponentPolicy, Example, listed
from gateway.policy.shown import Shown

# Of every `hash` in an example, so that examples hold no secret.
EXAMPLE_KEY = "the key of every example"


def examples_hold(case: Case) -> Iterator[Finding]:
    """Each example comes out as it says."""
    policies = with_keys(case.model.policies, lambda _: EXAMPLE_KEY)
    model = Model.of(case.model.document, policies)
    for policy in policies.components.values():
        if policy.component in model.components:
            for example in policy.examples:
                yield from _example(model, policy, example)


def _example(model: Model, policy: ComponentPolicy, example: Example) -> Iterator[Finding]:
    fields = model.components[policy.component].fields
    for name in example.given:
        if name not in fields:
            hint = did_you_mean(name, fields, f"; `{policy.component}` has no such property")
            yield example.location.finding(f"example has unknown property `{name}`{hint}")
    try:
        gives = redact_object(Shown(model, example.scopes), policy.component, dict(example.given))
    except TypeError as error:
        yield example.location.finding(f"example cannot be redacted: {error}")
        return
    if gives != example.gives:
        yield example.location.finding(
            f"example gives {json.dumps(gives, ensure_ascii=False)} to a caller with"
            f" {listed(example.scopes)}, not {json.dumps(example.gives, ensure_ascii=False)}"
        )
