"""Nothing here speaks WebSocket: an upgrade is ignored (RFC 9110, 7.8), not answered by itself."""

import time

import httpx

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def test_request_for_a_websocket_is_answered_as_any_other(live_gateway):
    headers = {**UPGRADE, "Authorization": f"Bearer {live_gateway.full_token}"}
    for path, status in [("/api/v1/token", 200), ("/api/v1/nothing", 404), ("/docs/assets/x", 404)]:
        answer = httpx.get(f"{live_gateway.url}{path}", headers=headers)
        assert (answer.status_code, "x-request-id" in answer.headers) == (status, True)


def test_query_of_a_request_for_a_websocket_is_not_logged(live_gateway):
    url = f"{live_gateway.url}/api/v1/candidates?search=upgradedoe"
    httpx.get(url, headers={**UPGRADE, "X-Request-Id": "upgrade-request"})
    # The line is written once the answer is on its way.
    for _ in range(100):
        log = live_gateway.log.read_text(encoding="utf-8")
        if "upgrade-request" in log:
            break
        time.sleep(0.05)
    assert "upgrade-request" in log
    assert "upgradedoe" not in log
