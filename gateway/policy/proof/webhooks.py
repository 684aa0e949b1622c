"""Check 8: a webhook sends no one more than its operation answers, and everyone the id.

What a payload's `data` holds is the operation's answer, at the same places and for the same scopes,
so the other checks speak for it. Theirs is not the one thing that is sent without the operation's
scopes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Finding
from gateway.policy.proof.case import Case
from gateway.policy.rules import NO_SCOPES, Location
from gateway.spec.payloads import ID


def ids_are_everyones(case: Case) -> Iterator[Finding]:
    """The id that a webhook sends to endpoints of any scopes is shown to everyone."""
    document = case.model.document
    for webhook in document.webhooks.values():
        place = case.model.place(webhook.operation)
        field = place and case.fields.get(f"{place.alternatives[0]}.{ID}")
        if not field or not field.way(NO_SCOPES).identity or not case.permits(field, NO_SCOPES):
            line = document.line_of(webhook.sending.pointer)
            yield Location(document.path, line).finding(
                f"webhook `{webhook.type}` sends `{field or ID}` to endpoints of any scopes, but it"
                " is not shown to everyone; make it public, or name another operation"
            )
