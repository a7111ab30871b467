"""The answer to a request for a thing: a redirection to a document, or the document with its links."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from fastapi import HTTPException, Request, Response
from markupsafe import Markup

from bioimg_kg import __version__
from bioimg_kg.catalog.signposting import Link, link_header
from bioimg_kg.endpoint.http.asking import asking
from bioimg_kg.endpoint.http.cache import KeptAnswer, Reply, name_of
from bioimg_kg.endpoint.http.encodings import choose_encoding
from bioimg_kg.endpoint.http.negotiation import HTML, Format, by_name, negotiate
from bioimg_kg.endpoint.http.responses import OPEN, VARY, AnswerResponse, has_already, not_modified
from bioimg_kg.endpoint.linked import vocabulary
from bioimg_kg.endpoint.linked.addresses import DOCUMENTS, ONTOLOGY, SUFFIXES, Thing, landing
from bioimg_kg.endpoint.linked.describe import Description
from bioimg_kg.endpoint.linked.render import document
from bioimg_kg.endpoint.pages.html import SAFE
from bioimg_kg.endpoint.releases.pin import pinned
from bioimg_kg.endpoint.service import Service, unless_gone
from bioimg_kg.endpoint.views.kinds import subject_of, view_of
from bioimg_kg.endpoint.views.show import show_all
from bioimg_kg.endpoint.workers.frames import Look
from bioimg_kg.endpoint.workers.spool import Result

_LISTED: Final = SUFFIXES[:-1]
"""``json`` is another name of ``jsonld``."""


class Candidate(NamedTuple):
    """What an address may be about: a thing itself, or its document in a format."""

    thing: Thing
    format: Format | None = None


Signposts = Callable[[Thing, Description, Format], Iterable[Link]]
"""Returns more links for a document about a thing."""


class Documents:
    """Answers requests for things.

    Parameters
    ----------
    service
        Has the release.
    signposts
        What else is linked from a document.
    """

    def __init__(self, service: Service, signposts: Signposts) -> None:
        self._service = service
        self._signposts = signposts

    async def answer(self, request: Request, candidates: Sequence[Candidate]) -> Response:
        """Answer a request.

        Parameters
        ----------
        request
            Says in which format.
        candidates
            What it may be about; the first of them that is there counts.
        """
        release = self._service.release()
        for candidate in candidates:
            if has_already(request, name := self._name(candidate)):
                return not_modified(request, name or "", release.name)
        choose_encoding(request.headers.get("accept-encoding"))
        result = await unless_gone(request, self._service.look(_look(candidates)))
        description = await asyncio.to_thread(Description.from_bytes, await result.read())
        description = replace(description, found=description.found | _defined(candidates))
        chosen = next((c for c in candidates if c.thing.iri in description.found), None)
        if chosen is None:
            message = f"nothing is known of <{candidates[0].thing.iri}> in release {release.name}"
            raise HTTPException(404, message, headers={"X-Dataset-Version": release.name})
        if chosen.format is None:
            return self._redirect(request, chosen.thing, description, result)
        name = self._name(chosen) if result.store == release.store else None
        return await self._document(request, chosen.thing, chosen.format, description, result, name)

    async def _sections(
        self, request: Request, thing: Thing, description: Description, wanted: Format
    ) -> tuple[list[Markup], bool]:
        """Return what a page shows of a thing beyond its statements, and whether that is all of it."""
        subject = subject_of(thing.iri, description)
        view = view_of(subject) if wanted is HTML else None
        return await unless_gone(request, show_all(self._service, view, subject)) if view else ([], True)

    def _name(self, candidate: Candidate) -> str | None:
        """Return the name of a document, which is known before it is made."""
        if candidate.format is None:
            return None
        facts = (self._service.release.identity, vocabulary.identity(), __version__, candidate.thing.address)
        return name_of(*facts, candidate.format.media_type, asking().pin is not None)

    def _redirect(self, request: Request, thing: Thing, description: Description, result: Result) -> Response:
        wanted = negotiate(request.headers.get("accept"), (), DOCUMENTS)
        suffix = next(name for name in SUFFIXES if by_name(name, DOCUMENTS) is wanted)
        links = [Link(thing.iri, "canonical", thing.iri), *_alternates(thing, description, None)]
        page = landing(thing) if wanted is HTML else None
        headers = {
            "Location": pinned(page or thing.document(suffix, description.found)),
            "Vary": VARY,
            "Cache-Control": "public, no-cache",
            "X-Dataset-Version": result.store.parent.name,
            "Link": link_header(links),
        }
        return Response(status_code=303, headers={**OPEN, **headers})

    async def _document(
        self,
        request: Request,
        thing: Thing,
        answer_format: Format,
        description: Description,
        result: Result,
        name: str | None,
    ) -> Response:
        if thing.iri in vocabulary.terms() or thing.iri == ONTOLOGY:
            unique = {quad.triple: quad for quad in (*description.quads, *vocabulary.about(thing.iri))}
            description = replace(description, quads=tuple(unique.values()))
        links = [Link(thing.iri, "canonical", thing.iri), *_alternates(thing, description, answer_format)]
        links += self._signposts(thing, description, answer_format)
        head = [{"rel": link.relation, "type": link.media_type, "href": link.target} for link in links]
        head = [{key: value for key, value in entry.items() if value} for entry in head]
        sections, whole = await self._sections(request, thing, description, answer_format)
        payload = await asyncio.to_thread(document, thing, description, answer_format, head, sections)
        headers = {"Link": link_header(links), **(SAFE if answer_format is HTML else {})}
        reply = Reply(KeptAnswer(payload, result.store), name if whole else None, "miss")
        return AnswerResponse(reply, answer_format, request.headers.get("accept-encoding"), headers)


def _look(candidates: Sequence[Candidate]) -> Look:
    things = tuple(c.thing.iri for c in candidates if c.format is None)
    described = next((c.thing.iri for c in candidates if c.format is not None), "")
    probes = {c.thing.probe(name) for c in candidates for name in SUFFIXES} - {""}
    return Look(things=things, document=described, probes=tuple(sorted(probes)))


def _defined(candidates: Sequence[Candidate]) -> set[str]:
    """Return the candidates that the vocabulary defines."""
    iris = {candidate.thing.iri for candidate in candidates}
    return iris & {ONTOLOGY, *vocabulary.terms()}


def _alternates(thing: Thing, description: Description, here: Format | None) -> Iterator[Link]:
    for name in _LISTED:
        found = by_name(name, DOCUMENTS)
        if found is not None and found is not here:
            document_of_it = pinned(thing.document(name, description.found))
            yield Link(thing.iri, "alternate", document_of_it, found.media_type)
