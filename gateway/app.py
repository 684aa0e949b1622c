"""Assembles everything; nothing else does.

A request's way, outermost first:

    lane        operations, by the steps of all that follows; everything else goes on to
    telemetry   request id, timing, log line, last use of the token
    problems    errors become `application/problem+json`
    limits      413, 414
    site        the public paths: document, docs, health
    web         the Settings pages; everything else goes on to
    stack       Connexion: route, token, scope, parameters, handler, egress guard
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from peewee import Database
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from gateway import background, schema, sessions, stack
from gateway.answers import Answers
from gateway.disclosure import DisclosureLog, Disclosures, Inventory
from gateway.execution import Executor
from gateway.jobs import running
from gateway.lane import Lane, Routes
from gateway.limits import Limits
from gateway.mail import Mail
from gateway.metrics import Metrics
from gateway.problems import Problems
from gateway.reload import Reloader
from gateway.security import Authenticator
from gateway.settings import Settings
from gateway.site import docs
from gateway.site.documents import FILES, PublishedDocument
from gateway.site.health import Live, Ready
from gateway.site.metrics import Exposition
from gateway.telemetry import Telemetry, log_line
from gateway.usage import LastUsed
from gateway.web.site import routes as settings_routes
from gateway.webhooks.deliveries import Tried, Unsent
from gateway.webhooks.service import Surroundings
from gateway.work import Work


def create(
    settings: Settings,
    database: Database,
    reloader: Reloader,
    *,
    metrics_folder: Path | None = None,
    mail: Mail | None = None,
    clock: Callable[[], float] = time.time,
    write_line: Callable[[dict[str, Any]], None] = log_line,
    random: Callable[[], float] = random.random,
) -> ASGIApp:
    """Return the gateway as one ASGI application.

    Args:
        database: connected by `gateway.database.connect`; its schema is current.
        reloader: holds document and policies, and follows the policies' files.
        metrics_folder: where all workers count together; None: this process is the only one.
        mail: how mail leaves; None: it does not.
        clock: seconds since the epoch.
        write_line: called with the log line of each request.
        random: returns a number from 0 to below 1; it spreads what would be done at once.
    Raises:
        ConfigError: the handlers are not as the document says, or the disclosure log cannot be
            written.
    """
    executor = Executor(database)
    document = reloader.bundle.document
    authenticator = Authenticator(
        executor,
        clock,
        scopes=document.scopes,
        limits=sessions.Limits(settings.session_idle_s, settings.session_max_s),
    )
    disclosure_log = log_of(settings)
    inventory = Inventory(document)
    disclosures = Disclosures(disclosure_log, inventory, clock) if disclosure_log else None
    api = stack.build(document, authenticator, executor, disclosures)
    last_used = LastUsed(database, clock, settings.last_used_flush_interval_s)

    def pending() -> list[str]:
        with database.connection_context():
            return schema.pending(database)

    metrics = Metrics(reloader.bundle, metrics_folder) if settings.metrics else None
    webhooks = Surroundings(
        database=database,
        executor=executor,
        bundle=lambda: reloader.bundle,
        clock=clock,
        random=random,
        disclosures=disclosures,
        observe=_counted(metrics),
    )

    def mail_tried(result: str) -> None:
        if metrics is not None:
            metrics.mail_tried(result)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        beside = (
            background.services(settings, webhooks, mail, mail_tried) if settings.serve_jobs else ()
        )
        async with last_used.running(), reloader.running(), running(beside):
            yield
        if disclosure_log is not None:
            disclosure_log.close()

    if metrics is not None:
        reloader.report = metrics.reloaded
    base = document.base_path
    site = Router(
        [
            Route("/livez", Live(), methods=["GET"]),
            Route("/readyz", Ready(executor, pending), methods=["GET"]),
            *(
                Route(
                    f"{base}/{name}",
                    PublishedDocument(form, authenticator, settings.public_url, version),
                    methods=["GET"],
                )
                for name, (form, version) in FILES.items()
            ),
            *([Route("/metrics", Exposition(metrics), methods=["GET"])] if metrics else []),
            *docs.routes(base, document.raw["info"]["title"]),
            *settings_routes(settings, Work(database), clock, disclosures),
        ],
        redirect_slashes=False,
        default=api,
        lifespan=lifespan,
    )
    limited = Limits(
        site, max_url_bytes=settings.max_url_bytes, max_body_bytes=settings.max_body_bytes
    )
    telemetry = Telemetry(
        Problems(limited),
        bundle=lambda: reloader.bundle,
        last_used=last_used,
        observers=[metrics.observe] if metrics else [],
        write_line=write_line,
    )
    if not settings.lane:
        return telemetry
    return Lane(
        telemetry,
        Routes(base, stack.routes_of(api)),
        telemetry=telemetry,
        authenticator=authenticator,
        executor=executor,
        answers=Answers(settings.answer_cache_bytes),
        disclosures=disclosures,
        max_url_bytes=settings.max_url_bytes,
    )


def _counted(metrics: Metrics | None) -> Callable[[Tried], None]:
    """Return what counts the tries to deliver webhooks."""
    if metrics is None:
        return lambda _tried: None

    def count(tried: Tried) -> None:
        metrics.webhook_tried(tried.outcome, tried.duration_ms / 1_000 if tried.asked else None)
        if tried.error == Unsent.WITHHELD:
            metrics.webhook_withheld(tried.claimed.type)
        if tried.error == Unsent.UNRECORDED:
            metrics.webhook_unrecorded()

    return count


def log_of(settings: Settings) -> DisclosureLog | None:
    """Return the disclosure log that the settings ask for; None: they ask for none.

    Raises:
        ConfigError: it cannot be written.
    """
    if settings.disclosure_log is None:
        return None
    log = DisclosureLog(
        settings.disclosure_log,
        max_bytes=settings.disclosure_log_max_bytes,
        keep=settings.disclosure_log_keep,
    )
    log.check()
    return log
