"""What the pages' menu lists, in its order. A page that is not there (yet) is left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gateway.roles import Role


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu.

    Attributes:
        role: who alone sees it; None: every member.
    """

    label: str
    path: str
    role: Role | None = None


MENU = (
    Item("API tokens", "/settings/api"),
    Item("Webhooks", "/settings/webhooks", Role.ADMIN),
    Item("Members", "/settings/members"),
    Item("Audit log", "/settings/audit", Role.ADMIN),
    Item("Policy", "/settings/policy"),
    Item("Account", "/settings/account"),
    Item("API docs", "/docs"),
)


def items(paths: Collection[str], role: Role) -> list[Item]:
    """Return the lines for who has *role*, of which there is a page.

    Args:
        paths: of all pages.
    """
    return [
        one
        for one in MENU
        if (one.path in paths or one.path == "/docs") and one.role in (None, role)
    ]
