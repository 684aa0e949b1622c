"""What a newcomer does with `gateway demo`: from the sign-in that it prints to a refused token."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_gateway import COMMAND, ROOT, kept_environment
from playwright.sync_api import Page, expect

START_WITHIN_S = 90
HIDDEN = "hidden · needs candidates:read"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> Iterator[str]:
    """What `gateway demo` prints; it serves until the module ends."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {**kept_environment(), "DATABASE_URL": f"sqlite:///{folder}/demo.db"}
    words = [COMMAND, "demo", "--port", str(free_port())]
    output, log = folder / "printed", folder / "log"
    with (
        output.open("wb") as out,
        log.open("wb") as err,
        subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=err) as server,
    ):
        try:
            wait_until_it_listens(server, log)
            yield output.read_text(encoding="utf-8")
        finally:
            server.terminate()


def wait_until_it_listens(server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while "running on http" not in log.read_text(encoding="utf-8"):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.1)


def run(command: str) -> dict:
    """Run a copied command in a shell; return the JSON that it prints."""
    done = subprocess.run(
        ["bash", "-c", f"{command} --silent"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def copied(page: Page) -> str:
    page.get_by_role("button", name="Copy the command").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_newcomer_sees_what_a_token_reveals_before_and_after_it_exists(browser, printed):
    [settings] = re.findall(r"^settings +(\S+)$", printed, re.MULTILINE)
    [(email, password)] = re.findall(r"^sign-in +(\S+) with the password (\S+)$", printed, re.M)
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()

    page.goto(settings)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=re.compile("^Work in ")).first.click()

    page.get_by_role("link", name="New token").click()
    page.get_by_label("Name").fill("My job board")
    page.get_by_role("checkbox", name="applications:read").check()
    expect(page.locator("details[open]").get_by_text(HIDDEN)).to_have_count(3)
    page.get_by_role("button", name="Create token").click()
    command = copied(page)

    assert command.startswith("curl ")
    assert "/applications" in command
    redacted = run(command)["data"]
    assert redacted
    assert {tuple(one["candidate"]) for one in redacted} == {("id",)}

    page.get_by_role("link", name="on to the token").click()
    page.get_by_role("checkbox", name="candidates:read").check()
    expect(page.get_by_text("Becomes visible", exact=True)).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("status").first).to_contain_text("The token has been changed.")
    full = run(command)["data"]
    shown = {tuple(one["candidate"]) for one in full}
    assert shown == {("id", "first_name", "last_name", "email")}
    assert [one["id"] for one in full] == [one["id"] for one in redacted]

    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the token").click()
    expect(page.get_by_role("status").first).to_contain_text("is revoked, for good.")
    assert run(command)["status"] == 401
    context.close()
