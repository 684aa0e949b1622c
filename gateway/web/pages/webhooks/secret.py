"""The page that shows a secret, once: with the answer to the form that made it.

As for tokens (`gateway.web.pages.tokens.secret`): the secret is in no address, cookie or log and in
no cache, and the form that made it is taken once.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.web.page import Page
from gateway.web.pages.webhooks import within
from models import WebhookEndpoint

# The README's too, where a test runs it.
RECEIVER = """\
from http.server import BaseHTTPRequestHandler, HTTPServer
from os import environ
from standardwebhooks import Webhook


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        event = Webhook(environ["SECRET"]).verify(body, dict(self.headers))  # or raises
        print(self.headers["webhook-id"], event["type"], event["data"]["id"], flush=True)
        self.send_response(204), self.end_headers()


HTTPServer(("127.0.0.1", 9000), Receiver).serve_forever()
"""


def shown_once(page: Page, endpoint: WebhookEndpoint, secret: str, *, is_new: bool) -> Response:
    """Return the page.

    Args:
        is_new: the endpoint is; else its secret alone.
    """
    return page.render(
        "webhooks/secret.html",
        endpoint=endpoint,
        secret=secret,
        is_new=is_new,
        receiver=RECEIVER,
        name_of=within.name_of,
        path_of=within.path_of,
    )
