"""Runs the gateway under uvicorn: the edge between settings and the assembled application."""

from __future__ import annotations

import os
import sys

import uvicorn
from starlette.types import ASGIApp

from gateway import app, bundle, schema
from gateway.database import connect
from gateway.settings import Settings
from gateway.telemetry import configure_logging

GRACE_S = 30


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        ConfigError: document, policies, settings or the database's schema are wrong. Everything
            is checked before the first socket is opened.
    """
    application = assemble(settings)
    uvicorn.run(
        application if workers == 1 else "gateway.server:from_environment",
        factory=workers > 1,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",  # else uvicorn answers in a shape of its own and logs addresses with queries
        timeout_graceful_shutdown=GRACE_S,
    )


def from_environment() -> ASGIApp:
    """Return the application of one of several workers."""
    return assemble(Settings.from_environment(os.environ))


def assemble(settings: Settings) -> ASGIApp:
    """Return the application, with logging configured and the database checked.

    Raises:
        ConfigError: see `serve`.
    """
    form = settings.log_format
    if form == "auto":
        form = "console" if sys.stderr.isatty() else "json"
    configure_logging(form, settings.log_level)
    database = connect(settings.database_url)
    with database.connection_context():
        schema.require_current(database)
    return app.create(
        settings, database, bundle.load(settings.openapi, settings.policies, os.environ)
    )
