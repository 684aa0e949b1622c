"""`gateway policy explain`: why a field is shown, hidden or not reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import print_json, print_table
from gateway.cli.policy import given
from gateway.cli.policy.wording import any_of
from gateway.cli.usage import Json, examples
from gateway.scopes import checked_scopes
from gateway.wording import listed, where

if TYPE_CHECKING:
    from gateway.policy.explain import Explanation, More
    from gateway.policy.leaves import Leaf
    from gateway.policy.model import Model
    from gateway.policy.rules import Scopes
    from gateway.spec import Operation

commands = typer.Typer()


@commands.command(
    epilog=examples(
        "gateway policy explain --operation get_application --scopes applications:read",
        "gateway policy explain --operation get_application --scopes applications:read"
        " --field candidate.email",
    )
)
def explain(
    operation: Annotated[
        str, typer.Option("--operation", metavar="OP", help="Its operationId; or a type of events.")
    ],
    scopes: Annotated[
        str, typer.Option("--scopes", metavar="S,S…", help="What the token holds; '': no scope.")
    ],
    field: Annotated[
        str | None,
        typer.Option("--field", metavar="PATH", help="Only this field: data[].candidate.email."),
    ] = None,
    json: Json = False,
) -> None:
    """Explain what a token with these scopes is shown of an answer, and by which rule. Never data.

    Or what an endpoint with these scopes is sent when something of a type happens.

    For what is not shown in full, `missing` says which scopes would show more.
    """
    from gateway.policy.explain import explain

    model = given.model()
    given.require_operation(model, operation)
    asked = model.document.outlets[operation]
    stripped = (scope.strip() for scope in scopes.split(","))
    held = checked_scopes(filter(None, stripped), model.document.scopes)
    explanations = [explain(leaf, held) for leaf in _leaves(model, asked, field)]
    if json:
        print_json(_document(asked, held, explanations))
    else:
        _print(asked, held, explanations)


def _leaves(model: Model, operation: Operation, field: str | None) -> list[Leaf]:
    from gateway.policy.leaves import leaves

    found = {leaf.path: leaf for leaf in leaves(model, operation)}
    if field is None:
        return list(found.values())
    otherwise = f"leave out `--field` to see those of `{operation.id}`"
    given.require_known("field", field, found, otherwise)
    return [found[field]]


def _print(operation: Operation, scopes: Scopes, explanations: list[Explanation]) -> None:
    reached = "is reached" if operation.scopes <= scopes else "is not reached (403)"
    requires = f"requires {listed(operation.scopes)}"
    typer.echo(f"{operation.id} {reached} with {listed(scopes)}; it {requires}\n")
    rows = [
        (
            one.leaf.path,
            one.leaf.field.category or "-",
            str(one.decision),
            "; ".join(map(_missing, one.more)) or "-",
            where(one.decision.location),
        )
        for one in explanations
    ]
    print_table(("field", "class", "shown", "missing", "rule"), rows)


def _missing(more: More) -> str:
    sets = any_of(more.scopes)
    return sets if more.way.identity else f"{sets} for {more.way}"


def _document(
    operation: Operation, scopes: Scopes, explanations: list[Explanation]
) -> dict[str, Any]:
    return {
        "operation": operation.id,
        "requires": sorted(operation.scopes),
        "scopes": sorted(scopes),
        "reached": operation.scopes <= scopes,
        "fields": [
            {
                "field": one.leaf.path,
                "component": one.leaf.field.component,
                "property": one.leaf.field.name,
                "class": one.leaf.field.category,
                "shown": str(one.decision),
                "rule": where(one.decision.location),
                "missing": [
                    {"for": str(more.way), "any_of": [sorted(scopes) for scopes in more.scopes]}
                    for more in one.more
                ],
            }
            for one in explanations
        ],
    }
