"""The page of `gateway policy matrix`: a file that anyone can open, read and print."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from gateway import policy, spec
from gateway.cli.policy import matrix_page
from gateway.policy.matrix import matrix
from gateway.policy.model import Model
from gateway.settings import Settings

NOW = 1_780_000_000
WIDTHS = (360, 1440)

# WCAG 2.2, "contrast ratio": of each text with what it stands on.
CONTRASTS = """() => {
  const channels = color => color.match(/[0-9.]+/g).slice(0, 3).map(Number).map(one => one / 255)
    .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  const luminance = color => {
    const [red, green, blue] = channels(color);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = element => {
    const color = getComputedStyle(element).backgroundColor;
    return color === 'rgba(0, 0, 0, 0)' && element.parentElement
      ? behind(element.parentElement) : color;
  };
  return [...document.querySelectorAll('body *')]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(one => {
      const [dark, light] = [luminance(getComputedStyle(one).color), luminance(behind(one))]
        .sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    });
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> str:
    """Return the address of the page of the project's policies."""
    settings = Settings()
    document = spec.load(settings.openapi)
    model = Model.of(document, policy.proved(document, policy.read(settings.policies)))
    path = tmp_path_factory.mktemp("page") / "matrix.html"
    path.write_text(
        matrix_page.page(matrix(model, document.operations.values()), now=NOW), encoding="utf-8"
    )
    return path.as_uri()


@pytest.fixture
def opened(visit, file):
    """A function that opens the page: `opened(360, color_scheme="dark")`."""
    return lambda width, **options: visit(file, width, **options)


@pytest.mark.parametrize("width", WIDTHS)
def test_it_opens_alone_and_without_scripts(opened, file, width):
    visit = opened(width, java_script_enabled=False)
    assert visit.requests == [file]
    assert visit.complaints == []
    assert visit.page.locator("h1").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_no_wider_than_the_window(opened, width):
    assert opened(width).page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_text_stands_out(opened, width, scheme):
    contrasts = opened(width, color_scheme=scheme).page.evaluate(CONTRASTS)
    assert len(contrasts) > 500
    assert min(contrasts) >= 4.5


def top_of(page: Page, selector: str) -> float:
    return page.locator(selector).first.bounding_box()["y"]


def test_the_heads_of_a_table_stay_while_its_rows_go_by(opened):
    page = opened(WIDTHS[1]).page
    table = "section[aria-labelledby=list_applications]"
    page.locator(f"{table} tr").nth(15).evaluate("one => one.scrollIntoView()")
    assert top_of(page, f"{table} tr:nth-of-type(2)") < 0
    assert top_of(page, f"{table} thead th") == 0


def test_on_a_phone_the_fields_stay_while_the_columns_go_by(opened):
    page = opened(WIDTHS[0]).page
    table = "section[aria-labelledby=list_applications]"
    page.locator(f"{table} .scroll").evaluate("one => one.scrollTo(1000, 0)")
    assert page.locator(f"{table} .scroll").evaluate("one => one.scrollLeft") > 0
    box = page.locator(f"{table} tbody tr:not(.group) th").first.bounding_box()
    assert 0 <= box["x"] < 20


def test_on_paper_nothing_is_cut_off(opened):
    page = opened(1040).page
    page.emulate_media(media="print")
    hidden = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    assert page.locator(".scroll").evaluate_all(hidden) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1040
