"""The proof: that a policy set, on a document, reveals what was decided and nothing else.

    1. total.py      each property of each component in an answer is decided, once
    2. classes.py    classification and rules agree; what is shown in full takes its class's scopes
    3. monotone.py   more scopes never show less
    4. known.py      every name exists
       alive.py      every policy, tier, class and acknowledgement decides something
    5. variants.py   what is left of an object satisfies its narrowed schema
    6. oracle.py     a parameter that selects by a property takes what seeing it takes
    7. examples.py   the files' own examples come out as they say
    8. webhooks.py   a webhook sends no one more than its operation answers, and everyone the id

Exhaustive over operations, scope sets and properties, by argument and not by sampling: a rule asks
only which scopes a caller *has*. So scope sets that contain the same `with`s are alike (`unions`),
and what a caller is given, whoever has more is given too, so that the least scope sets that reach a
place speak for all (`gateway.policy.reach`). Check 3 makes the latter true of ways as well.

Runs at start and at reload; no request and no data come here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gateway.errors import Finding
from gateway.policy.model import Model
from gateway.policy.proof.alive import alive
from gateway.policy.proof.case import Case
from gateway.policy.proof.classes import agreement, in_class
from gateway.policy.proof.examples import examples_hold
from gateway.policy.proof.known import known
from gateway.policy.proof.monotone import monotone
from gateway.policy.proof.oracle import no_oracle
from gateway.policy.proof.total import total
from gateway.policy.proof.variants import variants_fit
from gateway.policy.proof.webhooks import ids_are_everyones
from gateway.policy.rules import PolicySet
from gateway.spec import Document

_Check = Callable[[Case], Iterator[Finding]]

# A name that does not exist makes nonsense of all else, so the names are looked at first, alone.
STEPS: tuple[tuple[_Check, ...], ...] = (
    (known,),
    (
        *(total, agreement, in_class, monotone, alive, variants_fit, no_oracle, examples_hold),
        ids_are_everyones,
    ),
)


def check(document: Document, policies: PolicySet) -> list[Finding]:
    """Return what breaks the proof, each once, by file and line: all that its first step finds."""
    case = Case.of(Model.of(document, policies))
    for step in STEPS:
        findings = _sorted(finding for one in step for finding in one(case))
        if findings:
            return findings
    return []


def run_examples(document: Document, policies: PolicySet) -> list[Finding]:
    """Return each example of *policies* that does not come out as it says: check 7 alone."""
    return _sorted(examples_hold(Case.of(Model.of(document, policies))))


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda f: (str(f.path), f.line or 0))
