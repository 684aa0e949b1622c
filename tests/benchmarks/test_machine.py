"""What is read from /proc: CPU seconds and memory of a server's processes."""

import os
import subprocess
import sys

import pytest

from benchmarks import machine

# As proc(5) has it; the command's name is one that splits badly.
STAT = (
    "4711 (a ) b (c) S 1 4711 4711 0 -1 4194304 100 200 0 0 "
    "250 50 7 9 20 0 5 0 999 123456 789 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0"
)


def test_cpu_seconds_are_user_and_system_time_without_that_of_children():
    parent, seconds = machine.parse_stat(STAT)
    assert parent == 1
    assert seconds == 300 / machine.TICKS_A_SECOND


def test_the_stat_of_this_process_is_read_as_the_system_tells_it():
    parent, seconds = machine.stat(os.getpid())
    told = os.times()
    assert parent == os.getppid()
    assert seconds == pytest.approx(told.user + told.system, abs=0.5)


def test_a_family_is_a_process_with_all_that_descend_from_it():
    code = (
        "import subprocess, sys; "
        "subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()  # the grandchild is there
        found = machine.family(process.pid)
        process.communicate(b"\n")
    assert found[0] == process.pid
    assert len(found) == 2


def test_memory_is_the_proportional_set_size():
    text = "[rollup]\nRss:            2048 kB\nPss:            1024 kB\nPss_Dirty: 7 kB\n"
    assert machine.parse_pss(text) == 1024 * 1024
    with pytest.raises(ValueError, match="Pss"):
        machine.parse_pss("Rss: 1 kB\n")


def test_servers_and_load_have_processors_of_their_own_where_there_are_two():
    servers, load = machine.processors()
    allowed = os.sched_getaffinity(0)
    assert {servers, load} <= allowed
    assert servers != load or len(allowed) == 1
