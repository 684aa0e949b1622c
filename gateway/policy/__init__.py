"""Who is shown which field, and how: policies read, proved, compiled and applied.

    *.schema.json, grammar.py   the form of the files; from YAML to rules
    rules.py, ways.py, keys.py  what they say: rules, the ways to show a value, keys of hashes
    model.py, shown.py          rules joined with the document; what one scope set is shown
    redact.py                   values: a plain document, redacted
    schemas.py, narrow.py       schemas: an answer's and the whole document's, narrowed
    reach.py, proof/            the proof, which every policy passes before it is in force
    policy.py                   the policy in force, and its views
    leaves.py                   answers by their leaves, and who is shown each; on it stand
    matrix.py, explain.py       what is shown to whom, and why
    diff.py                     what a change of the rules reveals or withdraws
    grants.py                   what scopes open, and what a change of a token's scopes does

Stands between the handlers, whose SELECT lists and documents it shapes, and the egress guard, whose
schemas it narrows. It must know nothing of HTTP, databases or what a component is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.errors import ConfigError
from gateway.policy.grammar import read, read_files
from gateway.policy.keys import with_keys
from gateway.policy.model import Model
from gateway.policy.policy import Policy, View
from gateway.policy.proof import check, run_examples
from gateway.policy.rules import PolicySet
from gateway.policy.ways import Way
from gateway.spec import Document

__all__ = [
    "Policy",
    "PolicySet",
    "View",
    "Way",
    "check",
    "load",
    "proved",
    "read",
    "read_files",
    "run_examples",
]


def load(directory: Path, document: Document, environment: Mapping[str, str]) -> Policy:
    """Read, prove and compile the policies in *directory* for *document*.

    Args:
        environment: where the keys of keyed hashes are looked up.
    Raises:
        ConfigError: with every finding; the policy is not in force.
    """
    policies = read(directory)
    return Policy(Model.of(document, with_keys(proved(document, policies), environment.get)))


def proved(document: Document, policies: PolicySet) -> PolicySet:
    """Return *policies*, which hold on *document*.

    Raises:
        ConfigError: with every finding, if they do not.
    """
    findings = check(document, policies)
    if findings:
        raise ConfigError(*findings)
    return policies
