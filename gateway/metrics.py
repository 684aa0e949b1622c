"""Numbers for operators: how many, how long, what was withheld, which policies are in force.

Beside a request's way: `gateway.telemetry` tells of each exchange when it has ended. Labels hold
what the document declares (operation ids), statuses and revisions; never a path as it was sent, a
token, an account or a person's data.

Several workers behind one port are one server, so they count into files in one folder, and each
answers for all of them: prometheus-client's multiprocess mode, which it turns on for a process
whose environment names the folder (`FOLDER`).
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway.bundle import Bundle
from gateway.exchange import Exchange
from gateway.mail import RESULTS as MAIL_RESULTS
from gateway.reload import Result

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST
OUTSIDE = "none"  # the operation of what none answers: health, documents, paths that there are not
WEBHOOK_RESULTS = ("delivered", "to be retried", "given up", "dropped")
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped in prometheus-client 0.26


class Metrics:
    """What one process has counted, and what all workers have."""

    def __init__(self, bundle: Bundle, folder: Path | None = None) -> None:
        """Begin at nothing.

        Args:
            bundle: the one in force.
            folder: where all workers count; None: this process is the only one.
        """
        self._folder = folder
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "gateway_requests",
            "Requests that were answered.",
            ["operation", "status"],
            registry=self._registry,
        )
        self._durations = Histogram(
            "gateway_request_duration_seconds",
            "From a request's arrival to the end of its answer.",
            ["operation"],
            registry=self._registry,
            buckets=BUCKETS_S,
        )
        self._guard_hits = Counter(
            "gateway_egress_guard_hits",
            "Answers that the egress guard withheld.",
            ["operation"],
            registry=self._registry,
        )
        self._unrecorded = Counter(
            "gateway_disclosure_log_failures",
            "Answers and webhooks not given, for the disclosure log could not be written.",
            registry=self._registry,
        )
        self._webhook_tries = Counter(
            "gateway_webhook_tries",
            "Tries to deliver a webhook, by how they ended.",
            ["result"],
            registry=self._registry,
        )
        self._webhook_guard_hits = Counter(
            "gateway_webhook_egress_guard_hits",
            "Bodies of webhooks that the egress guard withheld.",
            ["event"],
            registry=self._registry,
        )
        self._webhook_durations = Histogram(
            "gateway_webhook_duration_seconds",
            "From the look-up of a receiver's name to the end of its answer.",
            registry=self._registry,
            buckets=BUCKETS_S,
        )
        self._mail_tries = Counter(
            "gateway_mail_tries",
            "Tries to send a mail, by how they ended.",
            ["result"],
            registry=self._registry,
        )
        self._reloads = Counter(
            "gateway_policy_reloads",
            "Attempts to reload the policies, by how they ended.",
            ["result"],
            registry=self._registry,
        )
        self._last_reload = Gauge(
            "gateway_policy_last_reload_successful",
            "1: every worker's last reload left it with the policies as they are on disk.",
            registry=self._registry,
            multiprocess_mode="livemin",
        )
        self._workers = Gauge(
            "gateway_policy_workers",
            "Workers by the revision of document and policies that they answer with.",
            ["revision"],
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._revision = bundle.revision
        self._begin(bundle.document.operations, bundle.document.webhooks)

    def _begin(self, operations: Iterable[str], events: Iterable[str]) -> None:
        # What has not happened yet is 0, not absent: its first time must be seen as an increase.
        for operation in operations:
            self._guard_hits.labels(operation)
        for event in events:
            self._webhook_guard_hits.labels(event)
        for ended in WEBHOOK_RESULTS:
            self._webhook_tries.labels(ended)
        for ended in MAIL_RESULTS:
            self._mail_tries.labels(ended)
        for result in Result:
            self._reloads.labels(result)
        self._last_reload.set(1)
        self._workers.labels(self._revision).set(1)

    def observe(self, exchange: Exchange, seconds: float) -> None:
        """Count an exchange that has ended."""
        operation = OUTSIDE if exchange.operation is None else exchange.operation.id
        status = exchange.status or HTTPStatus.INTERNAL_SERVER_ERROR
        self._requests.labels(operation, int(status)).inc()
        self._durations.labels(operation).observe(seconds)
        if exchange.withheld:
            self._guard_hits.labels(operation).inc()
        if exchange.unrecorded:
            self._unrecorded.inc()

    def webhook_tried(self, result: str, seconds: float | None) -> None:
        """Count a try to deliver a webhook.

        Args:
            result: one of `WEBHOOK_RESULTS`.
            seconds: None: the receiver was not asked.
        """
        self._webhook_tries.labels(result).inc()
        if seconds is not None:
            self._webhook_durations.observe(seconds)

    def webhook_withheld(self, event: str) -> None:
        """Count a body that the egress guard withheld, by the type of the event."""
        self._webhook_guard_hits.labels(event).inc()

    def webhook_unrecorded(self) -> None:
        """Count a body that was not sent, for it could not be recorded."""
        self._unrecorded.inc()

    def mail_tried(self, result: str) -> None:
        """Count a try to send a mail, by one of the postman's `RESULTS`."""
        self._mail_tries.labels(result).inc()

    def reloaded(self, result: Result, bundle: Bundle) -> None:
        """Count a reload that has ended with *bundle* in force."""
        self._reloads.labels(result).inc()
        self._last_reload.set(result is not Result.REFUSED)
        # To 0 and not removed: prometheus-client cannot remove a series of several processes.
        self._workers.labels(self._revision).set(0)
        self._workers.labels(bundle.revision).set(1)
        self._revision = bundle.revision

    def exposition(self) -> bytes:
        """Return all numbers in Prometheus's text format."""
        if self._folder is None:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def forget(worker: int, folder: Path) -> None:
    """Take a dead *worker*, by its process id, out of what counts the living ones."""
    mark_process_dead(worker, str(folder))  # type: ignore[no-untyped-call]
