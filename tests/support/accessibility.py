"""Whether a page is for everybody: what axe-core finds on it, whether it fits, and the keyboard.

axe-core looks for violations of WCAG 2.2, levels A and AA, and of good practice.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"

# What the browser says of an answer of these, which is as it should be.
ANSWERED = re.compile("server responded with a status of (403|404|422)")


def violations(page: Page) -> list[str]:
    """Return what is wrong on *page* as it is now: the rule, and the elements that break it.

    What is dim because something newer is on its way for it is waited for.
    """
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci)")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(RUN, TAGS)["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def is_sound(visit, width: int) -> None:
    """Assert that the shown page has no violation and no complaint, and nothing sticks out."""
    flaws = flaws_of(visit, width)
    assert flaws == [], flaws


def flaws_of(visit, width: int) -> list[str]:
    """Return what is wrong with the shown page, and what the browser complained of so far."""
    flaws = violations(visit.page)
    shown = visit.page.evaluate("document.documentElement.scrollWidth")
    if shown > width:
        flaws.append(f"it is {shown} pixels wide, and the window {width}")
    return flaws + [one for one in visit.complaints if not ANSWERED.search(one)]


def press_on(page: Page, role: str, name: str, key: str) -> None:
    """Go on with Tab until the element has the focus, and press *key* there."""
    wanted = page.get_by_role(role, name=name).first
    for _ in range(80):
        if wanted.evaluate("one => one === document.activeElement"):
            # WCAG 2.2, "Focus Visible": where the keyboard is can be seen.
            assert wanted.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach the {role} {name!r}")
