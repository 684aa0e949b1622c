"""The policy in force: compiled once, asked at every request.

A `View` is what one scope set may see. Views are made at first use and kept, so that a request
costs a dictionary look-up. Nothing here changes a rule: a reload makes a new `Policy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.policy import narrow, redact, schemas
from gateway.policy.model import Model
from gateway.policy.rules import Scopes
from gateway.policy.shown import Shown
from gateway.policy.ways import Way

MAX_VIEWS = 1_024


class View:
    """What one scope set may see. Compares by identity: a policy has one for each scope set."""

    __slots__ = ("_narrowed", "_shown")

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._narrowed: dict[str, Any] | None = None

    @property
    def scopes(self) -> Scopes:
        """The scopes that count: those of the caller that the document uses."""
        return self._shown.scopes

    def fields(self, component: str) -> Mapping[str, Way]:
        """Return the shown properties of *component*, in document order, each with its way.

        Raises:
            KeyError: the document has no such object component.
        """
        return self._shown.fields(component)

    def redact(self, schema: Mapping[str, Any], body: Any) -> Any:
        """Return what is shown of *body*, a plain document of *schema*.

        Args:
            schema: of the document; usually `Operation.response_schema`.
        Raises:
            TypeError: *body* has a shape that *schema* does not allow.
        """
        return redact.redact(self._shown, schema, body)

    def schema(self, operation_id: str) -> dict[str, Any]:
        """Return the narrowed schema of an operation's answer, made anew at each call.

        Returns:
            JSON Schema, Draft 4, that stands by itself; formats are kept.
        Raises:
            KeyError: the document has no such operation.
        """
        operation = self._shown.model.document.operations[operation_id]
        return schemas.answer_schema(self._shown, operation.response_schema)

    def payload_schema(self, event_type: str) -> dict[str, Any]:
        """Return the narrowed schema of a webhook's body; otherwise as `schema`.

        Raises:
            KeyError: the document has no such webhook.
        """
        return schemas.payload_schema(self._shown, self._shown.model.document.webhooks[event_type])

    def document(self) -> dict[str, Any]:
        """Return the narrowed document, made at first use. Not to be changed."""
        if self._narrowed is None:
            self._narrowed = narrow.narrowed_document(self._shown)
        return self._narrowed


class Policy:
    """A document's components under the rules of a policy set that passed the proof.

    Attributes:
        model: document and rules, for pages that explain them.
        revision: a digest of both.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._known = frozenset(model.document.scopes)
        self._views: dict[Scopes, View] = {}
        self.revision = model.revision

    def view(self, scopes: Scopes) -> View:
        """Return what *scopes* may see. Scopes that no operation uses count for nothing."""
        view = self._views.get(scopes)
        if view is None:
            if len(self._views) >= MAX_VIEWS:
                self._views.clear()
            known = scopes & self._known
            view = self._views.get(known) or View(Shown(self.model, known))
            self._views[known] = self._views[scopes] = view
        return view

    def narrowed(self, scopes: Scopes) -> dict[str, Any]:
        """Return the document narrowed to *scopes*, server-side keys included. Not to be changed.

        `gateway.spec.published` makes of it what callers may read.
        """
        return self.view(scopes).document()
