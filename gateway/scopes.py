"""The check of scopes that people type in. Lowest layer; scopes are declared in the document."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gateway.errors import CommandError, echo
from gateway.hints import did_you_mean


def checked_scopes(scopes: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """Return *scopes* as a set.

    Args:
        known: every scope of the OpenAPI document.
    Raises:
        CommandError: one of them is not among the *known*.
    """
    wanted = frozenset(scopes)
    for scope in sorted(wanted.difference(known)):
        listed = ", ".join(f"`{word}`" for word in sorted(known))
        hint = did_you_mean(scope, known, f"; there are {listed}")
        raise CommandError(f"unknown scope `{echo(scope)}`{hint}")
    return wanted
