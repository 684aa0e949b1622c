"""The matrix as a page for people who answer for the data: one HTML file that needs no other.

The words are in page/matrix.html, the looks in page/matrix.css.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gateway.cli.policy.wording import MEANINGS, listed, where

if TYPE_CHECKING:
    from gateway.policy.leaves import Leaf
    from gateway.policy.matrix import Matrix, Table

SIGNS = {"value": "●", "hidden": "○", "refused": "×"}  # all else: shown in part
IN_PART = "◐"
WIDE = 8  # columns; a table with more scrolls by itself


@dataclass(frozen=True, slots=True)
class Group:
    """The leaves of one object of an answer, under the policy of its component.

    Attributes:
        path: of the object; empty: the answer itself.
        because: the reason of its policy; None: it has none, the document lists it as public.
        where: the policy's line.
    """

    path: str
    component: str
    because: str | None
    where: str
    leaves: tuple[Leaf, ...]


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
    jinja.filters |= {"sign": _sign, "state": _state}
    words = {
        one.word for table in matrix.tables for leaf in table.leaves for one in table.row(leaf)
    }
    return jinja.get_template("matrix.html").render(
        matrix=matrix,
        title=matrix.model.document.raw["info"]["title"],
        date=datetime.fromtimestamp(now, UTC).date().isoformat(),
        tables=[(table, groups(matrix, table)) for table in matrix.tables],
        meanings={word: meaning for word, meaning in MEANINGS.items() if word in words},
        wide=WIDE,
    )


def groups(matrix: Matrix, table: Table) -> list[Group]:
    """Return the rows of *table* by the object that they stand in, in its order."""
    found = []
    for path, leaves in groupby(table.leaves, key=_path_around):
        of_group = tuple(leaves)
        component = matrix.model.components[of_group[0].field.component]
        policy = matrix.model.policies.components.get(component.name)
        found.append(
            Group(
                path=path,
                component=component.name,
                because=None if policy is None else policy.because,
                where=where(component.location if policy is None else policy.location),
                leaves=of_group,
            )
        )
    return found


def _path_around(leaf: Leaf) -> str:
    return leaf.path.rpartition(".")[0]


def _breakable(name: str) -> Markup:
    """Return *name* with the places where a line may end."""
    return Markup("<wbr>").join(re.findall(r"[^.:_]*[.:_]|[^.:_]+", name))  # it escapes each part


def _sign(word: str) -> str:
    return SIGNS.get(word, IN_PART)


def _state(word: str) -> str:
    """Return the class of a cell: ways that show a part look alike."""
    return word if word in SIGNS else "part"
