"""The releases of a service as versions of its catalogue: in DCAT, as JSON and as an Atom feed.

Sources: https://www.w3.org/TR/vocab-dcat-3/#dataset-versions and RFC 4287 (Atom).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import Triple

from bioimg_kg.catalog.dcat import TITLE, describe_agent, describe_version
from bioimg_kg.catalog.site import CATALOGUE, Site
from bioimg_kg.catalog.triples import english, iri, statements, text
from bioimg_kg.vocab import DCAT, DCTERMS, TYPE, VOID

ATOM: Final = "application/atom+xml"
UNKNOWN_DAY: Final = "1970-01-01"
"""Atom wants a day of each entry, also of a release that does not say."""


@dataclass(frozen=True, slots=True)
class Version:
    """A release in the list.

    Attributes
    ----------
    name, date, tool
        Its name, the day of its build and what built it, as its manifest says; empty if it does not.
    studies, quads, issues
        How many it has; None if its manifest does not say.
    before
        Name of the release before it; empty if none is served.
    current
        It is the one that is served to those who name none.
    """

    name: str
    date: str = ""
    tool: str = ""
    studies: int | None = None
    quads: int | None = None
    issues: int | None = None
    before: str = ""
    current: bool = False


def releases_graph(versions: Sequence[Version], site: Site) -> Iterator[Triple]:
    """Yield the catalogue and its versions."""
    me = site.at(CATALOGUE)
    facts = [(f"{DCAT}hasVersion", iri(site.version(version.name))) for version in versions]
    facts += [(f"{DCAT}hasCurrentVersion", iri(site.version(v.name))) for v in versions if v.current]
    yield from statements(me, [(TYPE, iri(f"{DCAT}Catalog")), (f"{DCTERMS}title", english(TITLE)), *facts])
    yield from describe_agent(site.agent(site.publisher), site.publisher)
    for version in versions:
        yield from release_graph(version, site)


def release_graph(version: Version, site: Site) -> Iterator[Triple]:
    """Yield what is said of one release."""
    yield from describe_version(version.name, version.date, version.before, site)
    quads = "" if version.quads is None else str(version.quads)
    service = site.at(f"/releases/{version.name}/sparql")
    yield from statements(
        site.version(version.name),
        [(f"{VOID}triples", text(quads, "integer")), (f"{VOID}sparqlEndpoint", iri(service))],
    )


def release_document(version: Version, site: Site) -> dict[str, Any]:
    """Return what is said of one release, with the addresses of what it has."""
    me = site.version(version.name)
    known = {key: value for key, value in asdict(version).items() if value not in ("", None)}
    before = known.pop("before", "")
    found = {**known, "url": me, "sparql": f"{me}/sparql", "downloads": site.at(f"/downloads/{version.name}")}
    if before:
        found |= {"predecessor": site.version(before)}
        found |= {"diff": site.at(f"/releases/{before}/diff/{version.name}")}
    return found


def atom_feed(versions: Sequence[Version], site: Site) -> str:
    """Return the releases as a feed, the latest first."""
    me = site.at("/releases")
    updated = max((_day(version) for version in versions), default=f"{UNKNOWN_DAY}T00:00:00Z")
    entries = "".join(_entry(version, site) for version in versions)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{escape(me)}</id>\n<title>{escape(TITLE)}: releases</title>\n<updated>{updated}</updated>\n"
        f"<author><name>{escape(site.publisher)}</name></author>\n"
        f'<link rel="self" type="{ATOM}" href={quoteattr(site.at("/releases.atom"))}/>\n'
        f'<link rel="alternate" type="text/html" href={quoteattr(me)}/>\n{entries}</feed>\n'
    )


def _entry(version: Version, site: Site) -> str:
    me = site.version(version.name)
    counts = {"studies": version.studies, "statements": version.quads, "issues": version.issues}
    facts = [f"{number:,} {kind}" for kind, number in counts.items() if number is not None]
    summary = ", ".join([*facts, *([f"built by {version.tool}"] if version.tool else [])])
    return (
        f"<entry>\n<id>{escape(me)}</id>\n<title>Release {escape(version.name)}</title>\n"
        f"<updated>{_day(version)}</updated>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(me)}/>\n'
        f"<summary>{escape(summary)}</summary>\n</entry>\n"
    )


def _day(version: Version) -> str:
    return f"{version.date or UNKNOWN_DAY}T00:00:00Z"
