"""The page at /docs, as a person with a browser meets it."""

import httpx
import pytest
from playwright.sync_api import Page, expect
from trying import list_applications, status_of

WIDTHS = pytest.mark.parametrize("width", [360, 1440])


@pytest.fixture(scope="module", params=[360, 1440])
def docs(visit, request):
    """The page as it is once everything has loaded. Only looked at."""
    begun = visit("/docs", request.param)
    expect(begun.page.locator(".opblock").first).to_be_visible()
    begun.page.wait_for_load_state("networkidle")
    return begun


def authorize(page: Page, token: str) -> None:
    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".modal-ux")
    dialog.get_by_label("Value").fill(token)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").last.click()


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def test_page_has_its_title_and_heading(docs):
    expect(docs.page).to_have_title("Hiring API")
    expect(docs.page.get_by_role("heading", level=1)).to_contain_text("Hiring API")


def test_browser_has_nothing_to_complain_of(docs):
    assert docs.complaints == []
    assert docs.refused == []


def test_page_asks_no_other_host(docs, live_gateway):
    assert docs.requests
    assert [url for url in docs.requests if not url.startswith(f"{live_gateway.url}/")] == []


def test_page_lists_every_operation(docs, live_gateway):
    paths = httpx.get(f"{live_gateway.url}/api/v1/openapi.json").json()["paths"]
    shown = docs.page.locator(".opblock-summary-path").evaluate_all(
        "paths => paths.map(path => path.dataset.path)"
    )
    assert len(shown) == 8
    assert sorted(shown) == sorted(paths)


def test_page_fits_the_window(docs):
    assert overflow(docs.page) == 0


@WIDTHS
def test_trying_with_a_full_token_shows_the_candidate(visit, live_gateway, width):
    begun = visit("/docs", width)
    authorize(begun.page, live_gateway.full_token)
    answer = list_applications(begun.page)
    expect(status_of(answer)).to_have_text("200")
    expect(answer).to_contain_text("app_jkl012")
    expect(answer).to_contain_text("john@example.com")
    assert overflow(begun.page) == 0
    assert begun.complaints == []


def test_trying_with_a_token_for_applications_shows_no_name(visit, live_gateway):
    page = visit("/docs").page
    authorize(page, live_gateway.applications_token)
    answer = list_applications(page)
    expect(status_of(answer)).to_have_text("200")
    expect(answer).to_contain_text("cand_ghi789")
    expect(answer).not_to_contain_text("first_name")


def test_token_is_forgotten_with_the_page(visit, live_gateway):
    page = visit("/docs").page
    authorize(page, live_gateway.full_token)
    page.reload()
    answer = list_applications(page)
    expect(status_of(answer)).to_contain_text("401")
    expect(answer).to_contain_text("No token was presented")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_scripts_in_the_page_and_requests_to_other_hosts_are_refused(visit):
    begun = visit("/docs")
    begun.page.evaluate(
        """async () => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'changed'";
            document.body.append(script);
            await fetch("http://127.0.0.2:9/").catch(() => {});
        }"""
    )
    expect(begun.page).to_have_title("Hiring API")
    refusals = [text for text in begun.complaints if "Content Security Policy" in text]
    assert [text for text in refusals if "inline" in text]
    assert [text for text in refusals if "127.0.0.2" in text]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_page_is_dark_where_the_system_is(visit, scheme):
    page = visit("/docs", color_scheme=scheme).page
    assert page.evaluate("document.documentElement.classList.contains('dark-mode')") == (
        scheme == "dark"
    )


def test_page_says_what_to_do_without_javascript(visit):
    page = visit("/docs", java_script_enabled=False).page
    page.get_by_role("link", name="api/v1/openapi.json").click()
    expect(page).to_have_url("/api/v1/openapi.json")
