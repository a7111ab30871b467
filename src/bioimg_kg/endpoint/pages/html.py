"""Templates of the pages, and their way onto the wire."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bioimg_kg.endpoint.http.negotiation import GRAPHS, RESULTS
from bioimg_kg.endpoint.http.responses import OPEN

STATIC: Final = Path(__file__).parents[1] / "static"

SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every page: whatever is in it, a browser runs nothing and asks nobody else."""

_HEADERS: Final = {**SAFE, "Vary": "Accept", **OPEN}
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
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


_TEMPLATES.filters["code_words"] = code_words
_TEMPLATES.globals["formats"] = {"results": RESULTS, "graphs": GRAPHS}


def page(template: str, content: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """Return a page.

    Parameters
    ----------
    template
        Name of the template without ``.html``.
    content
        Variables of the template; all it names must be given.
    status
        HTTP status.
    """
    return HTMLResponse(render(template, content), status, headers=_HEADERS)


def render(template: str, content: Mapping[str, object]) -> str:
    """Return the text of a page, see :func:`page`."""
    return _TEMPLATES.get_template(f"{template}.html").render(content)
