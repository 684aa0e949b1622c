"""`gateway webhook`: who is told of events, and what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import environment
from gateway.cli.output import print_json, print_table
from gateway.cli.usage import AccountId, Json, examples
from gateway.errors import CommandError

if TYPE_CHECKING:
    from gateway.webhooks.endpoints import Endpoints
    from models import WebhookDelivery, WebhookEndpoint

commands = typer.Typer()
group = typer.Typer(help="Webhooks: addresses that are told of events, signed, by scopes.")
commands.add_typer(group, name="webhook", no_args_is_help=True)

MAX_LISTED = 1_000

EndpointId = Annotated[str, typer.Argument(metavar="ID", help="Id of the webhook endpoint.")]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="Where it is: an https address.")]
Events = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="TYPE", help="A type of events. May be repeated."),
]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", metavar="SCOPE", help="What its bodies may show. May be repeated."),
]
Description = Annotated[
    str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")
]


@group.command(epilog=examples("gateway webhook key > webhook.key"))
def key(json: Json = False) -> None:
    """Make a key to encrypt secrets of webhooks with, for the setting GATEWAY_WEBHOOK_KEY."""
    from gateway.webhooks.sealing import new_key

    made = new_key()
    if json:
        print_json({"key": made})
    else:
        typer.echo(made)


@group.command(
    epilog=examples(
        "gateway webhook create --account acct_3hV9bQx0LmZt27Ka \\\n"
        "    --url https://example.com/hooks --event application.created --scope applications:read",
    )
)
def create(
    account_id: AccountId,
    url: Url,
    events: Events = None,
    scopes: Scopes = None,
    description: Description = None,
    json: Json = False,
) -> None:
    """Create an endpoint and print its secret. It is shown this once, and stored encrypted.

    Without --event it is told of all types of events, without --scope of ids alone.
    """
    from gateway import accounts

    with environment.database():
        endpoint, secret = _endpoints().create(
            account=accounts.find_account(account_id),
            url=url,
            events=events or (),
            scopes=scopes or (),
            description=description or "",
            by=environment.actor(),
            now=environment.now(),
        )
        document = _document(endpoint)
    _print_secret(document, secret, f"created `{endpoint.public_id}`", json)


@group.command("list", epilog=examples("gateway webhook list --account acct_3hV9bQx0LmZt27Ka"))
def list_(account_id: AccountId, json: Json = False) -> None:
    """List the endpoints of an account."""
    from gateway import accounts
    from gateway.webhooks import endpoints

    with environment.database():
        listed = endpoints.of_account(accounts.find_account(account_id))
        documents = [_document(endpoint) for endpoint in listed]
    if json:
        print_json(documents)
    else:
        columns = ("id", "host", "description", "events", "scopes", "state", "failing since")
        print_table(columns, list(map(_row, documents)))


@group.command(
    epilog=examples(
        "gateway webhook update whe_9cTq2WbX5sLr81Yd --scope applications:read",
        "gateway webhook update whe_9cTq2WbX5sLr81Yd --url https://example.com/new",
    )
)
def update(
    endpoint_id: EndpointId,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Its new address.")
    ] = None,
    events: Events = None,
    scopes: Scopes = None,
    no_scopes: Annotated[
        bool, typer.Option("--no-scopes", help="Take all of its scopes away: ids alone.")
    ] = False,
    description: Description = None,
    json: Json = False,
) -> None:
    """Change an endpoint. Events and scopes given replace those that it has."""
    from gateway.webhooks import endpoints

    if scopes and no_scopes:
        raise typer.BadParameter("leaves no room for --scope", param_hint="--no-scopes")
    if url is None and description is None and not events and not scopes and not no_scopes:
        raise typer.BadParameter("give --url, --event, --scope, --no-scopes or --description")
    with environment.database():
        endpoint = _endpoints().update(
            endpoints.find(endpoint_id),
            url=url,
            events=events or None,
            scopes=() if no_scopes else scopes or None,
            description=description,
            by=environment.actor(),
            now=environment.now(),
        )
        document = _document(endpoint)
    if json:
        print_json(document)
    else:
        typer.echo(f"updated webhook endpoint `{endpoint.public_id}`")


@group.command(epilog=examples("gateway webhook rotate whe_9cTq2WbX5sLr81Yd"))
def rotate(
    endpoint_id: EndpointId,
    keep_s: Annotated[
        int,
        typer.Option(
            "--keep-s",
            metavar="SECONDS",
            min=0,
            max=30 * 86_400,
            help="For how long messages are signed with the old secret too.",
        ),
    ] = 86_400,
    json: Json = False,
) -> None:
    """Give an endpoint a new secret and print it. For a day, messages are signed with both."""
    from gateway.webhooks import endpoints

    with environment.database():
        endpoint = endpoints.find(endpoint_id)
        secret = _endpoints().rotate(
            endpoint, by=environment.actor(), now=environment.now(), keep_s=keep_s
        )
        document = _document(endpoints.find(endpoint_id))
    _print_secret(document, secret, f"rotated `{endpoint.public_id}`", json)


@group.command(epilog=examples("gateway webhook disable whe_9cTq2WbX5sLr81Yd"))
def disable(endpoint_id: EndpointId) -> None:
    """Send nothing more to an endpoint. Disabling it twice is no error."""
    from gateway.webhooks import endpoints

    with environment.database():
        endpoint = endpoints.find(endpoint_id)
        because = endpoints.Because.ASKED
        endpoints.disable(endpoint, because, by=environment.actor(), now=environment.now())
    typer.echo(f"disabled webhook endpoint `{endpoint.public_id}`")


@group.command(epilog=examples("gateway webhook enable whe_9cTq2WbX5sLr81Yd"))
def enable(endpoint_id: EndpointId) -> None:
    """Tell an endpoint of events again, from now on. Enabling it twice is no error."""
    from gateway.webhooks import endpoints

    with environment.database():
        endpoint = endpoints.find(endpoint_id)
        endpoints.enable(endpoint, by=environment.actor(), now=environment.now())
    typer.echo(
        f"enabled webhook endpoint `{endpoint.public_id}`; `gateway webhook send-again` sends "
        "what it has missed"
    )


@group.command(epilog=examples("gateway webhook delete whe_9cTq2WbX5sLr81Yd"))
def delete(endpoint_id: EndpointId) -> None:
    """Delete an endpoint, with its deliveries."""
    from gateway.webhooks import endpoints

    with environment.database():
        endpoint = endpoints.find(endpoint_id)
        endpoints.delete(endpoint, by=environment.actor(), now=environment.now())
    typer.echo(f"deleted webhook endpoint `{endpoint.public_id}`")


@group.command("test", epilog=examples("gateway webhook test whe_9cTq2WbX5sLr81Yd"))
def try_out(endpoint_id: EndpointId, json: Json = False) -> None:
    """Send a test event to an endpoint now, and say how it answered."""
    delivery = _deliver_test(endpoint_id)
    if json:
        print_json(_delivery_document(delivery))
    answer = delivery.status if delivery.error is None else delivery.error
    said = f"{answer} after {delivery.duration_ms or 0} ms"
    if delivery.state != "delivered":
        raise CommandError(f"the test event was not delivered: {said}")
    if not json:
        typer.echo(f"delivered: {said}")


@group.command(
    epilog=examples(
        "gateway webhook deliveries whe_9cTq2WbX5sLr81Yd",
        "gateway webhook deliveries whe_9cTq2WbX5sLr81Yd --state failed --json",
    )
)
def deliveries(
    endpoint_id: EndpointId,
    state: Annotated[
        str | None,
        typer.Option(
            "--state", metavar="STATE", help="pending, delivered, failed or dropped; else all."
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=MAX_LISTED, help="How many at most.")
    ] = 50,
    json: Json = False,
) -> None:
    """List what was sent to an endpoint and what is on its way, newest first; kept for 30 days."""
    from gateway.webhooks import endpoints, history

    with environment.database():
        which = history.Filter(state=history.checked_state(state))
        found = history.page(endpoints.find(endpoint_id), which, 1, limit).deliveries
        documents = [_delivery_document(one) for one in found]
    if json:
        print_json(documents)
    else:
        columns = ("id", "message", "type", "subject", "created", "state", "tries", "answer")
        print_table(columns, list(map(_delivery_row, documents)))


@group.command(
    "send-again",
    epilog=examples(
        "gateway webhook send-again whe_9cTq2WbX5sLr81Yd --since 2026-11-20T08:00:00Z",
        "gateway webhook send-again whe_9cTq2WbX5sLr81Yd --delivery whd_4rTq2WbX5sLr81Yd",
    ),
)
def send_again(
    endpoint_id: EndpointId,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Send what has not arrived of the events since then."),
    ] = None,
    delivered_too: Annotated[
        bool, typer.Option("--delivered-too", help="With --since: what has arrived too.")
    ] = False,
    delivery_id: Annotated[
        str | None, typer.Option("--delivery", metavar="ID", help="Send this one delivery.")
    ] = None,
    json: Json = False,
) -> None:
    """Send events again, with their message ids: one, or all since a time."""
    from gateway.webhooks import again, endpoints

    if (since is None) == (delivery_id is None):
        raise typer.BadParameter("give either --since or --delivery")
    with environment.database():
        endpoint, by, now = endpoints.find(endpoint_id), environment.actor(), environment.now()
        if delivery_id is not None:
            delivery = again.find_delivery(delivery_id, endpoint)
            again.send_again(delivery, endpoint, by=by, now=now)
            count = 1
        else:
            count = again.send_all_again(
                endpoint, _time(since or ""), delivered_too=delivered_too, by=by, now=now
            )
    if json:
        print_json({"sent_again": count})
    else:
        typer.echo(f"{count} {'delivery' if count == 1 else 'deliveries'} to be sent again")


def _deliver_test(endpoint_id: str) -> WebhookDelivery:
    import asyncio
    import random
    import time

    from gateway import bundle
    from gateway.execution import Executor
    from gateway.webhooks import again, endpoints, service
    from gateway.webhooks.deliveries import claimed_by
    from gateway.webhooks.dispatcher import Pace
    from models import WebhookDelivery

    settings = environment.settings()
    loaded = bundle.load(settings.openapi, settings.policies, environment.variables())
    with environment.database() as database:
        now, process = environment.now(), secrets.token_hex(8)
        delivery = again.send_test(
            endpoints.find(endpoint_id),
            by=environment.actor(),
            now=now,
            claim=process,
            claimed_until=now + Pace().lease_s,
        )
        around = service.Surroundings(
            database=database,
            executor=Executor(database),
            bundle=lambda: loaded,
            clock=time.time,
            random=random.random,
            disclosures=None,  # a test tells the id of the endpoint, and nothing of anybody
        )

        async def deliver() -> None:
            async with service.dispatcher(settings, around) as dispatcher:
                await dispatcher.deliver(claimed_by(delivery, process, now=now))

        asyncio.run(deliver())
        ended: WebhookDelivery = WebhookDelivery.get_by_id(delivery.id)
        return ended


def _endpoints() -> Endpoints:
    from gateway import spec
    from gateway.webhooks import service

    settings = environment.settings()
    return service.endpoints_of(settings, spec.load(settings.openapi))


def _time(text: str) -> int:
    from gateway.errors import echo
    from gateway.times import epoch_seconds

    try:
        return epoch_seconds(text)
    except ValueError as error:
        raise CommandError(f"the time `{echo(text)}` {error}") from error


def _print_secret(document: Mapping[str, Any], secret: str, said: str, json: bool) -> None:
    if json:
        print_json({"id": document["id"], "secret": secret, **document})
    else:
        typer.echo(secret)
        typer.echo(f"{said}; the secret is not shown again", err=True)


def _document(endpoint: WebhookEndpoint) -> dict[str, Any]:
    from models import WebhookEndpoint

    def shown(column: Any) -> Any:
        value = getattr(endpoint, column.name)
        return None if value is None else column.document_value(value)

    return {
        "id": endpoint.public_id,
        "url": endpoint.url,
        "description": endpoint.description,
        "events": shown(WebhookEndpoint.events),
        "scopes": shown(WebhookEndpoint.scopes),
        "state": str(endpoint.state),
        "disabled_because": endpoint.disabled_because,
        "failing_since": shown(WebhookEndpoint.failing_since),
        "old_secret_until": shown(WebhookEndpoint.old_secret_until),
        "account_id": endpoint.account.public_id,
        "created_at": shown(WebhookEndpoint.created_at),
    }


def _row(document: Mapping[str, Any]) -> tuple[str, ...]:
    from gateway.webhooks.endpoints import host_of

    because = document["disabled_because"]
    return (
        document["id"],
        host_of(document["url"]),
        document["description"],
        " ".join(document["events"]),
        " ".join(document["scopes"]) or "none",
        document["state"] + (f" ({because})" if because else ""),
        document["failing_since"] or "not failing",
    )


def _delivery_document(delivery: WebhookDelivery) -> dict[str, Any]:
    from models import WebhookDelivery

    def shown(column: Any) -> Any:
        value = getattr(delivery, column.name)
        return None if value is None else column.document_value(value)

    return {
        "id": delivery.public_id,
        "message_id": delivery.message_id,
        "type": delivery.type,
        "subject_id": delivery.subject_id,
        "occurred_at": shown(WebhookDelivery.occurred_at),
        "created_at": shown(WebhookDelivery.created_at),
        "state": delivery.state,
        "tries": delivery.tries,
        "status": delivery.status,
        "error": delivery.error,
        "duration_ms": delivery.duration_ms,
        "due_at": shown(WebhookDelivery.due_at),
        "ended_at": shown(WebhookDelivery.ended_at),
    }


def _delivery_row(document: Mapping[str, Any]) -> tuple[str, ...]:
    answer = document["error"] or document["status"] or "none yet"
    return (
        document["id"],
        document["message_id"],
        document["type"],
        document["subject_id"],
        document["created_at"],
        document["state"],
        str(document["tries"]),
        str(answer),
    )
