"""What is derived from document and policy, as one immutable whole.

A request keeps the bundle that it began with; a reload makes a new one and swaps the reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import policy as policies
from gateway import spec
from gateway.guard import Guard
from gateway.parameters import QueryParser
from gateway.policy import Policy
from gateway.published import PublishedDocuments
from gateway.spec import Document


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """Document and policy in force, and what is compiled from them.

    Attributes:
        parsers: the strict query parameters, by operation id.
    """

    document: Document
    policy: Policy
    guard: Guard
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
    document = spec.load(openapi)
    policy = policies.load(directory, document, environment)
    return Bundle(
        document=document,
        policy=policy,
        guard=Guard(),
        parsers={one.id: QueryParser(one) for one in document.operations.values()},
        published=PublishedDocuments(document, policy),
    )
