"""Who is shown which field, and how: policies read, proved, compiled and applied.

    *.schema.json, grammar.py   the form of the files; from YAML to rules
    rules.py, ways.py, keys.py  what they say: rules, the ways to show a value, keys of hashes
    model.py, shown.py          rules joined with the document; what one scope set is shown
    redact.py                   values: a plain document, redacted
    schemas.py, narrow.py       schemas: an answer's and the whole document's, narrowed
    reach.py, proof/            the proof, which every policy passes before it is in force
    policy.py                   the policy in force, and its views

Stands between the handlers, whose SELECT lists and documents it shapes, and the egress guard, whose
schemas it narrows. It must know nothing of HTTP, databases or what a component is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from gateway.errors import ConfigError
from gateway.policy.grammar import read
from gateway.policy.keys import with_keys
from gateway.policy.model import Model
from gateway.policy.policy import Policy, View
from gateway.policy.proof import check, run_examples
from gateway.policy.rules import PolicySet
from gateway.policy.ways import Way
from gateway.spec import Document

__all__ = ["Policy", "PolicySet", "View", "Way", "check", "load", "read", "run_examples"]

REVISION_DIGITS = 12


def load(directory: Path, document: Document, environment: Mapping[str, str]) -> Policy:
    """Read, prove and compile the policies in *directory* for *document*.

    Args:
        environment: where the keys of keyed hashes are looked up.
    Raises:
        ConfigError: with every finding; the policy is not in force.
    """
    policies = read(directory)
    findings = check(document, policies)
    if findings:
        raise ConfigError(*findings)
    model = Model.of(document, with_keys(policies, environment.get))
    return Policy(model, _revision(document, policies))


def _revision(document: Document, policies: PolicySet) -> str:
    digest = hashlib.sha256(document.source.text.encode() + b"\0" + policies.digest.encode())
    return digest.hexdigest()[:REVISION_DIGITS]
