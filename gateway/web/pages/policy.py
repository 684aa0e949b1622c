"""The policy in force, for people: who is shown which field of which answer, and why.

Rules, no data: every member may read it. The same matrix as `gateway policy matrix`.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.policy.matrix import matrix
from gateway.web.page import Page
from gateway.web.view import View, member
from gateway.wording import MEANINGS


@member
def show(page: Page) -> Response:
    model = page.bundle.policy.model
    whole = matrix(model, model.document.operations.values())
    return page.render(
        "policy.html",
        matrix=whole,
        tables=[(table, list(table.groups(model))) for table in whole.tables],
        meanings={word: meaning for word, meaning in MEANINGS.items() if word in whole.words},
    )


VIEWS = (View("/settings/policy", get=show),)
