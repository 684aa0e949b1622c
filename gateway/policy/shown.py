"""What one scope set is shown: the ways of each component's fields, the alternative that is kept.

The one question that redaction, narrowing and the proof all ask. Answers are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.policy.model import Model
from gateway.policy.rules import Scopes
from gateway.policy.ways import Way


class Shown:
    """What *scopes* are shown of the components of *model*."""

    __slots__ = ("_fields", "model", "scopes")

    def __init__(self, model: Model, scopes: Scopes) -> None:
        self.model = model
        self.scopes = scopes
        self._fields: dict[str, Mapping[str, Way]] = {}

    def fields(self, component: str) -> Mapping[str, Way]:
        """Return the shown properties of *component*, in document order, each with its way.

        Raises:
            KeyError: the document has no such object component.
        """
        if component not in self._fields:
            ways = {
                name: field.way(self.scopes)
                for name, field in self.model.components[component].fields.items()
            }
            self._fields[component] = MappingProxyType(
                {name: way for name, way in ways.items() if way.shown}
            )
        return self._fields[component]

    def reaches(self, operation_id: str) -> bool:
        """Tell whether the scopes reach an operation; not one that the document does not have."""
        operation = self.model.document.operations.get(operation_id)
        return operation is not None and operation.scopes <= self.scopes

    def alternative(self, alternatives: tuple[str, ...]) -> str | None:
        """Return the first of *alternatives* whose required properties are all shown, or None."""
        return next(filter(self._is_whole, alternatives), None)

    def _is_whole(self, component: str) -> bool:
        shown = self.fields(component)
        fields = self.model.components[component].fields.values()
        return all(field.name in shown for field in fields if field.required)
