"""`python -m benchmarks [PART]`: measures, and prints tables. `make bench` runs every part."""

from __future__ import annotations

import argparse
import sys

from benchmarks import proof, requests, tables
from benchmarks.data import FOLDER, prepared
from benchmarks.load import Unusable
from benchmarks.servers import SERVERS, SQLITE

ENDPOINTS = ("list", "list_redacted", "search", "postings", "by_id", "not_found", "unauthorized")


def main() -> int:
    """Run the part that the command line names."""
    arguments = parser().parse_args()
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
    one = parts.add_parser("proof", help="how the proof grows with the document")
    one.set_defaults(run=lambda _: proof.main())
    one = parts.add_parser("requests", help="how many requests each server answers")
    one.add_argument("--servers", type=_names, default=list(SERVERS), metavar="NAME,…")
    one.add_argument("--endpoints", type=_names, default=list(ENDPOINTS), metavar="NAME,…")
    one.add_argument("--rounds", type=int, default=4)
    one.add_argument("--seconds", type=float, default=2)
    one.add_argument("--applications", type=int, default=200_000, help="of the large account")
    one.set_defaults(run=measure_requests)
    return parser


def measure_everything(_: argparse.Namespace) -> None:
    """Run every part as it is by default."""
    proof.main()
    measure_requests(parser().parse_args(["requests"]))


def _names(text: str) -> list[str]:
    return text.split(",")


def measure_requests(arguments: argparse.Namespace) -> None:
    """Measure requests, and print the tables."""
    data = prepared(
        lambda name: f"sqlite:///{FOLDER}/{name}.db", large=arguments.applications, small=1_000
    )
    chosen = [SERVERS[name] for name in arguments.servers]
    for server in chosen:
        if server.missing:
            print(f"left out: {server.name}: {server.missing}", file=sys.stderr)
    results = requests.measure(
        [one for one in chosen if not one.missing and SQLITE in one.databases],
        arguments.endpoints,
        data,
        rounds=arguments.rounds,
        seconds=arguments.seconds,
    )
    print("\n".join(tables.of_requests(results)))


sys.exit(main())
