"""Writes what was measured into benchmarks/README.md, between its markers, and the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks import goals, plot, results, tables
from benchmarks.requests import Results

README = Path(__file__).with_name("README.md")
PARTS = (
    "requests-sqlite",
    "requests-postgres",
    "endpoints",
    "steps",
    "growth",
    "importing-sqlite",
    "importing-postgres",
    "start",
    "proof",
)


def write() -> None:
    """Write every section that something was measured for."""
    kept = {part: document for part in PARTS if (document := results.kept(part))}
    text = README.read_text()
    text = replaced(text, "goals", "\n".join(goals.rows(kept)))
    for part in kept:
        if f"<!-- {part}: begin" in text:
            text = replaced(text, part, "\n".join(section(part)))
    README.write_text(text)


def section(part: str) -> Iterator[str]:
    """Yield the lines of a part's section."""
    document = results.kept(part)
    assert document is not None
    yield from tables.head(document)
    yield ""
    if "lines" in document:
        yield from document["lines"]
    elif part == "start":
        yield from tables.of_start(document)
    elif part == "endpoints":
        yield from tables.of_endpoints(Results.read(document))
    elif part == "steps":
        yield from tables.of_steps(document)
    elif part == "growth":
        yield from tables.of_growth(document)
    elif part.startswith("importing"):
        yield from tables.of_importing(document)
    else:
        measured = Results.read(document)
        picture = results.FOLDER / f"{part}.svg"
        picture.write_text(plot.svg(measured))
        yield f"![Requests per CPU second](results/{picture.name})"
        yield from tables.of_requests(measured)


def replaced(text: str, name: str, content: str) -> str:
    """Return *text* with *content* between the markers of the section *name*.

    Raises:
        ValueError: it has not exactly one such section.
    """
    begin, end = f"<!-- {name}: begin, written by `make bench` -->", f"<!-- {name}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"the text has not one section `{name}`")
    return pattern.sub(lambda _: f"{begin}\n\n{content}\n\n{end}", text)
