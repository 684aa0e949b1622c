"""Measurements, run by `make bench`. benchmarks/README.md has what they showed."""
