"""`python -m benchmarks [PART]`: measures, and prints tables. `make bench` runs every part.

Every part together, or one with `--save`, writes what it found into benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from benchmarks import (
    growth,
    importing,
    machine,
    postgres,
    proof,
    report,
    requests,
    results,
    start,
    steps,
    tables,
)
from benchmarks.data import FOLDER, Data, prepared
from benchmarks.load import Unusable
from benchmarks.servers import POSTGRES, SERVERS, SQLITE

ENDPOINTS = ("list", "list_redacted", "search", "postings", "by_id", "not_found", "unauthorized")
PAIRED = ("list", "list_redacted", "by_id", "not_found", "unauthorized")
LARGE, SMALL = 200_000, 1_000  # applications of the accounts


def main() -> int:
    """Run the part that the command line names."""
    words = sys.argv[1:]
    arguments = parser().parse_args(words)
    arguments.command = " ".join(["python -m benchmarks", *words])
    try:
        arguments.run(arguments)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.set_defaults(run=measure_everything)
    parts = parser.add_subparsers(title="parts")

    def part(name: str, run: Callable[[argparse.Namespace], None], told: str) -> Any:
        one = parts.add_parser(name, help=told, description=told)
        one.add_argument("--save", action="store_true", help="write it into benchmarks/README.md")
        one.set_defaults(run=run)
        return one

    asked = part("requests", measure_requests, "How many requests each server answers.")
    asked.add_argument("--database", choices=(SQLITE, POSTGRES), default=SQLITE)
    asked.add_argument("--servers", type=_names, default=list(SERVERS), metavar="NAME,…")
    asked.add_argument("--endpoints", type=_names, default=list(ENDPOINTS), metavar="NAME,…")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=int, default=2, help="of each round")
    asked.add_argument("--applications", type=int, default=LARGE, help="of the large account")
    paired = part("endpoints", measure_endpoints, "How the gateway's endpoints compare.")
    paired.add_argument("--rounds", type=int, default=6)
    timed = part("steps", measure_steps, "Where the time of an answer that is not kept goes.")
    timed.add_argument("--rounds", type=int, default=steps.ROUNDS)
    begun = part("start", measure_start, "How long a start takes.")
    begun.add_argument("--rounds", type=int, default=8)
    grown = part("growth", measure_growth, "How reading grows with the account.")
    grown.add_argument("--rounds", type=int, default=growth.ROUNDS)
    imported = part("importing", measure_importing, "What imports cost, and readers meanwhile.")
    imported.add_argument("--database", choices=(SQLITE, POSTGRES), default=SQLITE)
    imported.add_argument("--rounds", type=int, default=4)
    imported.add_argument("--applications", type=int, default=50_000, help="of the compared import")
    part("proof", measure_proof, "How the proof grows with the document.")
    part("report", lambda _: report.write(), "Write benchmarks/README.md from what is kept.")
    return parser


def _names(text: str) -> list[str]:
    return text.split(",")


def measure_everything(_: argparse.Namespace) -> None:
    """Run every part as it is by default, and keep what it finds."""
    for words in (
        ["requests", "--save"],
        ["requests", "--database", POSTGRES, "--save"],
        ["endpoints", "--save"],
        ["steps", "--save"],
        ["growth", "--save"],
        ["importing", "--save"],
        ["importing", "--database", POSTGRES, "--save"],
        ["start", "--save"],
        ["proof", "--save"],
    ):
        arguments = parser().parse_args(words)
        arguments.command = "make bench"
        arguments.run(arguments)


def measure_requests(arguments: argparse.Namespace) -> None:
    """Measure requests, and print the tables."""
    with _server(arguments.database) as server:
        data = _data(arguments.applications, server)
        found = requests.measure(
            _chosen(arguments),
            arguments.endpoints,
            data,
            rounds=arguments.rounds,
            seconds=arguments.seconds,
        )
    _told(
        arguments,
        f"requests-{arguments.database}",
        found.document,
        tables.of_requests(found),
        **_version(server),
    )


@contextmanager
def _server(database: str) -> Iterator[postgres.Server | None]:
    """Run PostgreSQL beside the load; None: SQLite needs no server."""
    _, load_on = machine.processors()
    with postgres.running(load_on) if database == POSTGRES else nullcontext() as server:
        yield server


def _version(server: postgres.Server | None) -> dict[str, str]:
    return {} if server is None else {"PostgreSQL": server.version}


def _data(applications: int, server: postgres.Server | None) -> Data:
    if server is None:
        return prepared(
            lambda name: f"sqlite:///{FOLDER}/{name}.db", large=applications, small=SMALL
        )
    return prepared(server.url, large=applications, small=SMALL, keep=False)


def _chosen(arguments: argparse.Namespace) -> list[Any]:
    chosen = []
    for name in arguments.servers:
        server = SERVERS.get(name)
        if server is None:
            raise Unusable(f"there is no server `{name}`; there are {', '.join(SERVERS)}")
        if server.missing:
            print(f"left out: {name}: {server.missing}", file=sys.stderr)
        elif arguments.database in server.databases:
            chosen.append(server)
    return chosen


def measure_start(arguments: argparse.Namespace) -> None:
    """Measure starts, and print the table."""
    data = _data(SMALL, None)
    found = start.document(start.measure(data, rounds=arguments.rounds))
    _told(arguments, "start", found, tables.of_start(found))


def measure_endpoints(arguments: argparse.Namespace) -> None:
    """Measure the gateway's endpoints in turn, and print the table."""
    found = requests.measure(
        [SERVERS[name] for name in ("gateway", "gateway-uncached")],
        PAIRED,
        _data(LARGE, None),
        rounds=arguments.rounds,
        seconds=2,
        compared=requests.ENDPOINTS,
    )
    _told(arguments, "endpoints", found.document, tables.of_endpoints(found))


def measure_steps(arguments: argparse.Namespace) -> None:
    """Measure the steps of a request, and print the table."""
    found = steps.document(steps.measure(_data(LARGE, None), rounds=arguments.rounds))
    _told(arguments, "steps", found, tables.of_steps(found))


def measure_growth(arguments: argparse.Namespace) -> None:
    """Measure how reading grows, and print the table."""
    found = growth.document(growth.measure(rounds=arguments.rounds))
    _told(arguments, "growth", found, tables.of_growth(found))


def measure_importing(arguments: argparse.Namespace) -> None:
    """Measure imports, and print the tables."""
    with _server(arguments.database) as server:
        found = importing.measure(
            server, applications=arguments.applications, rounds=arguments.rounds
        )
    _told(
        arguments,
        f"importing-{arguments.database}",
        found,
        tables.of_importing(found),
        **_version(server),
    )


def measure_proof(arguments: argparse.Namespace) -> None:
    """Measure the proof, and print the table."""
    lines = proof.measure()
    _told(arguments, "proof", {"lines": lines}, lines)


def _told(
    arguments: argparse.Namespace,
    part: str,
    document: dict[str, Any],
    lines: Iterable[str],
    **versions: str,
) -> None:
    """Print what a part has found, and keep it if that was asked for."""
    print("\n".join(lines))
    if arguments.save:
        results.keep(part, document, arguments.command, **versions)
        report.write()


sys.exit(main())
