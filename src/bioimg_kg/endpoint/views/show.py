"""Sections as parts of a page. A part is kept: it is short, the answers behind it may be long."""

import asyncio

from markupsafe import Markup

from bioimg_kg import __version__
from bioimg_kg.endpoint.http.cache import KeptAnswer, name_of
from bioimg_kg.endpoint.pages.html import render
from bioimg_kg.endpoint.service import Service
from bioimg_kg.endpoint.views.answers import ask
from bioimg_kg.endpoint.views.model import Section, Subject, View


async def show_all(service: Service, view: View, subject: Subject) -> tuple[list[Markup], bool]:
    """Return the sections of a view as parts of a page, and whether all of them have their answers.

    One is asked after the other, so that a page does not crowd out other clients.

    Raises
    ------
    Throttled, ServiceBusy, QueryCancelled
        This client has to wait, or is gone.
    """
    shown = [await _show(service, view, section, subject) for section in view.sections]
    contents = Markup(render("contents", {"view": view}))  # noqa: S704 - it is what the template made
    return [contents, *(part for part, _ in shown)], all(whole for _, whole in shown)


async def _show(service: Service, view: View, section: Section, subject: Subject) -> tuple[Markup, bool]:
    store = service.release().store
    name = name_of(service.release.identity, __version__, view.kind, section.key, subject.iri)
    if kept := service.cache.get(name):
        return Markup(kept.payload.decode()), True  # noqa: S704 - it is what the template made
    answered = await ask(service, section, subject)
    part = await asyncio.to_thread(render, "section", {"shown": answered})
    if not answered.problem and service.release().store == store:
        service.cache.put(name, KeptAnswer(part.encode(), store))
    return Markup(part), not answered.problem  # noqa: S704 - it is what the template made
