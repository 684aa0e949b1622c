"""Reload: the bundle in force, and how a new one takes its place while requests go on.

Beside a request's way. Each worker looks at the policy files by itself, and takes what it finds
through all of a start's steps: read, prove, compile. Then one reference is swapped. What does not
pass leaves the last good bundle in force, and says why in the log.

The OpenAPI document is not reloaded: routes and handlers are bound to it at start. One that has
changed is reported, and takes effect at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum

import anyio
import structlog
from anyio.to_thread import run_sync

from gateway.bundle import Bundle, fingerprint_of, of_document
from gateway.errors import ConfigError

log = structlog.get_logger(__name__)


class Result(StrEnum):
    """How a reload ended."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


def _ignore(_result: Result, _bundle: Bundle) -> None:
    pass


class Reloader:
    """Holds the bundle in force.

    Attributes:
        bundle: the one reference that a reload swaps; who needs it for longer keeps what it got.
        report: called after each reload with its result and the bundle that is now in force.
    """

    def __init__(
        self, bundle: Bundle, *, environment: Mapping[str, str], interval_s: float = 0
    ) -> None:
        """Begin with *bundle*.

        Args:
            environment: where the keys of keyed hashes are looked up.
            interval_s: how often to look at the files; 0: only when asked.
        """
        self.bundle = bundle
        self.report: Callable[[Result, Bundle], None] = _ignore
        self._environment = environment
        self._interval_s = interval_s
        self._tried = self._seen = bundle.fingerprint
        self._document_seen: str | None = bundle.document.source.text
        self._asked = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def reload(self) -> Result:
        """Load the policies as they are now; put them in force if they pass. Takes its time."""
        self._tried = fingerprint_of(self.bundle.directory)
        result = self._load()
        self.report(result, self.bundle)
        return result

    def follow(self) -> None:
        """Reload if the files have changed and come to rest: were the same at the last look.

        Without the rest, a set of files that belong together would be met half written.
        """
        self._follow_document()
        seen = fingerprint_of(self.bundle.directory)
        settled, self._seen = seen == self._seen, seen
        if settled and seen != self._tried:
            self.reload()

    def request(self) -> None:
        """Ask for a reload, from any thread or from a signal's handler."""
        if self._loop is None:  # not serving yet: the first thing to do then
            self._asked.set()
        else:
            self._loop.call_soon_threadsafe(self._asked.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Reload when asked to, and when the files change, while the context is open."""
        self._loop = asyncio.get_running_loop()
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._loop = None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            with anyio.move_on_after(self._interval_s or None):
                await self._asked.wait()
            step = self.reload if self._asked.is_set() else self.follow
            self._asked.clear()
            try:
                await run_sync(step)
            except Exception:
                log.exception("the policy files could not be looked at")

    def _load(self) -> Result:
        before = self.bundle
        try:
            found = of_document(before.document, before.directory, self._environment)
        except ConfigError as error:
            for finding in error.findings:
                self._refuse(finding=str(finding))
            return Result.REFUSED
        except Exception as error:  # whatever it is, the last good policies must stay
            self._refuse(exc_info=error)
            return Result.REFUSED
        if found.revision == before.revision:
            log.info("policies are those in force", policy_revision=before.revision)
            return Result.UNCHANGED
        self.bundle = found
        log.info("policies reloaded", policy_revision=found.revision, before=before.revision)
        return Result.LOADED

    def _refuse(self, **why: object) -> None:
        event = "policies refused, the last good ones stay in force"
        if self._document_now() != self.bundle.document.source.text:
            event += "; the OpenAPI document has changed too: restart to load both"
        log.error(event, policy_revision=self.bundle.revision, **why)

    def _follow_document(self) -> None:
        now = self._document_now()
        if now not in (self._document_seen, self.bundle.document.source.text):
            log.warning(
                "the OpenAPI document has changed; it takes effect at the next start",
                document=str(self.bundle.document.path),
            )
        self._document_seen = now

    def _document_now(self) -> str | None:
        """Return the document's text; None: it cannot be read."""
        try:
            return self.bundle.document.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
