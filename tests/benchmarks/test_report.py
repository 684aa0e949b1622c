"""What is written into the README: between its markers, and true to what was measured."""

import pytest

from benchmarks import goals, growth, plot, report, tables
from benchmarks.endpoints import TITLES
from benchmarks.figures import Spread
from benchmarks.goals import Figure
from benchmarks.requests import Results, Sample
from benchmarks.servers import SERVERS


def results(**per_cpu_second):
    """Return results at `list`, a figure a round."""
    samples = [
        Sample(server.replace("_", "-"), "list", number, 2 * value, value, 1.0, 2.0)
        for server, values in per_cpu_second.items()
        for number, value in enumerate(values)
    ]
    return Results(samples, {"gateway": 160_000_000})


def test_what_is_kept_is_read_as_it_was():
    measured = results(gateway=[10, 20], fastify_sql=[5, 5])
    assert Results.read(measured.document) == measured
    assert measured.servers == ["gateway", "fastify-sql"]
    assert measured.endpoints == ["list"]


def test_a_table_has_a_row_for_each_server_with_the_paired_ratio():
    lines = "\n".join(tables.of_requests(results(gateway=[10, 20], fastify_sql=[5, 5])))
    assert TITLES["list"] in lines
    rows = [line for line in lines.splitlines() if line.startswith("| ")]
    ours = next(row for row in rows if row.startswith("| gateway, as installed |"))
    theirs = next(row for row in rows if row.startswith("| fastify, tuned SQL |"))
    assert "15 (10–20)" in ours
    assert "3.00 (2.00–4.00)" in theirs


def test_a_goal_is_reached_by_its_median_and_missed_below():
    kept = {goals.SQLITE: results(gateway=[16, 16, 10], fastify_sql=[5, 5, 5]).document}
    rows = "\n".join(goals.rows(kept))
    assert "| fastify, tuned SQL | `list` 3.20 (2.00–3.20) ≥ 3 | reached |" in rows
    kept = {goals.SQLITE: results(gateway=[10, 10, 16], fastify_sql=[5, 5, 5]).document}
    rows = "\n".join(goals.rows(kept))
    assert "| fastify, tuned SQL | `list` 2.00 (2.00–3.20) ≥ 3 **missed** | missed |" in rows


def test_a_goal_that_was_not_measured_is_not_called_reached():
    rows = list(goals.rows({}))[2:]
    assert len(rows) == len(goals.GOALS)
    assert all(row.endswith("| not measured | |") for row in rows)


def test_endpoints_are_compared_where_they_were_asked_in_turn():
    samples = [
        Sample("gateway", endpoint, number, 1.0, value, 1.0, 2.0)
        for endpoint, values in (("list", [10, 20]), ("list_redacted", [15, 30]))
        for number, value in enumerate(values)
    ]
    measured = Results(samples, {})
    rows = "\n".join(goals.rows({goals.ENDPOINTS: measured.document}))
    assert "`list_redacted`/`list` 1.50 (1.50–1.50) ≥ 1 | reached |" in rows
    lines = list(tables.of_endpoints(measured))
    assert lines[0] == "| server | `list` | `list_redacted` |"
    assert lines[2] == "| gateway, as installed | 15 (10–20) | 22 (15–30) |"


def test_too_much_memory_misses_its_goal():
    kept = {goals.SQLITE: results(gateway=[1]).document}
    assert "MB 160.00 (160.00–160.00) ≤ 150 **missed** | missed |" in "\n".join(goals.rows(kept))


def test_a_start_is_compared_with_the_import_of_the_same_round():
    samples = [
        {"what": what, "round": number, "seconds": 2 * cpu, "cpu_seconds": cpu}
        for what, values in (("import connexion", [1, 2]), (goals.READY, [3, 4]))
        for number, cpu in enumerate(values)
    ]
    seconds, cpu_seconds = goals.start({"samples": samples})
    assert seconds.value == cpu_seconds.value == Spread(2.5, 2, 3)
    assert not seconds.reached


def test_a_bound_of_most_is_kept_from_above():
    assert Figure("x", Spread(1, 1, 9), 1, at_most=True).reached
    assert not Figure("x", Spread(1.1, 1, 9), 1, at_most=True).reached
    assert not Figure("x", Spread(0.9, 0, 1), 1).reached


def test_a_section_is_written_between_its_markers_and_nowhere_else():
    text = "a\n<!-- x: begin, written by `make bench` -->\nold\n<!-- x: end -->\nb\n"
    once = report.replaced(text, "x", "new \\1")
    assert "old" not in once
    assert "\nnew \\1\n" in once
    assert report.replaced(once, "x", "new \\1") == once
    with pytest.raises(ValueError, match="not one section `y`"):
        report.replaced(text, "y", "")


def test_the_readme_has_a_section_for_each_part_that_is_measured():
    text = report.README.read_text()
    for name in ("goals", "requests-sqlite", "requests-postgres", "start", "proof"):
        report.replaced(text, name, "")


def test_goals_and_pictures_name_servers_that_there_are():
    drawn = plot.svg(results(gateway=[10, 20], fastify_sql=[5, 5], constant=[99, 98]))
    assert drawn.count("<rect") == 1 + 3
    for server in ("gateway", "fastify-sql", "constant"):
        assert SERVERS[server].title in drawn


def test_growth_is_the_largest_account_against_the_smallest():
    times = {1_000: 1.0, 10_000: 5.0, 200_000: 4.0}
    samples = [
        growth.Sample(one.title, size, number, ms)
        for one in growth.QUESTIONS
        for number in range(2)
        for size, ms in times.items()
    ]
    document = growth.document(samples)
    figures = goals.growth(document)
    assert {one.value for one in figures} == {Spread(4.0, 4.0, 4.0)}
    assert not any(one.reached for one in figures)
    [row] = [line for line in tables.of_growth(document) if line.startswith("| first page |")]
    assert row.endswith("| 4.00 (4.00–4.00) |")
