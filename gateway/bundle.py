"""What is derived from document and policy, as one immutable whole.

A request keeps the bundle that it began with; a reload (`gateway.reload`) makes a new one and swaps
the reference. What is compiled at first use (views, plans, validators, texts) is kept in the bundle
that it was compiled from, and goes with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import policy as policies
from gateway import spec
from gateway.guard import Guard
from gateway.parameters import QueryParser
from gateway.policy import Policy
from gateway.published import PublishedDocuments
from gateway.reading import Plans
from gateway.spec import Document


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Bundle:
    """Document and policy in force, and what is compiled from them.

    Attributes:
        directory: where the policies were read.
        fingerprint: of the files there, from just before they were read.
        parsers: the strict query parameters, by operation id.
    """

    document: Document
    directory: Path
    fingerprint: str
    policy: Policy
    guard: Guard
    plans: Plans
    parsers: Mapping[str, QueryParser]
    published: PublishedDocuments

    @property
    def revision(self) -> str:
        """A digest of document and policies."""
        return self.policy.revision


def load(openapi: Path, directory: Path, environment: Mapping[str, str]) -> Bundle:
    """Load, check and compile the document and the policies.

    Args:
        environment: where the keys of keyed hashes are looked up.
    Raises:
        ConfigError: with everything that is wrong, by file and line.
    """
    return of_document(spec.load(openapi), directory, environment)


def of_document(document: Document, directory: Path, environment: Mapping[str, str]) -> Bundle:
    """Do what `load` does, for a *document* that is loaded already."""
    fingerprint = fingerprint_of(directory)
    policy = policies.load(directory, document, environment)
    return Bundle(
        document=document,
        directory=directory,
        fingerprint=fingerprint,
        policy=policy,
        guard=Guard(),
        plans=Plans(),
        parsers={one.id: QueryParser(one) for one in document.operations.values()},
        published=PublishedDocuments(document, policy),
    )


def fingerprint_of(directory: Path) -> str:
    """Return a digest of the policy files' names and bytes; of a file that is away, its name."""
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.y*ml")):
        try:
            content = hashlib.sha256(path.read_bytes()).digest()
        except OSError:
            content = b""
        digest.update(path.name.encode("utf-8", "surrogateescape") + b"\0" + content)
    return digest.hexdigest()
