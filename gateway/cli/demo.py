"""`gateway demo`: everything at once, for a first look."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

import typer

from gateway.cli import environment
from gateway.cli.credentials import Credentials
from gateway.cli.serve import HOST, PORT, Host, Port, Workers
from gateway.cli.usage import examples

commands = typer.Typer()

IPV4 = 4


@commands.command(epilog=examples("gateway demo", "gateway demo --port 8080"))
def demo(host: Host = HOST, port: Port = PORT, workers: Workers = 1) -> None:
    """Serve made-up hiring data, and print tokens and requests to try.

    The data goes into an empty database only. Run again, the same demo goes on.
    """
    from gateway import schema, spec
    from gateway.cli import showcase

    settings = environment.settings()
    document = spec.load(settings.openapi)
    with environment.connection() as database:
        schema.migrate(database)
        known = showcase.prepare(
            database, document.scopes, by=environment.actor(), now=environment.now()
        )
        application_id = showcase.shown_application(known)
    site = _site(host, port)
    typer.echo("\n".join(_welcome(site, known)))
    typer.echo("\n".join(_requests(site + document.base_path, known, application_id)))

    if known.webhook_key is not None:
        _let_webhooks_be_tried(known.webhook_key, host)

    from gateway import server

    server.serve(environment.settings(), host=host, port=port, workers=workers)


def _let_webhooks_be_tried(key: str, host: str) -> None:
    """Let made-up data be sent to programs on this machine, where the settings say nothing else.

    Not if others reach the demo: what listens on this machine alone is not for them.
    """
    environment.default("GATEWAY_WEBHOOK_KEY", key)
    if not _is_loopback(host):
        return
    environment.default("GATEWAY_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128")
    environment.default("GATEWAY_WEBHOOK_PLAIN_HTTP", "on")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _site(host: str, port: int) -> str:
    """Return the address under which this machine reaches a server that listens at *host*."""
    try:
        address = ip_address(host)
    except ValueError:  # a name
        return f"http://{host}:{port}"
    if address.is_unspecified:
        address = ip_address("127.0.0.1" if address.version == IPV4 else "::1")
    return f"http://{address}:{port}" if address.version == IPV4 else f"http://[{address}]:{port}"


def _welcome(site: str, known: Credentials) -> Iterator[str]:
    yield f"address   {site}"
    yield f"docs      {site}/docs"
    yield f"settings  {site}/settings"
    yield f"sign-in   {known.email} with the password {known.password}"
    yield f"token     {known.full_token} (every scope)"
    yield f"token     {known.limited_token} (applications:read alone)"
    yield ""


def _requests(api: str, known: Credentials, application_id: str) -> Iterator[str]:
    application = f"{api}/applications/{application_id}"
    yield "# Published job postings, newest first:"
    yield _curl(known.full_token, f"{api}/job_postings?status=published")
    yield "# An application, and who applied:"
    yield _curl(known.full_token, application)
    yield "# The same application; this token may not learn who applied:"
    yield _curl(known.limited_token, application)
    yield ""


def _curl(token: str, url: str) -> str:
    return f'curl -H "Authorization: Bearer {token}" "{url}"'
