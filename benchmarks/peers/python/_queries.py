"""The SQL of queries.sql, by name."""

from __future__ import annotations

import re
from pathlib import Path

FILE = Path(__file__).parents[1] / "queries.sql"

TEXTS = {
    name.strip(): text.strip()
    for name, _, text in (
        block.partition("\n")
        for block in re.split(r"^-- name: ", FILE.read_text(), flags=re.MULTILINE)[1:]
    )
}
