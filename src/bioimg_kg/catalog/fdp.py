"""The catalogue as a FAIR Data Point: a record per thing, and LDP containers that lead from one to the next.

The record of a study is a document about it (``foaf:primaryTopic``); the study keeps its own IRI.

Sources: https://specs.fairdatapoint.org/fdp-specs-v1.2.html and https://www.w3.org/TR/ldp/#ldpc-container
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Triple

from bioimg_kg.catalog.dcat import (
    SPDX,
    common,
    describe_agent,
    describe_catalogue,
    describe_dataset,
    describe_distribution,
    describe_search,
    describe_service,
)
from bioimg_kg.catalog.model import Catalogue, Dataset, Distribution
from bioimg_kg.catalog.site import Site
from bioimg_kg.catalog.triples import english, iri, statements, text
from bioimg_kg.vocab import DCAT, DCTERMS, FOAF, TYPE

FDP: Final = "https://w3id.org/fdp/fdp-o#"
LDP: Final = "http://www.w3.org/ns/ldp#"
DATACITE: Final = "http://purl.org/spar/datacite/"
SPECIFICATION: Final = "https://specs.fairdatapoint.org/fdp-specs-v1.2.html"
PREFIXES: Final = {"fdp-o": FDP, "ldp": LDP, "spdx": SPDX, "datacite": DATACITE}


def root_record(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield the record of the service itself, which leads to the catalogue."""
    me = site.fdp
    yield from statements(
        me,
        [
            (TYPE, iri(f"{FDP}FAIRDataPoint")),
            (TYPE, iri(f"{FDP}MetadataService")),
            (TYPE, iri(f"{DCAT}DataService")),
            *common(catalogue, site),
            (f"{DCTERMS}title", english("FAIR Data Point of bioimg_kg")),
            (f"{DCTERMS}description", english("Metadata of the studies that are served here.")),
            (f"{DCTERMS}license", iri(site.license)),
            (f"{DCTERMS}conformsTo", iri(SPECIFICATION)),
            (f"{FDP}conformsToFdpSpec", iri(SPECIFICATION)),
            (f"{DCAT}endpointURL", iri(me)),
            (f"{FDP}metadataCatalog", iri(site.catalogue)),
        ],
    )
    yield from describe_agent(site.agent(site.publisher), site.publisher)
    yield from _record(me, me, catalogue)
    folder = site.at("/fdp/catalog/")
    yield from _container(folder, "Catalogues", me, f"{FDP}metadataCatalog", [site.catalogue])


def catalogue_record(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield the record of the release, which leads to studies, files of all of them, and the endpoint."""
    me = site.catalogue
    yield from describe_catalogue(catalogue, site)
    yield from _record(me, me, catalogue)
    records = [site.record(dataset) for dataset in catalogue.datasets]
    folder = site.at("/fdp/dataset/")
    yield from _container(folder, "Studies", me, f"{DCAT}dataset", records, about_their_topic=True)
    files = [site.distribution(distribution) for distribution in catalogue.shared]
    yield from _container(site.at("/fdp/distribution/"), "Files", me, f"{DCAT}distribution", files)
    services = [site.service, site.search]
    yield from _container(site.at("/fdp/service/"), "Services", me, f"{DCAT}service", services)


def dataset_record(dataset: Dataset, catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield the record of a study, which leads to its files."""
    me = site.record(dataset)
    yield from describe_dataset(dataset, catalogue, site)
    yield from statements(
        me,
        [
            (TYPE, iri(f"{DCAT}CatalogRecord")),
            (f"{FOAF}primaryTopic", iri(dataset.iri)),
            (f"{DCTERMS}modified", text(catalogue.issued, "date")),
        ],
    )
    yield from _record(dataset.iri, me, catalogue)
    files = [site.distribution(distribution) for distribution in dataset.distributions]
    folder = f"{me}/distribution/"
    yield from _container(folder, "Files", dataset.iri, f"{DCAT}distribution", files)


def distribution_record(distribution: Distribution, catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield the record of a file."""
    me = site.distribution(distribution)
    yield from describe_distribution(distribution, catalogue, site, plain=True)
    yield from _record(me, me, catalogue)
    owner = next((d.iri for d in catalogue.datasets if distribution in d.distributions), site.catalogue)
    yield from statements(me, [(f"{DCTERMS}isPartOf", iri(owner))])


def service_record(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield the record of the SPARQL endpoint."""
    yield from describe_service(catalogue, site)
    yield from _record(site.service, site.service, catalogue)


def search_record(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield the record of the search."""
    yield from describe_search(catalogue, site)
    yield from _record(site.search, site.search, catalogue)


def _record(thing: str, record: str, catalogue: Catalogue) -> Iterator[Triple]:
    """Yield what a FAIR Data Point says of its records: their identifiers and days."""
    identifier = f"{record}#identifier"
    day = f"{catalogue.issued}T00:00:00Z" if catalogue.issued else ""
    yield from statements(
        thing,
        [
            (f"{FDP}metadataIdentifier", iri(identifier)),
            (f"{FDP}metadataIssued", text(day, "dateTime")),
            (f"{FDP}metadataModified", text(day, "dateTime")),
        ],
    )
    kind = (TYPE, iri(f"{DATACITE}Identifier"))
    yield from statements(identifier, [kind, (f"{DCTERMS}identifier", text(record))])


def _container(
    me: str, title: str, owner: str, relation: str, members: Iterable[str], *, about_their_topic: bool = False
) -> Iterator[Triple]:
    """Yield a container. Its members are what it contains, or what that is about."""
    yield from statements(
        me,
        [
            (TYPE, iri(f"{LDP}DirectContainer")),
            (f"{DCTERMS}title", english(title)),
            (f"{LDP}membershipResource", iri(owner)),
            (f"{LDP}hasMemberRelation", iri(relation)),
            *((f"{LDP}contains", iri(member)) for member in members),
        ],
    )
    if about_their_topic:
        topic = (f"{LDP}insertedContentRelation", iri(f"{FOAF}primaryTopic"))
        yield from statements(me, [(TYPE, iri(f"{LDP}IndirectContainer")), topic])
