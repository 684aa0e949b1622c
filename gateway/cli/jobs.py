"""`gateway jobs`: what is done beside requests, in a process of its own."""

from __future__ import annotations

import typer

from gateway.cli import environment
from gateway.cli.usage import examples

commands = typer.Typer()


@commands.command(epilog=examples("gateway jobs"))
def jobs() -> None:
    """Deliver webhooks and run the background jobs until told to stop. Needs no port.

    Without it `gateway serve` does this, unless GATEWAY_SERVE_JOBS is off. Any number of them may
    run: webhooks are shared out, and jobs run in one of them at a time.
    """
    with environment.database():
        pass  # what is wrong with it is said in one line, before anything is loaded

    from gateway import server

    server.run_jobs(environment.settings())
