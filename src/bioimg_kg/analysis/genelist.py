"""A user's list of genes: names and identifiers as they are at hand, to one gene each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Store

from bioimg_kg.analysis.answers import Row, ask
from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.prefixes import compact, expand

_RANK = {"symbol": 0, "other name": 1, "identifier": 0}


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene of the graph.

    Attributes
    ----------
    iri, symbol
        The node that stands for it, and its name of today.
    organism
        IRI of its taxon.
    asked
        Name by which the list has it.
    studied
        Its loss was studied where phenotypes are called with terms: it is in the background of tests.
    """

    iri: str
    symbol: str
    organism: str
    asked: str
    studied: bool


@dataclass(slots=True)
class GeneList:
    """What became of a list.

    Attributes
    ----------
    genes
        Each gene once, in the order of the list.
    unknown
        Names that no gene of the graph (of the organism) has.
    ambiguous
        Names that are only a previous name or an alias, of several genes of the organism.
    repeated
        Names of genes that the list has already under another name.
    """

    genes: list[Gene] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    @property
    def not_studied(self) -> list[str]:
        """Names of genes whose loss no study with terms has looked at."""
        return [gene.asked for gene in self.genes if not gene.studied]


def read_taxon(text: str | None) -> str | None:
    """Return the IRI of a taxon, which may be written as a number.

    Raises
    ------
    ConfigError
        It is not a taxon of NCBI.

    Examples
    --------
    >>> read_taxon("9606") == read_taxon("NCBITaxon:9606")
    True
    """
    if text is None:
        return None
    iri = text if "://" in text else expand(text if ":" in text else f"NCBITaxon:{text}")
    if "NCBITaxon_" not in iri:
        message = f"{text!r} is not an organism: write for example NCBITaxon:9606 or 9606 for human"
        raise ConfigError(message)
    return iri


def find_genes(store: Store, names: Sequence[str], taxon: str | None = None) -> GeneList:
    """Find the genes of a list.

    Parameters
    ----------
    store
        Store of a release.
    names
        Symbols, aliases or identifiers; a prefix such as ``NCBIGene:`` may stand before an identifier.
    taxon
        IRI of the organism; if none is given, the names must be of one organism.

    Raises
    ------
    ConfigError
        The list is empty, or a name is that of genes of several organisms and no organism is given, or the
        genes are of several organisms.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not wanted:
        message = "no genes are given: write symbols or identifiers"
        raise ConfigError(message)
    bare = {name: _bare(name) for name in wanted}
    found: dict[str, list[Row]] = {}
    for row in ask(store, "genes-of-name", {"names": list(bare.values())}):
        if taxon is None or row["organism"] == taxon:
            found.setdefault(row["name"], []).append(row)
    _one_organism(wanted, bare, found)
    result = GeneList()
    taken: set[str] = set()
    for name in wanted:
        rows = found.get(bare[name], [])
        best = min((_RANK[row["match"]] for row in rows), default=0)
        choice = {row["gene"]: row for row in rows if _RANK[row["match"]] == best}
        if not choice:
            result.unknown.append(name)
        elif len(choice) > 1:
            result.ambiguous.append(name)
        else:
            ((iri, row),) = choice.items()
            if iri in taken:
                result.repeated.append(name)
            else:
                taken.add(iri)
                result.genes.append(_gene(row, name))
    return result


def _one_organism(names: Sequence[str], bare: Mapping[str, str], found: Mapping[str, list[Row]]) -> None:
    """Refuse names of several organisms: which one is meant cannot be guessed."""
    for name in names:
        organisms = sorted({compact(row["organism"]) for row in found.get(bare[name], [])})
        if len(organisms) > 1:
            message = (
                f"{name!r} is a gene of several organisms ({', '.join(organisms)}): "
                f"say which one is meant, for example --taxon {organisms[0]}"
            )
            raise ConfigError(message)
    every = sorted({compact(row["organism"]) for rows in found.values() for row in rows})
    if len(every) > 1:
        message = f"the genes are of several organisms ({', '.join(every)}): choose one with --taxon"
        raise ConfigError(message)


def _bare(name: str) -> str:
    """Return an identifier without its prefix or address."""
    if "://" in name:
        return name.rstrip("/").replace(":", "/").rpartition("/")[2]
    prefix, colon, local = name.partition(":")
    return local.strip() if colon and prefix.isalnum() else name


def _gene(row: Row, asked: str) -> Gene:
    return Gene(row["gene"], row["symbol"], row["organism"], asked, int(row["lossStudies"]) > 0)
