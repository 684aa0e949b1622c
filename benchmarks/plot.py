"""A picture of requests: bars on a logarithmic axis, one panel an endpoint, as SVG."""

from __future__ import annotations

from html import escape
from math import log10

from benchmarks.endpoints import TITLES
from benchmarks.figures import Spread
from benchmarks.requests import Results
from benchmarks.servers import SERVERS

WIDTH, LABELS, VALUES = 760, 290, 70
BAR, GAP, HEAD, FOOT = 16, 5, 34, 14
OURS, THEIRS, BOUND = "#0b6e4f", "#8d99ae", "#c9ccd3"
FONT = "font-family='system-ui, sans-serif' font-size='12'"


def svg(results: Results) -> str:
    """Return the picture: requests per CPU second, medians with least to most."""
    panels = [_panel(results, endpoint) for endpoint in results.endpoints]
    height = sum(tall for _, tall in panels)
    parts = []
    top = 0.0
    for drawn, tall in panels:
        parts.append(f"<g transform='translate(0 {top:g})'>{drawn}</g>")
        top += tall
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:g}' {FONT}>"
        f"<rect width='{WIDTH}' height='{height:g}' fill='#fff'/>{''.join(parts)}</svg>\n"
    )


def _panel(results: Results, endpoint: str) -> tuple[str, float]:
    spreads = {
        server: Spread.of([one.per_cpu_second for one in samples])
        for server in results.servers
        if (samples := results.of(server, endpoint))
    }
    most = max(one.most for one in spreads.values())
    scale = (WIDTH - LABELS - VALUES) / log10(max(most, 10))
    ranked = sorted(spreads.items(), key=lambda pair: -pair[1].median)
    title = f"{TITLES[endpoint]}: requests per CPU second of the server (logarithmic)"
    drawn = [f"<text x='8' y='20' font-weight='bold'>{escape(title)}</text>"]
    for place, (server, spread) in enumerate(ranked):
        y = HEAD + place * (BAR + GAP)
        drawn.append(_bar(server, spread, scale, y))
    return "".join(drawn), HEAD + len(ranked) * (BAR + GAP) + FOOT


def _bar(server: str, spread: Spread, scale: float, y: float) -> str:
    color = OURS if server.startswith("gateway") else THEIRS
    if not SERVERS[server].answers:
        color = BOUND
    length, least, most = (
        log10(max(value, 1)) * scale for value in (spread.median, spread.least, spread.most)
    )
    middle = y + BAR / 2
    return (
        f"<text x='{LABELS - 8}' y='{middle + 4:g}' text-anchor='end'>"
        f"{escape(SERVERS[server].title)}</text>"
        f"<rect x='{LABELS}' y='{y:g}' width='{length:.1f}' height='{BAR}' fill='{color}'/>"
        f"<line x1='{LABELS + least:.1f}' x2='{LABELS + most:.1f}' y1='{middle:g}' "
        f"y2='{middle:g}' stroke='#222'/>"
        f"<text x='{LABELS + most + 6:.1f}' y='{middle + 4:g}'>{spread.median:,.0f}</text>"
    )
