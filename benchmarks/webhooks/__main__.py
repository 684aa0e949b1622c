"""`python -m benchmarks.webhooks`: arrivals, or `kills`. Exits 1 if anything is lost."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks import postgres
from benchmarks.webhooks import arrivals, kills


def main() -> int:
    """Run what the command line names, and print what came of it as JSON."""
    arguments = parser().parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="webhooks-"))
        url = arguments.database_url or f"sqlite:///{folder}/gateway.db"
        if arguments.database == "postgres":
            url = stack.enter_context(postgres.running(settings=postgres.DURABLE)).url("webhooks")
        result: arrivals.Result | kills.Result
        if arguments.part == "arrivals":
            result = arrivals.run(
                url,
                events=arguments.events,
                singles=arguments.singles,
                trouble_s=arguments.trouble_s,
                seed=arguments.seed,
            )
        else:
            result = kills.run(url, Path(folder), rounds=arguments.rounds, seed=arguments.seed)
    print(json.dumps({**asdict(result), "holds": result.holds}, indent=2))
    return 0 if result.holds else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webhooks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("arrivals", "kills"), default="arrivals")
    database = parser.add_mutually_exclusive_group()
    database.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    database.add_argument("--database-url", help="an empty database of yours")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--singles", type=int, default=200, help="of them one by one")
    parser.add_argument("--trouble-s", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=50, help="of kills")
    return parser


if __name__ == "__main__":
    sys.exit(main())
