"""The installed console script, as a process of its own: pipes, terminals and signals."""

import os
import pty
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
from itertools import islice
from pathlib import Path

import httpx
import pytest

SCRIPT = Path(sys.executable).with_name("gateway")
REFERENCE = Path(__file__).resolve().parents[2] / "examples" / "reference.jsonl"
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def environment(stored, database_url: str, tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "DATABASE_URL": database_url, "LANG": "C.UTF-8", "TERM": "xterm-256color"}


def on_a_terminal(words, environment, *answers: tuple[str, str]) -> tuple[int, str]:
    """Run the script on a terminal of its own.

    Args:
        answers: what to type as soon as the terminal has shown what, in turn.
    Returns:
        The exit code, and what the terminal has shown.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.execve(SCRIPT, [str(SCRIPT), *words], environment)
    shown, awaited = "", list(answers)
    while read := read_within(terminal, 60):
        shown += read
        if awaited and awaited[0][0] in shown:
            os.write(terminal, awaited.pop(0)[1].encode())
    os.close(terminal)
    assert not awaited, shown
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def read_within(terminal: int, seconds: float) -> str:
    """Return what comes from the terminal next; nothing when its program has ended."""
    readable, _, _ = select.select([terminal], [], [], seconds)
    assert readable, "the program says nothing and does not end"
    try:
        return os.read(terminal, 65_536).decode()
    except OSError:  # Linux: the program's side is closed
        return ""


def test_help_is_shown_by_the_installed_script(environment):
    shown = subprocess.run(
        [SCRIPT, "--help"], capture_output=True, text=True, env=environment, check=False
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Usage: gateway" in shown.stdout


def test_a_reader_that_goes_away_is_no_error(environment):
    with subprocess.Popen(
        [SCRIPT, "spec"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_terminal_gets_a_drawn_table(environment, account):
    code, seen = on_a_terminal(["account", "list"], environment)
    assert code == 0
    assert account in ANSI.sub("", seen)
    assert "┃" in seen


def test_on_a_terminal_a_deletion_is_asked_for(environment, account, gateway):
    words = ["account", "delete", account]
    assert on_a_terminal(words, environment, ("Delete `Acme Inc.`", "n\n"))[0] == 1
    assert len(gateway.json("account", "list")) == 1
    assert on_a_terminal(words, environment, ("Delete `Acme Inc.`", "y\n"))[0] == 0
    assert gateway.json("account", "list") == []


def test_on_a_terminal_a_password_is_asked_for_and_not_shown(environment, gateway):
    secret = "correct horse battery"
    # The blanks come after the terminal has stopped to show what is typed.
    answers = [("Password: ", f"{secret}\n"), ("Repeat for confirmation: ", f"{secret}\n")]
    code, seen = on_a_terminal(["user", "create", "ann@example.com"], environment, *answers)
    assert code == 0
    assert secret not in seen
    assert re.search("usr_[0-9A-Za-z]{16}", seen)


@pytest.mark.parametrize(
    "words", [["account", "create"], ["account", "delete", "--yes"], ["spec", "--scopes"]]
)
def test_an_argument_that_is_no_utf_8_is_wrong_usage(environment, words):
    done = subprocess.run(
        [SCRIPT, *words, b"\xff"], capture_output=True, env=environment, check=False
    )
    assert done.returncode == 2
    assert b"is not UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr


def test_on_a_terminal_an_import_shows_how_far_it_is(environment, account):
    code, seen = on_a_terminal(["import", str(REFERENCE), "--account", account], environment)
    assert code == 0
    assert "reading" in seen
    assert "rows/s" in ANSI.sub("", seen)


def test_in_a_pipe_an_import_shows_nothing_but_its_report(environment, account):
    done = subprocess.run(
        [SCRIPT, "import", REFERENCE, "--account", account],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_an_interrupted_import_ends_quietly_and_stores_nothing(environment, account, stored):
    before = stored()
    with subprocess.Popen(
        [SCRIPT, "import", "-", "--account", account],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        bufsize=0,
    ) as process:
        # More than a pipe's buffer takes: it has begun to read, and then waits for the rest.
        for line in REFERENCE.read_bytes().splitlines(keepends=True) * 400:
            process.stdin.write(line)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr.read() == process.stdout.read() == b""
    assert stored() == before


def test_the_demo_answers_the_requests_that_it_prints(environment, tmp_path, empty_database_url):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with subprocess.Popen(
        [SCRIPT, "demo", "--port", port],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "DATABASE_URL": empty_database_url},
        cwd=tmp_path,
    ) as process:
        started = next((line for line in process.stderr if "running on" in line), None)
        try:
            assert started, process.stdout.read()
            curls = (line for line in process.stdout if line.startswith("curl "))
            requests = list(islice(curls, 3))
            listed, whole, redacted = (answer_to(request) for request in requests)
        finally:
            process.terminate()
    assert {posting["status"] for posting in listed["data"]} == {"published"}
    assert list(whole["candidate"]) == ["id", "first_name", "last_name", "email"]
    assert redacted == {**whole, "candidate": {"id": whole["candidate"]["id"]}}


def answer_to(curl: str) -> dict:
    """Return the JSON that a request answers which is written for curl."""
    _, option, header, url = shlex.split(curl)
    assert option == "-H"
    answer = httpx.get(url, headers=dict([header.split(": ")]))
    assert answer.status_code == 200
    return answer.json()
