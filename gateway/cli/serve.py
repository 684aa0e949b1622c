"""`gateway serve` and `gateway migrate`: the server and its schema."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import environment
from gateway.cli.usage import examples

commands = typer.Typer()

HOST = "127.0.0.1"
PORT = 8000

Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen at.")]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen at.")]
PortOrAny = Annotated[
    int, typer.Option(min=0, max=65_535, help="Port to listen at; 0: a free one.")
]
Workers = Annotated[int, typer.Option(min=1, help="How many processes serve.")]


@commands.command(epilog=examples("gateway serve", "gateway serve --port 8080 --workers 4"))
def serve(host: Host = HOST, port: PortOrAny = PORT, workers: Workers = 1) -> None:
    """Serve the API until told to stop. Everything is checked before the first request."""
    with environment.database():
        pass  # what is wrong with it is said in one line, before anything is loaded

    from gateway import server

    server.serve(environment.settings(), host=host, port=port, workers=workers)


@commands.command(epilog=examples("gateway migrate"))
def migrate() -> None:
    """Create the database's schema, or bring it up to date. May be repeated."""
    from gateway import schema

    with environment.connection() as database:
        applied = schema.migrate(database)
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo("the schema is up to date")
