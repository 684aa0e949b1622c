"""The policy's page: the rules in force, for members, and no data."""

from __future__ import annotations

from urllib.parse import urlsplit

MEMBER, PATH = "bo@example.com", "/settings/policy"


def test_members_read_who_is_shown_what(gateway, company, signed_in):
    page = signed_in(MEMBER, PATH).page
    policy = gateway.reloader.bundle.policy
    assert (page.status, policy.revision in page.text) == (200, True)
    for operation in policy.model.document.operations.values():
        assert f"{operation.method.upper()} {operation.path}" in page.text
    assert "data[].candidate.email PII × not reached ○ hidden ● value" in page.text
    assert "it tells who a person is or how to reach them" in page.text


def test_nobody_else_does(company, visitor):
    assert visitor().open(PATH).path == "/settings/sign-in"


def test_the_menu_leads_there_and_to_the_documentation(company, signed_in):
    links = signed_in(MEMBER, "/settings/api").page.links
    assert {PATH, "/docs"} <= {urlsplit(link).path for link in links}
