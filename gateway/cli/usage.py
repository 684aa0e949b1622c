"""What the commands' signatures share: options with one meaning everywhere, and examples."""

from __future__ import annotations

from typing import Annotated

import typer

AccountId = Annotated[str, typer.Option("--account", metavar="ID", help="Id of the account.")]
UserEmail = Annotated[
    str, typer.Option("--user", metavar="EMAIL", help="E-mail address of the user.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def examples(*lines: str) -> str:
    """Return the end of a command's help: *lines* as they are typed into a shell."""
    return "\n".join(("Example:", "", *(f"$ {line}" for line in lines)))
