"""What runs beside requests, put together: within `gateway serve`, or by `gateway jobs`.

Webhooks are delivered by every process that runs this, which share them by claims. Jobs run in one
of the processes at a time, by a lease. See `gateway.jobs` for both kinds of work.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from gateway.jobs import Alone, Job, Leases, Scheduler, Service
from gateway.settings import Settings
from gateway.webhooks.history import remove_old
from gateway.webhooks.service import Delivering, Surroundings
from gateway.work import Work

LEASE = "jobs"
HOUR_S = 3_600

log = structlog.get_logger(__name__)


def services(settings: Settings, around: Surroundings) -> Sequence[Service]:
    """Return what runs beside requests, not yet begun."""
    work, jobs = Work(around.database), jobs_of(settings)
    alone = Alone(LEASE, lambda: Scheduler(jobs, work, around.clock), Leases(around.database), work)
    # Without a key there are no webhooks, and nothing could be signed.
    return [Delivering(settings, around), alone] if settings.webhook_keys else [alone]


def jobs_of(_settings: Settings) -> Sequence[Job]:
    """Return what is done at intervals."""
    return [Job("remove old webhooks", HOUR_S, _remove_old)]


def _remove_old(now: int) -> None:
    if removed := remove_old(now=now):
        log.info("old events and deliveries removed", rows=removed)
