"""What runs beside requests, put together: within `gateway serve`, or by `gateway jobs`.

Webhooks are delivered by every process that runs this, which share them by claims. Jobs run in one
of the processes at a time, by a lease. See `gateway.jobs` for both kinds of work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from gateway import mail
from gateway.alerts import DisabledEndpoints, Inactivity
from gateway.jobs import Alone, Job, Leases, Scheduler, Service
from gateway.mail import Mail, Postman
from gateway.settings import Settings
from gateway.webhooks import history
from gateway.webhooks.service import Delivering, Surroundings
from gateway.work import Work

LEASE = "jobs"
HOUR_S = 3_600
POST_EVERY_S = 5

log = structlog.get_logger(__name__)


def services(
    settings: Settings,
    around: Surroundings,
    outgoing: Mail | None = None,
    mail_tried: Callable[[str], None] = lambda _result: None,
) -> Sequence[Service]:
    """Return what runs beside requests, not yet begun.

    Args:
        outgoing: how mail leaves; None: it does not.
        mail_tried: is told how each try to send a mail ended.
    """
    work, jobs = Work(around.database), jobs_of(settings, outgoing, mail_tried)
    leases = Leases(around.database)
    alone = Alone(LEASE, lambda: Scheduler(jobs, work, around.clock), leases, work)
    # Without a key there are no webhooks, and nothing could be signed.
    if not settings.webhook_keys:
        return [alone]
    if outgoing is not None:
        around = replace(around, disabled=DisabledEndpoints(outgoing.public_url, around.clock))
    return [Delivering(settings, around), alone]


def jobs_of(
    settings: Settings,
    outgoing: Mail | None,
    mail_tried: Callable[[str], None] = lambda _result: None,
) -> Sequence[Job]:
    """Return what is done at intervals; see `services`."""
    inactivity = Inactivity(
        settings.token_unused_days, None if outgoing is None else outgoing.public_url
    )
    jobs = [
        Job("tell of unused tokens", HOUR_S, inactivity.tell),
        Job("remove what is old", HOUR_S, _remove_old),
    ]
    if outgoing is not None:
        jobs.append(Job("send mail", POST_EVERY_S, Postman(outgoing, mail_tried).send_due))
    return jobs


def _remove_old(now: int) -> None:
    removed = history.remove_old(now=now) + mail.remove_old(now=now)
    if removed:
        log.info("old events, deliveries and mails removed", rows=removed)
