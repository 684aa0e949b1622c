"""What a browser calls itself, for people: `Firefox on Windows`. Nothing relies on it."""

from __future__ import annotations

# The first word that is found: browsers name the ones they descend from, too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser(agent: str) -> str:
    """Return a name for the browser that sent the User-Agent header *agent*."""
    name = next((name for word, name in BROWSERS if word in agent), "Another browser")
    system = next((name for word, name in SYSTEMS if word in agent), None)
    return f"{name} on {system}" if system else name
