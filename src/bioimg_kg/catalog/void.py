"""The release in VoID: its statistics, which were counted during the build, and where to get at it.

Source: https://www.w3.org/TR/void/
"""

from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

from bioimg_kg.catalog.dcat import DESCRIPTION, N_QUADS, TITLE
from bioimg_kg.catalog.model import Catalogue
from bioimg_kg.catalog.site import Site
from bioimg_kg.catalog.triples import english, iri, statements, text
from bioimg_kg.vocab import (
    BIKG,
    BIOLINK,
    DCAT,
    DCTERMS,
    FOAF,
    PROV,
    REVISION_OF,
    SCHEMA,
    SKOS,
    TYPE,
    VOID,
    VOID_DATASET,
)


def void_graph(catalogue: Catalogue, site: Site, statistics: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the description of the release.

    Parameters
    ----------
    catalogue, site
        What is offered, and where.
    statistics
        What the graph ``meta`` says of the graphs and their partitions.
    """
    me = site.at("/.well-known/void")
    whole = catalogue.graph or f"{me}#dataset"
    yield from statements(
        me,
        [
            (TYPE, iri(f"{VOID}DatasetDescription")),
            (f"{DCTERMS}title", english(TITLE)),
            (f"{DCTERMS}modified", text(catalogue.issued, "date")),
            (f"{FOAF}primaryTopic", iri(whole)),
        ],
    )
    dumps = [file for file in catalogue.distributions if file.media_type == N_QUADS]
    vocabularies = (BIKG, BIOLINK, SCHEMA, PROV, SKOS, DCTERMS, VOID)
    yield from statements(
        whole,
        [
            (TYPE, iri(VOID_DATASET)),
            (f"{DCTERMS}title", english(TITLE)),
            (f"{DCTERMS}description", english(DESCRIPTION)),
            (f"{DCAT}version", text(catalogue.release)),
            (f"{DCAT}hasCurrentVersion", iri(site.version(catalogue.release))),
            (REVISION_OF, iri(site.version(site.before) if site.before else "")),
            (f"{VOID}sparqlEndpoint", iri(site.sparql)),
            (f"{FOAF}homepage", iri(site.at("/"))),
            *((f"{VOID}vocabulary", iri(namespace)) for namespace in vocabularies),
            *((f"{VOID}dataDump", iri(site.download(file))) for file in dumps),
            *((f"{VOID}exampleResource", iri(dataset.iri)) for dataset in catalogue.datasets[:5]),
        ],
    )
    if catalogue.graph:
        resources = catalogue.graph.removesuffix("graph/") + "id/"
        yield from statements(whole, [(f"{VOID}uriSpace", text(resources))])
        for file in filter(lambda file: file.graph, catalogue.distributions):
            dump = (f"{VOID}dataDump", iri(site.download(file)))
            yield from statements(catalogue.graph + file.graph, [dump])
    yield from statistics
