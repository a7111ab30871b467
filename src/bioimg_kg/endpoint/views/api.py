"""The sections of all views as JSON, with paging: what a page shows, a program reads."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field

from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.linked.addresses import MAX_IRI, MalformedAddress, viewed
from bioimg_kg.endpoint.linked.describe import Description
from bioimg_kg.endpoint.linked.identifiers import address_of, identified
from bioimg_kg.endpoint.service import Service, unless_gone
from bioimg_kg.endpoint.views.answers import ask
from bioimg_kg.endpoint.views.kinds import subject_of, view_of
from bioimg_kg.endpoint.views.model import Section, Subject
from bioimg_kg.endpoint.workers.frames import Look

MOST_ROWS: Final = 1000
"""Longest page; the whole answer is at the address of the named query."""


class SectionRows(BaseModel):
    """Some rows of a section."""

    key: str = Field(description="Name of the section: `section` of the request.")
    title: str
    query: str = Field(description="The named query behind it; the whole answer is at /queries/{query}.csv.")
    parameters: dict[str, str] = Field(description="Its parameters.")
    columns: list[str]
    total: int = Field(description="Number of rows of the whole answer.")
    offset: int
    rows: list[dict[str, str]] = Field(description="Rows from `offset`; a value that is missing has no key.")
    problem: str = Field("", description="Why there are no rows, if the query was not answered.")


class ThingSections(BaseModel):
    """What is known of a thing, as on its page."""

    release: str
    iri: str
    page: str = Field(description="Address of its page on this service.")
    kind: str = Field(description="Kind of the page; empty if there are only statements.")
    sections: list[SectionRows]


_Section = Annotated[str, Query(description="Only this section.", max_length=100)]
_Limit = Annotated[int, Query(ge=0, le=MOST_ROWS, description="So many rows of each section.")]
_Offset = Annotated[int, Query(ge=0, description="Skip so many rows.")]


def views_router(service: Service) -> APIRouter:
    """Return the routes below ``/api/v1`` that tell of one thing."""
    router = APIRouter(prefix="/api/v1", tags=["things"])

    async def answer(
        request: Request, response: Response, iri: str, section: str, limit: int, offset: int
    ) -> ThingSections:
        release = service.release().name
        description = await _described(service, request, iri)
        subject = subject_of(iri, description)
        view = view_of(subject)
        kind, sections = (view.kind, view.sections) if view else ("", ())
        wanted = [s for s in sections if section in ("", s.key)]
        if section and not wanted:
            known = ", ".join(s.key for s in sections) or "none"
            raise HTTPException(404, f"There is no section {section!r} here; there are: {known}.")
        rows = [await _rows(service, request, s, subject, limit, offset) for s in wanted]
        response.headers.update({**OPEN, "X-Dataset-Version": release})
        page = address_of(iri, frozenset({iri})) or ""
        return ThingSections(release=release, iri=iri, page=page, kind=kind, sections=rows)

    @router.get("/thing", summary="A thing by its IRI")
    async def thing(
        request: Request,
        response: Response,
        iri: Annotated[str, Query(max_length=MAX_IRI, description="IRI, as SPARQL answers have it.")],
        section: _Section = "",
        limit: _Limit = 20,
        offset: _Offset = 0,
    ) -> ThingSections:
        """Return the sections of the page of a study, component, record, reagent, or anything else."""
        return await answer(request, response, _iri(iri), section, limit, offset)

    @router.get("/{kind}/{identifier}", summary="A gene, phenotype, compound, taxon or term")
    async def identified_thing(
        request: Request,
        response: Response,
        kind: Literal["gene", "phenotype", "compound", "taxon", "term"],
        identifier: Annotated[str, Path(max_length=200, description="CURIE, such as CMPO:0000077.")],
        section: _Section = "",
        limit: _Limit = 20,
        offset: _Offset = 0,
    ) -> ThingSections:
        """Return the sections of its page."""
        try:
            iri = identified(kind, identifier)
        except MalformedAddress as error:
            raise HTTPException(400, str(error)) from error
        return await answer(request, response, _iri(iri), section, limit, offset)

    return router


def _iri(text: str) -> str:
    try:
        return viewed(text).iri
    except MalformedAddress as error:
        raise HTTPException(400, str(error)) from error


async def _described(service: Service, request: Request, iri: str) -> Description:
    result = await unless_gone(request, service.look(Look(document=iri)))
    description = Description.from_bytes(await result.read())
    if iri not in description.found:
        raise HTTPException(404, f"nothing is known of <{iri}> in release {service.release().name}")
    return description


async def _rows(
    service: Service, request: Request, section: Section, subject: Subject, limit: int, offset: int
) -> SectionRows:
    answered = await unless_gone(request, ask(service, section, subject))
    rows = answered.rows
    return SectionRows(
        key=section.key,
        title=section.title,
        query=answered.query.name,
        parameters=dict(answered.values),
        columns=list(answered.columns),
        total=len(rows),
        offset=offset,
        rows=[dict(row) for row in rows[offset : offset + limit]],
        problem=answered.problem,
    )
