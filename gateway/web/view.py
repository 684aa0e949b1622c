"""What a page declares: its path, its functions, and who may call each of them.

A function says who may call it by one of the decorators here. One without a decorator stops the
start: nothing is public, or anybody's, because somebody forgot a line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from gateway.web.page import Page

Function = Callable[["Page"], Response]


class Needs(Enum):
    """What must be so before a page's function is called."""

    NOTHING = "nothing"  # whoever comes
    USER = "user"  # signed in; perhaps no account is selected
    MEMBER = "member"  # of the selected account
    ADMIN = "admin"  # of the selected account


NEEDS = "__gateway_needs__"


def public(function: Function) -> Function:
    """Let whoever comes call *function*: there may be no session."""
    return _marked(function, Needs.NOTHING)


def signed_in(function: Function) -> Function:
    """Let who is signed in call *function*: `page.user` is there, `page.account` perhaps not."""
    return _marked(function, Needs.USER)


def member(function: Function) -> Function:
    """Let members of the selected account call *function*: `page.account` and `page.role`."""
    return _marked(function, Needs.MEMBER)


def admin(function: Function) -> Function:
    """Let administrators of the selected account call *function*; others get 403."""
    return _marked(function, Needs.ADMIN)


@dataclass(frozen=True, slots=True)
class View:
    """A page.

    Attributes:
        path: below `/settings`, as Starlette writes it: `/settings/members/{id}`.
        get: shows it. None: it only takes forms.
        post: takes its form. None: it has none.
        once: a form of it can be sent once: it must hold `forms.once()`, and a second time is 409.
    """

    path: str
    get: Function | None = None
    post: Function | None = None
    once: bool = False

    def __post_init__(self) -> None:
        for function in (self.get, self.post):
            if function is not None and not hasattr(function, NEEDS):
                raise TypeError(
                    f"{function.__module__}.{function.__qualname__} does not say who may call it; "
                    "decorate it with public, signed_in, member or admin"
                )

    @property
    def methods(self) -> list[str]:
        """The methods that it answers."""
        return [*(["GET", "HEAD"] if self.get else []), *(["POST"] if self.post else [])]


def needs_of(function: Function) -> Needs:
    """Return what *function* needs."""
    needs: Needs = getattr(function, NEEDS)
    return needs


def _marked(function: Function, needs: Needs) -> Function:
    setattr(function, NEEDS, needs)
    return function
