"""What crawlers read first: ``robots.txt`` and the sitemap, in pieces if it is long.

Sources: https://www.sitemaps.org/protocol.html and RFC 9309.
"""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from bioimg_kg.catalog.model import Catalogue
from bioimg_kg.catalog.site import Site

MOST: Final = 50_000
"""Addresses in one sitemap."""

_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


def addresses(catalogue: Catalogue, site: Site) -> list[str]:
    """Return the pages that are worth finding."""
    fixed = [site.at(path) for path in ("/", "/catalog", "/downloads", "/queries")]
    return [*fixed, *(site.page(dataset) for dataset in catalogue.datasets)]


def sitemap(pages: Sequence[str], issued: str) -> str:
    """Return a sitemap.

    Examples
    --------
    >>> print(sitemap(["https://x/a?b&c"], "2026-11-20"))
    <?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://x/a?b&amp;c</loc><lastmod>2026-11-20</lastmod></url>
    </urlset>
    """
    return _document("urlset", "url", pages, issued)


def sitemap_index(number: int, site: Site, issued: str) -> str:
    """Return the list of so many sitemaps, ``/sitemap-1.xml`` and so on."""
    parts = [site.at(f"/sitemap-{part}.xml") for part in range(1, number + 1)]
    return _document("sitemapindex", "sitemap", parts, issued)


def pieces(pages: Sequence[str], most: int = MOST) -> list[Sequence[str]]:
    """Cut a list into pieces of at most so many.

    Examples
    --------
    >>> pieces(["a", "b", "c"], 2)
    [['a', 'b'], ['c']]
    """
    return [pages[start : start + most] for start in range(0, len(pages), most)]


def robots(site: Site) -> str:
    """Return what robots may visit: all but answers that are computed for each request."""
    lines = ["User-agent: *", "Disallow: /sparql?", "Disallow: /queries/*?", "Allow: /", ""]
    return "\n".join([*lines, f"Sitemap: {site.at('/sitemap.xml')}", ""])


def _document(outer: str, inner: str, pages: Sequence[str], issued: str) -> str:
    day = f"<lastmod>{escape(issued)}</lastmod>" if issued else ""
    lines = [f"<{inner}><loc>{escape(page)}</loc>{day}</{inner}>" for page in pages]
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join([head, f'<{outer} xmlns="{_SPACE}">', *lines, f"</{outer}>"])
