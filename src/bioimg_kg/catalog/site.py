"""Addresses of a service: where each face of the catalogue is. Studies keep the IRIs of the graph."""

from dataclasses import dataclass
from urllib.parse import quote

from bioimg_kg.catalog.model import Dataset, Distribution

CATALOGUE = "/fdp/catalog"
"""Path of the catalogue, whichever release is current."""

DEFAULT_LICENSE = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Site:
    """A service as its clients see it.

    Attributes
    ----------
    base
        URL without a slash at its end.
    release
        Name of the release that is served.
    publisher
        Who runs the service.
    license
        Licence of the catalogue itself. Each study states its own.
    named
        The client has named the release: what is said is said of it, not of the latest one.
    before
        Name of the release before it, if that is served too.

    Examples
    --------
    >>> site = Site("https://example.org", "2026.1")
    >>> site.download(Distribution("study/idr0012", 1, "00"))
    'https://example.org/downloads/2026.1/study/idr0012.nq.gz'
    """

    base: str
    release: str
    publisher: str = "bioimg_kg"
    license: str = DEFAULT_LICENSE
    named: bool = False
    before: str = ""

    def at(self, path: str) -> str:
        """Return the URL of a path, percent-encoded."""
        return f"{self.base}{quote(path, safe='/-._~')}"

    @property
    def sparql(self) -> str:
        """The SPARQL endpoint."""
        return self.at(f"/releases/{self.release}/sparql" if self.named else "/sparql")

    @property
    def fdp(self) -> str:
        """The FAIR Data Point."""
        return self.at("/fdp")

    @property
    def catalogue(self) -> str:
        """The catalogue, which is a record of the FAIR Data Point, or a release of it."""
        return self.version(self.release) if self.named else self.at(CATALOGUE)

    def version(self, release: str) -> str:
        """Return the address of a release, which is a version of the catalogue."""
        return self.at(f"/releases/{release}")

    @property
    def service(self) -> str:
        """The SPARQL endpoint as a thing in the catalogue."""
        return f"{self.sparql}#service" if self.named else self.at("/fdp/service/sparql")

    @property
    def croissant(self) -> str:
        """The tables as a Croissant dataset."""
        return self.at("/catalog/croissant.json")

    @property
    def licences(self) -> str:
        """What is said of files that hold studies with several licences."""
        return f"{self.at('/downloads')}#licences"

    def license_of(self, distribution: Distribution) -> str:
        """Return the licence of a file: its own, or the list of those in it; empty if there is none."""
        return self.licences if distribution.licenses else distribution.license

    @property
    def search(self) -> str:
        """The search as a thing in the catalogue."""
        return self.at("/fdp/service/search")

    @property
    def search_api(self) -> str:
        """Where the search answers in JSON."""
        return self.at("/api/v1/search")

    def page(self, dataset: Dataset) -> str:
        """Return the page of a study."""
        return self.at(f"/study/{dataset.accession}")

    def linkset(self, dataset: Dataset) -> str:
        """Return the links of a study as a document."""
        return self.at(f"/study/{dataset.accession}/linkset")

    def crate(self, dataset: Dataset) -> str:
        """Return the RO-Crate of a study."""
        return self.at(f"/study/{dataset.accession}/ro-crate-metadata.json")

    def cite(self, dataset: Dataset | None = None) -> str:
        """Return how to cite a study, or the release."""
        return self.at(f"/study/{dataset.accession}/cite" if dataset else "/cite")

    def record(self, dataset: Dataset) -> str:
        """Return the record of a study in the FAIR Data Point."""
        return self.at(f"/fdp/dataset/{dataset.accession}")

    def distribution(self, distribution: Distribution) -> str:
        """Return the IRI of a file as a thing in the catalogue."""
        if self.named:
            return self.download(distribution)
        return self.at(f"/fdp/distribution/{distribution.name}")

    def download(self, distribution: Distribution) -> str:
        """Return the URL of a file. The release is part of it: what is there never changes."""
        return self.at(f"/downloads/{self.release}/{distribution.file}")

    def agent(self, name: str) -> str:
        """Return the IRI of an organisation that is known by its name only."""
        return f"{self.fdp}#agent={quote(name, safe='-._~')}"
