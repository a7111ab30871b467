"""The catalogue in DCAT 3: the release is a catalogue, a study a dataset, a file a distribution.

Sources: https://www.w3.org/TR/vocab-dcat-3/ and DCAT-AP 3.0.1, https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from bioimg_kg.catalog.model import Catalogue, Dataset, Distribution
from bioimg_kg.catalog.site import CATALOGUE, Site
from bioimg_kg.catalog.triples import Value, english, iri, statements, text
from bioimg_kg.vocab import (
    DCAT,
    DCTERMS,
    DERIVED_FROM,
    FOAF,
    LABEL,
    RDFS,
    REVISION_OF,
    SCHEMA,
    SEE_ALSO,
    TYPE,
    VOID,
)

SPDX: Final = "http://spdx.org/rdf/terms#"
PUBLIC: Final = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
THEME: Final = "http://publications.europa.eu/resource/authority/data-theme/TECH"
"""Science and technology, in the list of themes that DCAT-AP prescribes."""
IANA: Final = "https://www.iana.org/assignments/media-types/"
N_QUADS: Final = "application/n-quads"
N_QUADS_SPEC: Final = "https://www.w3.org/TR/n-quads/"
OPENAPI_SPEC: Final = "https://spec.openapis.org/oas/v3.1.0"
SPARQL_SPEC: Final = "https://www.w3.org/TR/sparql11-protocol/"
OME: Final = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
PREFIXES: Final = {"spdx": SPDX, "eu-access": PUBLIC.rpartition("/")[0] + "/"}

DICTIONARY: Final = "tables/dictionary.csv"
_RFC_4180: Final = "https://www.rfc-editor.org/rfc/rfc4180"
_FORMATS: Final = (
    ("kgx/nodes", "https://github.com/biolink/kgx/blob/master/specification/kgx-format.md"),
    ("kgx/edges", "https://github.com/biolink/kgx/blob/master/specification/kgx-format.md"),
    (".sssom.tsv", "https://w3id.org/sssom/"),
    (".ttl", "https://www.w3.org/TR/turtle/"),
    (".json", "https://www.rfc-editor.org/rfc/rfc8259"),
)
SEVERAL: Final = "Studies with several licences: each row and each graph says the licence of its study."
NO_LICENCE: Final = "The study states no licence. Ask its authors before you use it."
TITLE: Final = "Microscopy archives as a knowledge graph"
DESCRIPTION: Final = (
    "Studies of public microscopy archives as linked data: phenotypes, genes, compounds, reagents and the "
    "images that show them, each statement with the file and row that it came from."
)


def catalogue_graph(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield all of the catalogue: the release, every study, every file and the SPARQL endpoint."""
    yield from describe_catalogue(catalogue, site)
    yield from describe_service(catalogue, site)
    yield from describe_search(catalogue, site)
    for dataset in catalogue.datasets:
        yield from describe_dataset(dataset, catalogue, site)
    for distribution in catalogue.distributions:
        yield from describe_distribution(distribution, catalogue, site)


def describe_catalogue(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield what is said of the release as a whole."""
    me = site.catalogue
    yield from statements(me, [(TYPE, iri(f"{DCAT}Catalog")), *common(catalogue, site)])
    yield from statements(
        me,
        [
            (f"{DCTERMS}title", english(TITLE)),
            (f"{DCTERMS}description", english(DESCRIPTION)),
            (f"{DCTERMS}issued", text(catalogue.issued, "date")),
            (f"{DCTERMS}license", iri(site.license)),
            (f"{FOAF}homepage", iri(site.at("/"))),
            (f"{FOAF}isPrimaryTopicOf", iri(site.at("/catalog"))),
            (SEE_ALSO, iri(site.croissant)),
            (f"{DCAT}themeTaxonomy", iri(THEME.rpartition("/")[0])),
            (f"{DCAT}service", iri(site.service)),
            (f"{DCAT}service", iri(site.search)),
            (f"{DCTERMS}isPartOf", iri(site.fdp)),
        ],
    )
    if not site.named:
        yield from statements(me, [(f"{DCAT}hasCurrentVersion", iri(site.version(catalogue.release)))])
        yield from describe_version(catalogue.release, catalogue.issued, site.before, site)
    else:
        earlier = iri(site.version(site.before) if site.before else "")
        yield from statements(me, [(f"{DCAT}isVersionOf", iri(site.at(CATALOGUE)))])
        yield from statements(me, [(f"{DCAT}previousVersion", earlier), (REVISION_OF, earlier)])
    yield from statements(me, [(f"{DCAT}dataset", iri(dataset.iri)) for dataset in catalogue.datasets])
    yield from statements(me, [(f"{DCAT}distribution", iri(site.distribution(d))) for d in catalogue.shared])
    yield from describe_agent(site.agent(site.publisher), site.publisher)


def describe_version(name: str, issued: str, before: str, site: Site) -> Iterator[Triple]:
    """Yield what is said of a release as a version of the catalogue.

    Parameters
    ----------
    name, issued
        The release, and its day.
    before
        Name of the release before it; empty if none is served.
    site
        Where it is served.
    """
    me, earlier = site.version(name), iri(site.version(before) if before else "")
    yield from statements(
        me,
        [
            (TYPE, iri(f"{DCAT}Resource")),
            (f"{DCTERMS}title", english(f"{TITLE}, release {name}")),
            (f"{DCTERMS}description", english(DESCRIPTION)),
            (f"{DCTERMS}issued", text(issued, "date")),
            (f"{DCTERMS}publisher", iri(site.agent(site.publisher))),
            (f"{DCTERMS}license", iri(site.license)),
            (f"{DCAT}version", text(name)),
            (f"{DCAT}isVersionOf", iri(site.at(CATALOGUE))),
            (f"{DCAT}previousVersion", earlier),
            (REVISION_OF, earlier),
        ],
    )


def describe_search(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield what is said of the search."""
    about = "Phenotypes, genes, compounds, studies and reagents by any of their names, as JSON."
    facts: list[tuple[str, Value]] = [
        (TYPE, iri(f"{DCAT}DataService")),
        *common(catalogue, site),
        (f"{DCTERMS}title", english("Search")),
        (f"{DCTERMS}description", english(about)),
        (f"{DCTERMS}license", iri(site.license)),
        (f"{DCTERMS}conformsTo", iri(OPENAPI_SPEC)),
        (f"{DCAT}endpointURL", iri(site.search_api)),
        (f"{DCAT}endpointDescription", iri(site.at("/openapi.json"))),
        (f"{DCTERMS}isPartOf", iri(site.catalogue)),
    ]
    yield from statements(site.search, facts)
    served = [(f"{DCAT}servesDataset", iri(dataset.iri)) for dataset in catalogue.datasets]
    yield from statements(site.search, served)
    yield from describe_agent(site.agent(site.publisher), site.publisher)


def describe_service(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield what is said of the SPARQL endpoint."""
    me = site.service
    facts: list[tuple[str, Value]] = [
        (TYPE, iri(f"{DCAT}DataService")),
        *common(catalogue, site),
        (f"{DCTERMS}title", english("SPARQL endpoint")),
        (f"{DCTERMS}description", english("SPARQL 1.1 queries on all studies of the catalogue.")),
        (f"{DCTERMS}license", iri(site.license)),
        (f"{DCTERMS}conformsTo", iri(SPARQL_SPEC)),
        (f"{DCAT}endpointURL", iri(site.sparql)),
        (f"{DCAT}endpointDescription", iri(f"{site.sparql}?format=ttl")),
        (f"{DCTERMS}isPartOf", iri(site.catalogue)),
    ]
    yield from statements(me, facts)
    yield from statements(me, [(f"{DCAT}servesDataset", iri(dataset.iri)) for dataset in catalogue.datasets])
    yield from describe_agent(site.agent(site.publisher), site.publisher)


def describe_dataset(dataset: Dataset, catalogue: Catalogue, site: Site) -> Iterator[Triple]:
    """Yield what is said of a study."""
    me = dataset.iri
    publisher = dataset.publisher or site.publisher
    yield from statements(
        me,
        [
            (TYPE, iri(f"{DCAT}Dataset")),
            *common(catalogue, site, publisher),
            (f"{DCTERMS}title", text(dataset.title)),
            (f"{DCTERMS}description", text(dataset.description)),
            (f"{DCTERMS}identifier", text(dataset.iri)),
            (f"{DCTERMS}issued", text(dataset.published, "date")),
            (f"{DCTERMS}license", iri(dataset.license)),
            (f"{DCTERMS}conformsTo", iri(OME)),
            (f"{DCAT}landingPage", iri(site.page(dataset))),
            (f"{DCTERMS}isPartOf", iri(site.catalogue)),
            (f"{DCAT}theme", iri(THEME)),
            (DERIVED_FROM, iri(dataset.derived_from)),
        ],
    )
    if not dataset.license:
        yield from _no_licence(me)
    for predicate, values in (
        (f"{DCTERMS}creator", [agent.iri for agent in dataset.authors]),
        (f"{DCTERMS}isReferencedBy", dataset.citations),
        (f"{SCHEMA}sameAs", dataset.same_as),
        (f"{DCTERMS}subject", [t.iri for t in (*dataset.organisms, *dataset.techniques, *dataset.kinds)]),
        (f"{DCAT}distribution", [site.distribution(d) for d in dataset.distributions]),
    ):
        yield from statements(me, [(predicate, iri(value)) for value in values])
    yield from statements(me, [(f"{DCAT}keyword", text(word)) for word in keywords(dataset)])
    yield from describe_agent(site.agent(publisher), publisher)
    for agent in dataset.authors:
        yield from describe_agent(agent.iri, agent.name)
    for term in (*dataset.organisms, *dataset.techniques, *dataset.kinds):
        yield from statements(term.iri, [(LABEL, text(term.label))])


def describe_distribution(
    distribution: Distribution, catalogue: Catalogue, site: Site, *, plain: bool = False
) -> Iterator[Triple]:
    """Yield what is said of a file.

    Parameters
    ----------
    distribution, catalogue, site
        The file, and where it is.
    plain
        Write the media type as a text, as FAIR Data Points want it, and not as an IRI, as DCAT does.
    """
    me, checksum = site.distribution(distribution), f"{site.distribution(distribution)}#sha256"
    size = str(distribution.size)
    quads = "" if distribution.quads is None else str(distribution.quads)
    packed = "application/gzip" if distribution.packed else ""
    kind = distribution.media_type
    yield from statements(
        me,
        [
            (TYPE, iri(f"{DCAT}Distribution")),
            *common(catalogue, site),
            (f"{DCTERMS}title", english(distribution.words)),
            (f"{DCTERMS}issued", text(catalogue.issued, "date")),
            (f"{DCTERMS}license", iri(site.license_of(distribution))),
            (f"{DCTERMS}conformsTo", iri(conforms_to(distribution, catalogue, site))),
            (f"{DCAT}accessURL", iri(site.at("/downloads"))),
            (f"{DCAT}downloadURL", iri(site.download(distribution))),
            (f"{DCAT}accessService", iri(site.service)),
            (f"{DCAT}mediaType", text(kind) if plain else iri(IANA + kind)),
            (f"{DCAT}compressFormat", text(packed) if plain else iri(packed and IANA + packed)),
            (f"{DCAT}byteSize", text(size, "nonNegativeInteger")),
            (f"{VOID}triples", text(quads, "integer")),
            (f"{SPDX}checksum", iri(checksum)),
        ],
    )
    yield from statements(
        checksum,
        [
            (TYPE, iri(f"{SPDX}Checksum")),
            (f"{SPDX}algorithm", iri(f"{SPDX}checksumAlgorithm_sha256")),
            (f"{SPDX}checksumValue", text(distribution.sha256, "hexBinary")),
        ],
    )
    if distribution.licenses:
        yield from _licences(distribution, site)
    yield from describe_agent(site.agent(site.publisher), site.publisher)


def conforms_to(distribution: Distribution, catalogue: Catalogue, site: Site) -> str:
    """Return what says how to read a file: its format, or the dictionary of the tables; empty if unknown."""
    if distribution.media_type == N_QUADS:
        return N_QUADS_SPEC
    if distribution.path.startswith("tables/"):
        found = (site.download(file) for file in catalogue.shared if file.path == DICTIONARY)
        return next(found, "") if distribution.path != DICTIONARY else _RFC_4180
    return next((address for part, address in _FORMATS if part in distribution.path), "")


def _licences(distribution: Distribution, site: Site) -> Iterator[Triple]:
    """Say which licences the studies in a file have: each row, or each graph, says its own."""
    me = site.licences
    yield from statements(
        me,
        [
            (TYPE, iri(f"{DCTERMS}LicenseDocument")),
            (f"{RDFS}label", english(SEVERAL)),
            *((f"{DCTERMS}references", iri(licence)) for licence in distribution.licenses),
        ],
    )


def describe_agent(me: str, name: str) -> Iterator[Triple]:
    """Yield the name of a person or an organisation; one without a name is known by its IRI."""
    yield from statements(me, [(TYPE, iri(f"{FOAF}Agent")), (f"{FOAF}name", text(name or me))])


def common(catalogue: Catalogue, site: Site, publisher: str = "") -> list[tuple[str, Value]]:
    """Return what is said of every resource: version, day, publisher, and that anybody may have it."""
    return [
        (f"{DCAT}version", Literal(catalogue.release)),
        (f"{DCTERMS}modified", text(catalogue.issued, "date")),
        (f"{DCTERMS}publisher", NamedNode(site.agent(publisher or site.publisher))),
        (f"{DCTERMS}accessRights", NamedNode(PUBLIC)),
    ]


def keywords(dataset: Dataset) -> list[str]:
    """Return what a study is about in words: its own, and the names of its terms."""
    terms = (*dataset.organisms, *dataset.techniques, *dataset.kinds)
    return sorted({*dataset.keywords, *(term.label for term in terms if term.label)})


def _no_licence(study: str) -> Iterator[Triple]:
    """Say that no licence is stated, which is not the same as to say nothing."""
    rights = f"{study}#rights"
    yield from statements(study, [(f"{DCTERMS}rights", iri(rights))])
    kind = (TYPE, iri(f"{DCTERMS}RightsStatement"))
    words = english(NO_LICENCE)
    yield from statements(rights, [kind, (f"{RDFS}label", words)])
