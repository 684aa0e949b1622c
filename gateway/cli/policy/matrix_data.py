"""The matrix for programs: CSV with a line for each cell, JSON with a column for each scope set."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from gateway.cli import output
from gateway.wording import where

if TYPE_CHECKING:
    from gateway.policy.leaves import Decision
    from gateway.policy.matrix import Matrix, Table

HEADS = (
    *("operation", "method", "path", "field", "component", "property", "class"),
    *("scopes", "shown", "rule"),
)


def csv_text(matrix: Matrix) -> str:
    """Return a line for each cell; scopes are parted by blanks, nothing stands for no scope."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(HEADS)
    for table in matrix.tables:
        operation = table.operation
        for leaf in table.leaves:
            field = leaf.field
            names = (leaf.path, field.component, field.name, field.category or "")
            for scopes, decision in zip(table.columns, table.row(leaf), strict=True):
                said = (" ".join(sorted(scopes)), str(decision), where(decision.location))
                row = (operation.id, operation.method.upper(), operation.path, *names, *said)
                writer.writerow(row)
    return lines.getvalue().rstrip("\n")


def json_text(matrix: Matrix) -> str:
    """Return the matrix as JSON: in each field's `cells`, one for each of the `scope_sets`."""
    document = {
        "policy_revision": matrix.model.revision,
        "operations": [_operation(table) for table in matrix.tables],
    }
    return output.json_text(document)


def _operation(table: Table) -> dict[str, Any]:
    operation = table.operation
    return {
        "operation": operation.id,
        "method": operation.method.upper(),
        "path": operation.path,
        "requires": sorted(operation.scopes),
        "scope_sets": [sorted(scopes) for scopes in table.columns],
        "exact": table.exact,
        "fields": [
            {
                "field": leaf.path,
                "component": leaf.field.component,
                "property": leaf.field.name,
                "class": leaf.field.category,
                "cells": [_cell(one) for one in table.row(leaf)],
            }
            for leaf in table.leaves
        ],
    }


def _cell(decision: Decision) -> dict[str, str]:
    return {"shown": str(decision), "rule": where(decision.location)}
