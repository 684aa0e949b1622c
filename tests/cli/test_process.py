"""The installed console script, as a process of its own: pipes, terminals and signals."""

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).with_name("gateway")
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
