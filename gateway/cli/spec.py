"""`gateway spec`: the OpenAPI document as it is published."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import environment
from gateway.cli.usage import examples
from gateway.scopes import checked_scopes

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.spec import Document

commands = typer.Typer()


class Format(StrEnum):
    """How the document is written; the keys of `gateway.published.CONTENT_TYPES`."""

    JSON = "json"
    YAML = "yaml"


class Version(StrEnum):
    """Of OpenAPI; those of `gateway.published.Version`."""

    V3_0 = "3.0"
    V3_1 = "3.1"


@commands.command(
    epilog=examples(
        "gateway spec > openapi.json",
        "gateway spec --scopes applications:read --format yaml",
        "gateway spec --openapi 3.1 > openapi-3.1.json",
    )
)
def spec(
    scopes: Annotated[
        str | None,
        typer.Option(metavar="S,S…", help="Only what a token with these scopes reaches and sees."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.JSON,
    version: Annotated[
        Version, typer.Option("--openapi", help="3.1: with webhooks in their place there.")
    ] = Version.V3_0,
) -> None:
    """Print the OpenAPI document as it is published. Needs no database."""
    from gateway import published
    from gateway import spec as specs

    settings = environment.settings()
    document = specs.load(settings.openapi)
    raw: Mapping[str, Any]
    if scopes is None:
        raw = specs.whole(document)
    else:
        raw = _narrowed(document, settings, scopes.split(","))
    server_url = document.raw["servers"][0]["url"]
    if settings.public_url is not None:
        server_url = settings.public_url + document.base_path
    made = published.published(raw, server_url, published.Version(version))
    typer.echo(published.render(made, form), nl=False)


def _narrowed(document: Document, settings: Settings, scopes: list[str]) -> Mapping[str, Any]:
    from gateway import policy

    given = (scope.strip() for scope in scopes)
    wanted = checked_scopes(filter(None, given), document.scopes)
    return policy.load(settings.policies, document, environment.variables()).narrowed(wanted)
