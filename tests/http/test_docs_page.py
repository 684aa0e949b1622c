"""The files behind /docs: what is served, how long it is kept, and that nothing else is there."""

from __future__ import annotations

import re

import httpx
import pytest

ASSETS = ("docs.css", "docs.js", "favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css")


@pytest.fixture
def client(live_gateway):
    with httpx.Client(base_url=live_gateway.url) as client:
        yield client


def path_as_sent(url: str, path: str) -> httpx.URL:
    """Return a URL with *path* byte for byte: clients resolve `..` before they send."""
    return httpx.URL(url).copy_with(raw_path=path.encode())


def test_page_holds_the_browser_to_this_server(client):
    answer = client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        directive.split(" ", 1)
        for directive in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


def test_the_bare_address_leads_to_the_page(client):
    answer = client.get("/", follow_redirects=True)
    assert [one.status_code for one in answer.history] == [307]
    assert (answer.status_code, answer.url.path) == (200, "/docs")
    assert client.post("/").status_code == 405


def test_page_has_no_script_of_its_own(client):
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", client.get("/docs").text, re.DOTALL)
    assert scripts
    assert [body for attributes, body in scripts if body or "src=" not in attributes] == []


def test_page_refers_to_nothing_outside(client):
    addresses = re.findall(r'(?:href|src)="([^"]*)"', client.get("/docs").text)
    assert sorted(a for a in addresses if a.startswith("docs/")) == (
        [f"docs/assets/{name}" for name in ASSETS]
    )
    assert [address for address in addresses if "//" in address] == []


@pytest.mark.parametrize("name", ASSETS)
def test_asset_may_be_kept_and_is_asked_about(client, name):
    path = f"/docs/assets/{name}"
    first = client.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["x-content-type-options"] == "nosniff"
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


def test_head_of_an_asset_has_no_body(client):
    got, headed = (client.request(m, "/docs/assets/docs.css") for m in ("GET", "HEAD"))
    assert headed.content == b""
    assert headed.headers["content-length"] == str(len(got.content))


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=9999999-", "lines=1"])
def test_range_is_answered_with_the_whole_file(client, asked):
    whole = client.get("/docs/assets/docs.css")
    answer = client.get("/docs/assets/docs.css", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, whole.content)


@pytest.mark.parametrize(
    "path",
    [
        "/docs/",
        "/docs/assets",
        "/docs/assets/",
        "/docs/assets//",
        "/docs/assets/.",
        "/docs/assets/none.css",
        "/docs/assets/docs.html",
        "/docs/assets/index.html",
        "/docs/assets/swagger-ui.css.map",
        "/docs/assets/../docs.py",
        "/docs/assets/%2e%2e/docs.py",
        "/docs/assets/..%2fdocs.py",
        "/docs/assets/..%5cdocs.py",
        "/docs/assets//etc/passwd",
        "/docs/assets/%2fetc%2fpasswd",
        "/docs/assets/docs.css%00",
        "/docs/assets/" + "a" * 5_000,
    ],
    ids=lambda path: path[:40],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_an_asset_is_404_in_the_one_shape(client, path, method):
    answer = client.request(method, path_as_sent(str(client.base_url), path))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/docs", "/docs/assets/docs.css"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_405_in_the_one_shape(client, path, method):
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET, HEAD"
