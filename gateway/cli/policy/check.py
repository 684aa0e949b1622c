"""`gateway policy check` and `gateway policy test`: whether the policies hold."""

from __future__ import annotations

import typer

from gateway.cli.policy import given
from gateway.cli.usage import examples
from gateway.errors import ConfigError

commands = typer.Typer()


@commands.command(epilog=examples("gateway policy check"))
def check() -> None:
    """Prove the policies on the OpenAPI document, as every start of the server does."""
    from gateway import policy

    document, policies = given.files()
    policy.proved(document, policies)
    webhooks = f", {len(document.webhooks)} webhooks" if document.webhooks else ""
    typer.echo(
        f"proved {len(policies.components)} policies on {len(document.operations)} operations"
        f"{webhooks} and every set of {len(document.scopes)} scopes"
    )


@commands.command(epilog=examples("gateway policy test"))
def test() -> None:
    """Run the examples that stand in the policies, and nothing else."""
    from gateway import policy

    document, policies = given.files()
    if findings := policy.run_examples(document, policies):
        raise ConfigError(*findings)
    ran = sum(len(one.examples) for one in policies.components.values())
    typer.echo(f"{ran} examples hold")
