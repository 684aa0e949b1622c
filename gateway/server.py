"""Runs the gateway under uvicorn, or its background jobs alone: the edge between settings and both.

Everything is checked before anything is done.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import structlog
import uvicorn
from peewee import Database
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from gateway import app, background, bundle, metrics, schema
from gateway.accesslog import AccessLog
from gateway.database import connect
from gateway.disclosure import Disclosures, Inventory
from gateway.errors import ConfigError
from gateway.execution import Executor
from gateway.jobs import run_until_stopped
from gateway.mail import mail_of
from gateway.protocol import Protocol
from gateway.reload import Reloader
from gateway.settings import Settings
from gateway.telemetry import configure_logging, log_line
from gateway.webhooks.service import Surroundings, require_key

GRACE_S = 30

log = structlog.get_logger(__name__)


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; reload the policies on SIGHUP.

    Raises:
        ConfigError: document, policies, settings or the database's schema are wrong. Everything
            is checked before the first socket is opened.
    """
    application = assemble(settings)
    config = uvicorn.Config(
        application if workers == 1 else "gateway.server:from_environment",
        factory=workers > 1,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        http=Protocol,
        ws="none",  # else uvicorn answers in a shape of its own and logs addresses with queries
        timeout_graceful_shutdown=GRACE_S,
    )
    if workers > 1:
        with counting_folder() if settings.metrics else nullcontext() as folder:
            Workers(config, [config.bind_socket()], folder).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # uvicorn has stopped, and raises the signal once more
        server.run()
    if not server.started:
        sys.exit(1)


def run_jobs(settings: Settings) -> None:
    """Run the background jobs, and deliver webhooks, until SIGTERM or SIGINT; see `serve`.

    Raises:
        ConfigError: see `serve`.
    """
    configure(settings)
    mail = mail_of(settings)
    database, reloader = prepare(settings)
    disclosure_log = app.log_of(settings)
    inventory = Inventory(reloader.bundle.document)
    around = Surroundings(
        database=database,
        executor=Executor(database),
        bundle=lambda: reloader.bundle,
        clock=time.time,
        random=random.random,
        disclosures=Disclosures(disclosure_log, inventory, time.time) if disclosure_log else None,
    )

    async def run() -> None:
        async with reloader.running():
            await run_until_stopped(background.services(settings, around, mail))
        if disclosure_log is not None:
            disclosure_log.close()

    asyncio.run(run())


class Workers(Multiprocess):
    """uvicorn's parent of several workers, which passes SIGHUP on and tells who has died."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket], folder: Path | None) -> None:
        super().__init__(config, sockets)
        self._folder = folder

    def keep_subprocess_alive(self) -> None:
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            if self._folder is not None and pid is not None:
                metrics.forget(pid, self._folder)

    def handle_hup(self) -> None:
        # uvicorn would replace one worker after the other, each with the seconds of a start.
        for process in self.processes:
            if process.pid is not None and process.exitcode is None:
                os.kill(process.pid, signal.SIGHUP)


@contextmanager
def counting_folder() -> Iterator[Path]:
    """Make the folder in which workers count together, and name it in their environment."""
    with TemporaryDirectory(prefix="gateway-") as folder:
        os.environ[metrics.FOLDER] = folder
        yield Path(folder)


def from_environment() -> ASGIApp:
    """Return the application of one of several workers.

    One that cannot start says why and ends; the parent tries again, and the others serve on.
    """
    try:
        return assemble(Settings.from_environment(os.environ))
    except ConfigError as error:
        give_up(error)


def give_up(error: ConfigError) -> NoReturn:
    """End a worker that cannot start, without the traceback of a defect."""
    for finding in error.findings:
        log.error("worker not started", finding=str(finding))
    sys.exit(1)


def assemble(settings: Settings) -> ASGIApp:
    """Return the application, with logging and signals configured and the database checked.

    Raises:
        ConfigError: see `serve`.
    """
    form = configure(settings)
    mail = mail_of(settings)
    database, reloader = prepare(settings)
    folder = os.environ.get(metrics.FOLDER)
    return app.create(
        settings,
        database,
        reloader,
        metrics_folder=Path(folder) if folder else None,
        mail=mail,
        write_line=access_log(form),
    )


def configure(settings: Settings) -> str:
    """Configure logging; return its form."""
    form = settings.log_format
    if form == "auto":
        form = "console" if sys.stderr.isatty() else "json"
    configure_logging(form, settings.log_level)
    return form


def prepare(settings: Settings) -> tuple[Database, Reloader]:
    """Return the database, checked, and the policies, which follow their files and SIGHUP.

    Raises:
        ConfigError: see `serve`.
    """
    database = connect(settings.database_url)
    with database.connection_context():
        schema.require_current(database)
        require_key(settings)
    reloader = Reloader(
        bundle.load(settings.openapi, settings.policies, os.environ),
        environment=os.environ,
        interval_s=settings.policy_reload_interval_s,
    )
    signal.signal(signal.SIGHUP, lambda _signal, _frame: reloader.request())
    return database, reloader


def access_log(form: str) -> Callable[[dict[str, Any]], None]:
    """Return what writes the log line of each request."""
    if not logging.getLogger("gateway.access").isEnabledFor(logging.INFO):
        return lambda _line: None
    return AccessLog(lambda: sys.stderr) if form == "json" else log_line
