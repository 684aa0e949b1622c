"""The matrix: operations x scope sets x fields, and in each cell what is shown.

The scope sets are not all that there are, 2 to the number of scopes, but those that an operation
tells apart. Every other set is shown exactly what the largest column within it is shown. Where
even those are many, the columns are the least sets at which something changes; who has several of
them is shown, of each field, the most revealing of their cells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from gateway.policy.leaves import Decision, Leaf, leaves
from gateway.policy.model import Model
from gateway.policy.rules import NO_SCOPES, Acknowledgement, DataClass, Location, Scopes
from gateway.spec import Operation

MAX_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class Group:
    """The leaves of one object of an answer, under the policy of its component.

    Attributes:
        path: of the object; empty: the answer itself.
        because: the reason of its policy; None: it has none, the document lists it as public.
        location: of the policy, or of the component.
    """

    path: str
    component: str
    because: str | None
    location: Location
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What an operation shows.

    Attributes:
        columns: scope sets, the smaller first.
        exact: the columns are all sets that are told apart; else the least ones, see above.
    """

    operation: Operation
    leaves: tuple[Leaf, ...]
    columns: tuple[Scopes, ...]
    exact: bool

    def groups(self, model: Model) -> Iterator[Group]:
        """Yield the leaves by the object that they stand in, in their order."""
        for path, leaves_in in groupby(self.leaves, key=_path_around):
            of_group = tuple(leaves_in)
            component = model.components[of_group[0].field.component]
            policy = model.policies.components.get(component.name)
            yield Group(
                path=path,
                component=component.name,
                because=None if policy is None else policy.because,
                location=component.location if policy is None else policy.location,
                leaves=of_group,
            )

    def row(self, leaf: Leaf) -> tuple[Decision, ...]:
        """Return the cells of *leaf*, one for each column."""
        return tuple(leaf.decision(scopes) for scopes in self.columns)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The tables of some operations, and the statements about the classes in them."""

    model: Model
    tables: tuple[Table, ...]

    @property
    def columns(self) -> tuple[Scopes, ...]:
        """The columns of all tables, each once, the smaller first."""
        return _ordered({scopes for table in self.tables for scopes in table.columns})

    @property
    def words(self) -> frozenset[str]:
        """The words of all decisions in the tables."""
        rows = (table.row(leaf) for table in self.tables for leaf in table.leaves)
        return frozenset(decision.word for row in rows for decision in row)

    @property
    def is_exact(self) -> bool:
        """Whether each table has all sets that its operation tells apart."""
        return all(table.exact for table in self.tables)

    @property
    def classes(self) -> tuple[DataClass, ...]:
        """The data classes of what is in the tables."""
        used = {leaf.field.category for table in self.tables for leaf in table.leaves}
        return tuple(one for one in self.model.policies.classes.values() if one.category in used)

    @property
    def acknowledgements(self) -> tuple[Acknowledgement, ...]:
        """What is shown on purpose, of what is in the tables, to who lacks its class's scopes."""
        fields = [leaf.field for table in self.tables for leaf in table.leaves]
        used = {(field.component, field.category) for field in fields}
        acknowledgements = self.model.policies.acknowledgements
        return tuple(one for one in acknowledgements if (one.component, one.category) in used)


def matrix(
    model: Model, operations: Iterable[Operation], components: Collection[str] | None = None
) -> Matrix:
    """Return the matrix of *operations*.

    Args:
        components: only the fields of these; None: all. A table without any is left out.
    """
    found = []
    for operation in operations:
        kept = [
            leaf
            for leaf in leaves(model, operation)
            if components is None or leaf.field.component in components
        ]
        if kept:
            columns, exact = _columns(kept)
            found.append(Table(operation, tuple(kept), columns, exact))
    return Matrix(model, tuple(found))


def _path_around(leaf: Leaf) -> str:
    return leaf.path.rpartition(".")[0]


def _columns(kept: list[Leaf]) -> tuple[tuple[Scopes, ...], bool]:
    """Return the columns for some leaves of one operation, and whether they are exact."""
    told_apart = {NO_SCOPES}.union(*(leaf.told_apart for leaf in kept))
    classes = {NO_SCOPES}
    for one in told_apart:
        classes |= {one | other for other in classes}  # at most twice as many
        if len(classes) > MAX_COLUMNS:
            return _ordered(told_apart), False
    return _ordered(classes), True


def _ordered(sets: Iterable[Scopes]) -> tuple[Scopes, ...]:
    return tuple(sorted(sets, key=lambda scopes: (len(scopes), sorted(scopes))))
