"""Templates of the pages, and their way onto the wire."""

import re
from collections.abc import Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bioimg_kg.endpoint.http.asking import Pin, asking
from bioimg_kg.endpoint.http.encodings import IDENTITY, choose_encoding, new_packer
from bioimg_kg.endpoint.http.failures import NotAcceptable
from bioimg_kg.endpoint.http.negotiation import GRAPHS, RESULTS
from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.pages.assets import asset_address
from bioimg_kg.endpoint.releases.pin import pinned
from bioimg_kg.endpoint.sparql.protocol import RELEASE

TEMPLATES: Final = Path(__file__).parents[1] / "templates"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
SAFE: Final = {
    "Content-Security-Policy": _POLICY.format(styles=""),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every page: whatever is in it, a browser runs only our files and asks nobody else."""

STYLED: Final = {"Content-Security-Policy": _POLICY.format(styles=" 'unsafe-inline'")}
"""For a page with an editor that writes its own styles."""

_LINK: Final = re.compile(r'(<(?:a(?: [a-z-]+="[^"]*")*? href|img src)=")(/[^"]*)"')
_FORM: Final = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>')
_MAIN: Final = re.compile(r"<main[^>]*>")
_HEADERS: Final = {**SAFE, "Vary": "Accept, Accept-Encoding", **OPEN}
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


_COMMONS: Final = re.compile(
    r"https?://creativecommons\.org/(licenses|publicdomain)/(?P<kind>[a-z-]+)/(?P<version>[\d.]+)/?"
)


def code_words(text: str) -> Markup:
    """Return a sentence as markup in which words in backquotes are code.

    Examples
    --------
    >>> code_words("read `level` & <b>")
    Markup('read <code>level</code> &amp; &lt;b&gt;')
    """
    parts = text.split("`")
    marked = [
        Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts)
    ]
    return Markup("").join(marked)


def thousands(number: float) -> str:
    """Return a number as people read it.

    Examples
    --------
    >>> thousands(11201), thousands(0.5)
    ('11,201', '0.5')
    """
    return f"{number:,}"


def short_licence(address: str) -> str:
    """Return the name of a licence that is known by its address.

    Examples
    --------
    >>> short_licence("https://creativecommons.org/licenses/by-nc-nd/4.0/")
    'CC BY-NC-ND 4.0'
    >>> short_licence("https://creativecommons.org/publicdomain/zero/1.0/")
    'CC0 1.0'
    >>> short_licence("https://example.org/terms")
    'example.org/terms'
    """
    if found := _COMMONS.fullmatch(address):
        return f"CC {found['kind'].upper()} {found['version']}".replace("CC ZERO", "CC0")
    return address.removeprefix("https://").removeprefix("http://")


def sparql_link(query: str) -> str:
    """Return the address at which a query is answered on a page, and can be changed.

    Examples
    --------
    >>> sparql_link("ASK {}")
    '/sparql?query=ASK+%7B%7D&format=html'
    """
    return "/sparql?" + urlencode({"query": query, "format": "html"})


@cache
def there(template: str) -> bool:
    """Tell whether there is a page of this name, which others link to only if there is."""
    return (TEMPLATES / f"{template}.html").is_file()


_TEMPLATES.filters["code_words"] = code_words
_TEMPLATES.filters["thousands"] = thousands
_TEMPLATES.filters["short_licence"] = short_licence
_TEMPLATES.filters["sparql_link"] = sparql_link
_TEMPLATES.globals["formats"] = {"results": RESULTS, "graphs": GRAPHS}
_TEMPLATES.globals["asset"] = asset_address
_TEMPLATES.globals["there"] = there
_TEMPLATES.globals["served"] = lambda: asking().release


class Page(HTMLResponse):
    """A page, packed as the client likes it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page."""
        try:
            encoding = choose_encoding(Headers(scope=scope).get("accept-encoding"), len(self.body))
        except NotAcceptable:  # a page, also one that explains this, is better than nothing
            encoding = IDENTITY
        if encoding != IDENTITY:
            packer = new_packer(encoding)
            self.body = packer.pack(bytes(self.body)) + packer.end()
            self.headers["Content-Encoding"] = encoding
            self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def page(
    template: str, content: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Page:
    """Return a page.

    Parameters
    ----------
    template
        Name of the template without ``.html``.
    content
        Variables of the template; all it names must be given.
    status
        HTTP status.
    headers
        More headers, or others.
    """
    return Page(render(template, content), status, headers={**_HEADERS, **(headers or {})})


def render(template: str, content: Mapping[str, object]) -> str:
    """Return the text of a page, see :func:`page`."""
    text = _TEMPLATES.get_template(f"{template}.html").render(content)
    pin = asking().pin
    return _at_release(text, pin) if pin else text


def _at_release(text: str, pin: Pin) -> str:
    """Return a page whose links and forms lead to the release that it was asked for, and which says so.

    Attributes and texts are escaped, so what looks like an attribute is one.
    """
    name = escape(pin.served.release.name)
    hidden = f'<input type="hidden" name="{RELEASE}" value="{name}">'
    text = _LINK.sub(lambda found: f'{found[1]}{escape(pinned(unescape(found[2])))}"', text)
    text = _FORM.sub(lambda found: found[0] + hidden, text)
    here = f'<a href="{escape(pin.here)}">The same in the current release</a>'
    note = f'<p class="note">Release {name}. {here}</p>'
    return _MAIN.sub(lambda found: found[0] + note, text, count=1)
