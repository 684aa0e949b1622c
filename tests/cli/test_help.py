"""Every command explains itself, with an example that is up to date. New commands too."""

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import version

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from gateway.cli.commands import app

ROOT = get_command(app)


def leaves(command=ROOT, path=()) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command: ("token", "create")."""
    if not isinstance(command, TyperGroup):
        yield path
        return
    for name, child in command.commands.items():
        yield from leaves(child, (*path, name))


def find(path):
    command = ROOT
    for name in path:
        command = command.commands[name]
    return command


def examples_of(path) -> list[list[str]]:
    """Return the words of each example of a command, up to the first redirection."""
    text = find(path).epilog.replace("\\\n", " ")
    lines = re.findall(r"^\$ (.*)$", text, flags=re.MULTILINE)
    return [shlex.split(re.split(" [<>|] ", line)[0]) for line in lines]


LEAVES = sorted(leaves())
NAMES = [" ".join(path) for path in LEAVES]


def test_all_commands_of_the_contract_are_there():
    assert {
        "demo",
        "serve",
        "migrate",
        "jobs",
        "import",
        "rebuild",
        "account create",
        "account list",
        "account delete",
        "user create",
        "user password",
        "member add",
        "member remove",
        "token create",
        "token list",
        "token update",
        "token revoke",
        "policy check",
        "policy test",
        "policy matrix",
        "policy explain",
        "policy diff",
        "spec",
    } <= set(NAMES)


@pytest.mark.parametrize("path", LEAVES, ids=NAMES)
def test_help_says_what_a_command_does_and_shows_an_example(gateway, path):
    shown = gateway(*path, "--help")
    assert shown.exit_code == 0
    assert shown.stderr == ""
    assert re.search(rf"Usage: gateway {' '.join(path)} ", shown.stdout)
    assert find(path).help
    assert "Example:" in shown.stdout
    assert f"$ gateway {' '.join(path)}" in shown.stdout


@pytest.mark.parametrize("path", LEAVES, ids=NAMES)
def test_every_example_is_a_command_line_that_the_command_takes(path):
    for program, *words in examples_of(path):
        assert (program, *words[: len(path)]) == ("gateway", *path)
        find(path).make_context("gateway", words[len(path) :])


@pytest.mark.parametrize("path", LEAVES, ids=NAMES)
def test_every_parameter_is_explained(path):
    for parameter in find(path).params:
        assert parameter.help, f"{' '.join(path)}: {parameter.name}"


def test_the_version_is_that_of_the_package(gateway):
    assert gateway.done("--version") == version("hiring-gateway")


def test_help_has_no_ansi_sequences_in_a_pipe(gateway):
    assert "\x1b" not in gateway("--help").output


def test_the_bare_command_shows_the_help_and_is_a_usage_error(gateway):
    shown = gateway()
    assert shown.exit_code == 2
    assert "Usage: gateway" in shown.output


@pytest.mark.parametrize("words", [["tokn"], ["token"], ["token", "lst"], ["serve", "--prot", "1"]])
def test_wrong_usage_is_2(gateway, words):
    assert gateway(*words).exit_code == 2
