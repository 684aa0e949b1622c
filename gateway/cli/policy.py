"""`gateway policy`: what the policies reveal, and whether they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from gateway.cli import environment
from gateway.cli.usage import examples
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from gateway.policy import PolicySet
    from gateway.spec import Document

commands = typer.Typer()
group = typer.Typer(help="Policies: who is shown which field, and how.")
commands.add_typer(group, name="policy", no_args_is_help=True)


@group.command(epilog=examples("gateway policy check"))
def check() -> None:
    """Prove the policies on the OpenAPI document, as every start of the server does."""
    from gateway import policy

    document, policies = _given()
    if findings := policy.check(document, policies):
        raise ConfigError(*findings)
    typer.echo(
        f"proved {len(policies.components)} policies on {len(document.operations)} operations "
        f"and every set of {len(document.scopes)} scopes"
    )


@group.command(epilog=examples("gateway policy test"))
def test() -> None:
    """Run the examples that stand in the policies, and nothing else."""
    from gateway import policy

    document, policies = _given()
    if findings := policy.run_examples(document, policies):
        raise ConfigError(*findings)
    ran = sum(len(one.examples) for one in policies.components.values())
    typer.echo(f"{ran} examples hold")


def _given() -> tuple[Document, PolicySet]:
    from gateway import policy, spec

    settings = environment.settings()
    return spec.load(settings.openapi), policy.read(settings.policies)
