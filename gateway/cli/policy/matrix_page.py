"""The matrix as a page for people who answer for the data: one HTML file that needs no other.

The words are in page/matrix.html, the looks in page/matrix.css.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gateway.wording import MEANINGS, listed, sign, state, where

if TYPE_CHECKING:
    from gateway.policy.matrix import Matrix

WIDE = 8  # columns; a table with more scrolls by itself


def page(matrix: Matrix, *, now: int) -> str:
    """Return the page.

    Args:
        now: the date that it bears, in seconds since the Unix epoch.
    """
    jinja = Environment(
        loader=PackageLoader("gateway.cli.policy", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {"listed": listed, "where": where, "breakable": _breakable}
    jinja.filters |= {"sign": sign, "state": state}
    return jinja.get_template("matrix.html").render(
        matrix=matrix,
        title=matrix.model.document.raw["info"]["title"],
        date=datetime.fromtimestamp(now, UTC).date().isoformat(),
        tables=[(table, list(table.groups(matrix.model))) for table in matrix.tables],
        meanings={word: meaning for word, meaning in MEANINGS.items() if word in matrix.words},
        wide=WIDE,
    )


def _breakable(name: str) -> Markup:
    """Return *name* with the places where a line may end."""
    return Markup("<wbr>").join(re.findall(r"[^.:_]*[.:_]|[^.:_]+", name))  # it escapes each part
