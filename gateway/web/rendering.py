"""Templates, and the filters that they use. Everything is escaped unless it is Markup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gateway import wording
from gateway.web.agents import browser
from gateway.web.assets import Assets

MINUTE_S = 60
UNITS = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3_600))


class Templates:
    """The pages' templates, compiled once."""

    def __init__(self, assets: Assets) -> None:
        self._jinja = Environment(
            loader=PackageLoader("gateway.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals["asset_path"] = assets.path
        self._jinja.filters |= {
            "time": time_element,
            "counted": counted,
            "browser": browser,
            "duration": duration,
            "listed": wording.listed,
            "where": wording.where,
            "sign": wording.sign,
            "state": wording.state,
        }

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """Return the template *name* with *context*."""
        return self._jinja.get_template(name).render(context)


def time_element(seconds: int, now: int | None = None) -> Markup:
    """Return a time as HTML: in UTC, and said so; the script says it in the reader's zone.

    Args:
        now: shows how long ago it was, or how far off it is, and the time itself on hover.
    """
    at = datetime.fromtimestamp(seconds, UTC)
    exact = f"{at:%Y-%m-%d %H:%M} UTC"
    if now is None:
        shown, form = exact, "exact"
    else:
        shown, form = distance(seconds, now), "distance"
    return Markup('<time datetime="{}" title="{}" data-time="{}">{}</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", exact, form, shown
    )


def distance(seconds: int, now: int) -> str:
    """Return how far *seconds* is from *now*, in the largest unit: `3 hours ago`, `in 2 days`."""
    apart = abs(now - seconds)
    if apart < MINUTE_S:
        return "just now"
    unit, size = next(((u, s) for u, s in UNITS if apart >= s), ("minute", MINUTE_S))
    words = counted(apart // size, unit)
    return f"{words} ago" if seconds < now else f"in {words}"


def duration(seconds: int) -> str:
    """Return a length of time in the largest unit that counts it whole: `8 hours`, `7 days`."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", MINUTE_S)):
        if seconds % size == 0:
            return counted(seconds // size, unit)
    return counted(seconds, "second")


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return *number* with its noun: `1 token`, `2 tokens`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
