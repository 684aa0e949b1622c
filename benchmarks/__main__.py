"""`make bench`: what grows, and how. Prints a table; nothing here is a test."""

from __future__ import annotations

from benchmarks import proof

proof.main()
