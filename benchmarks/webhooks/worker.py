"""A process that delivers until it is told to end: `python -m benchmarks.webhooks.worker URL`."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time

from benchmarks.webhooks.writing import settings_of
from gateway import bundle
from gateway.database import connect
from gateway.execution import Executor
from gateway.telemetry import configure_logging
from gateway.webhooks import service
from gateway.webhooks.dispatcher import Pace
from gateway.webhooks.schedule import Schedule

# Some ten tries, as in life, but within minutes.
SCHEDULE = Schedule(delays_s=(1, 2, 3, 5, 8, 13, 20, 30, 40), longest_rest_s=4)
LIMIT_S = 2.0


async def deliver(database_url: str) -> None:
    """Deliver until SIGTERM."""
    settings = settings_of(database_url)
    loaded = bundle.load(settings.openapi, settings.policies, os.environ)
    database = connect(database_url)
    around = service.Surroundings(
        database=database,
        executor=Executor(database),
        bundle=lambda: loaded,
        clock=time.time,
        random=random.random,
        disclosures=None,
    )
    pace = Pace(grace_s=LIMIT_S)
    async with service.dispatcher(
        settings, around, schedule=SCHEDULE, pace=pace, limit_s=LIMIT_S
    ) as dispatcher:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, dispatcher.stop)
        print("delivering", flush=True)
        await dispatcher.run()


if __name__ == "__main__":
    configure_logging("json", "warning")
    asyncio.run(deliver(sys.argv[1]))
