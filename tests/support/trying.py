"""Trying out an operation on the page at /docs."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def list_applications(page: Page) -> Locator:
    """Try out `list_applications` with the values that the page proposes; return its answer."""
    operation = page.locator("#operations-Applications-list_applications")
    operation.get_by_role("button", name="List applications").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer).to_be_visible()
    return answer


def status_of(answer: Locator) -> Locator:
    return answer.locator("tbody .response-col_status")
