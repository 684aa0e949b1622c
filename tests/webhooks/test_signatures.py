"""Signatures, as receivers verify them: by Standard Webhooks' own libraries, in two languages."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.web.pages.webhooks.secret import RECEIVER
from gateway.webhooks.sealing import new_secret
from gateway.webhooks.signatures import signed_headers

ROOT = Path(__file__).resolve().parents[2]
BODY = '{"type":"application.created","data":{"id":"app_1","name":"José ß 漢"}}'.encode()

# Prints what of the messages on stdin is verified, as JSON: true or what is wrong.
VERIFIER = """
const { Webhook } = require("standardwebhooks");
const messages = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const said = messages.map(({ secret, body, headers }) => {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(said));
"""


def in_python(messages):
    def said(message):
        try:
            Webhook(message["secret"]).verify(message["body"], message["headers"])
        except WebhookVerificationError as error:
            return str(error)
        return True

    return [said(message) for message in messages]


def in_javascript(messages):
    if not shutil.which("node") or not (ROOT / "node_modules" / "standardwebhooks").is_dir():
        pytest.skip("Node.js or its packages are not installed: `make install` with npm")
    done = subprocess.run(
        ["node", "-e", VERIFIER],
        input=json.dumps(messages),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(params=[in_python, in_javascript])
def verified(request):
    return request.param


def message(secret, headers, body=BODY):
    return {"secret": secret, "body": body.decode(), "headers": headers}


def test_a_receiver_that_knows_the_secret_verifies_the_message(verified):
    secret = new_secret()
    headers = signed_headers("evt_1", BODY, [secret], now=int(time.time()))
    assert verified([message(secret, headers)]) == [True]
    assert headers["webhook-id"] == "evt_1"


def test_while_secrets_are_rotated_either_verifies_and_no_other(verified):
    new, old, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers("evt_1", BODY, [new, old], now=int(time.time()))
    said = verified([message(secret, headers) for secret in (new, old, other)])
    assert said[:2] == [True, True]
    assert "No matching signature" in said[2]


def test_nothing_of_a_message_can_be_changed(verified):
    secret, now = new_secret(), int(time.time())
    headers = signed_headers("evt_1", BODY, [secret], now=now)
    said = verified(
        [
            message(secret, headers, BODY.replace(b"app_1", b"app_2")),
            message(secret, {**headers, "webhook-id": "evt_2"}),
            message(secret, {**headers, "webhook-timestamp": str(now - 1)}),
        ]
    )
    assert all("No matching signature" in one for one in said)


def test_a_message_cannot_be_played_again_later(verified):
    secret = new_secret()
    headers = signed_headers("evt_1", BODY, [secret], now=int(time.time()) - 600)
    assert "too old" in verified([message(secret, headers)])[0]


def test_a_secret_has_the_form_that_libraries_take():
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44  # 32 bytes in base64
    assert secret != new_secret()


def test_the_receiver_of_the_readme_takes_what_is_signed_and_nothing_else():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [program] = re.findall(r"<!-- tested: receiver -->\n```python\n(.*?)```", text, re.DOTALL)
    assert len([line for line in program.splitlines() if line]) == 10
    assert program == RECEIVER
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = new_secret()
    receiver = subprocess.Popen(
        [sys.executable, "-c", program.replace("9000", str(port))],
        env={"SECRET": secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        answer = posted(port, secret)
        assert answer == 204
        assert receiver.stdout.readline() == "evt_1 application.created app_1\n"
        with pytest.raises(httpx.RemoteProtocolError):
            posted(port, new_secret())
    finally:
        receiver.kill()
        receiver.communicate()


def posted(port, secret):
    """Send a message signed with *secret*; wait until somebody listens. Return the status."""
    headers = signed_headers("evt_1", BODY, [secret], now=int(time.time()))
    for _ in range(300):
        try:
            return httpx.post(
                f"http://127.0.0.1:{port}/", content=BODY, headers=headers
            ).status_code
        except httpx.ConnectError:
            time.sleep(0.1)
    return pytest.fail("nobody listens")
