"""What a statement rests on, in one way for each kind of graph that it may stand in."""

from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from bioimg_kg.identifiers.genes import identify
from bioimg_kg.vocab import (
    ANNOTATED_WITH,
    BIOLINK,
    BROAD_MATCH,
    CANONICAL_GENE,
    COMMENT,
    DCTERMS,
    DERIVED_FROM,
    IS_PART_OF,
    LABEL,
    MAPPED_TERM,
    OBJECT,
    OWL,
    PROV,
    SOURCE_FILE,
    STUDY_PHENOTYPE,
    SUBJECT,
)
from bioimg_kg.why.calls import Calls
from bioimg_kg.why.graph import Graph, value
from bioimg_kg.why.origin import Origins, texts_of
from bioimg_kg.why.rules import rules
from bioimg_kg.why.tree import Step

_ORTHOLOGY = BIOLINK + "GeneToGeneHomologyAssociation"


@dataclass(slots=True)
class Evidence:
    """Finds what a statement rests on."""

    origins: Origins

    @property
    def graph(self) -> Graph:
        """The release."""
        return self.origins.graph

    @property
    def calls(self) -> Calls:
        """Explains associations."""
        return Calls(self.origins)

    def of(self, quad: Quad, *, whole: bool = False) -> list[Step]:
        """Return what a statement rests on.

        Parameters
        ----------
        quad
            The statement.
        whole
            Whether it stands for all that its graph says of its subject.
        """
        assert isinstance(quad.graph_name, NamedNode)
        name = self.graph.graph_name(quad.graph_name)
        kind, _, rest = name.partition("/")
        if kind == "study":
            return self._study(quad, whole)
        if name == "inferred/counts":
            text = f"counted by the build: {value(quad.object)} over all studies, each thing once"
            return [Step("build", text)]
        if kind == "inferred":
            return self._inferred(quad)
        if kind == "ontology":
            return [self._ontology(quad, rest)]
        if name in ("meta", "examples"):
            return [self._meta(quad)]
        if name == "reference/genes":
            return self._gene(quad)
        if name == "reference/orthologs":
            return self._orthologs(quad, whole)
        if name == "mappings":
            return self._mappings(quad, whole)
        if name == "reference/taxa":
            return [self._taxon(quad)]
        return self._other(quad)

    def _study(self, quad: Quad, whole: bool) -> list[Step]:
        subject, home = quad.subject, quad.graph_name
        assert isinstance(subject, NamedNode)
        assert isinstance(home, NamedNode)
        if self.calls.is_association(subject):
            return [self.calls.association(subject, home)]
        if self.calls.is_evidence(subject):
            steps = [self.calls.evidence(subject, home)]
            users = [self.calls.association(s, home) for s in self.graph.subjects(None, subject, home)[:1]]
            return steps + users
        if STUDY_PHENOTYPE in self.graph.types(subject):
            texts = texts_of(self.graph, subject)
            if quad.predicate.value == MAPPED_TERM and not whole:
                texts = [value(quad.object), self.graph.label(subject)]
            return [self.origins.of(subject, home, texts)]
        texts = texts_of(self.graph, subject) if whole else [value(quad.object)]
        found = [self.origins.of(subject, home, texts)]
        if quad.predicate.value == ANNOTATED_WITH and isinstance(quad.object, NamedNode) and not whole:
            found += self.calls.level(subject, quad.object, home)
            found.append(self.calls.phenotype(quad.object, home))
        return found

    def _inferred(self, quad: Quad) -> list[Step]:
        steps = []
        assert isinstance(quad.subject, NamedNode)
        for rule in rules():
            if quad.predicate.value not in {head[1] for head in rule.heads} or not isinstance(
                quad.object, NamedNode
            ):
                continue
            ways = rule.support(self.graph, quad.subject, quad.predicate.value, quad.object)
            if ways:
                below, more = self._ways(quad.subject, ways)
                facts = (("rule", f"ontology/rules/{rule.name}"), ("ways", str(len(ways))))
                steps.append(Step("rule", f"rule {rule.name}: {rule.words}", "", facts, below, more))
        gap = Step("gap", "no rule of ontology/rules gives this: the release was built by other rules")
        return steps or [gap]

    def _ways(self, subject: NamedNode, ways: list[dict[str, str]]) -> tuple[tuple[Step, ...], int]:
        """Return what a derived statement follows from: the record itself, calls, treatments."""
        steps: list[Step] = []
        home = self._home(subject)
        if home:
            steps.append(self.origins.of(subject, home))
        for way in ways[: self.origins.limit]:
            nodes = {name: NamedNode(iri) for name, iri in way.items() if name != "graph"}
            for name, node in sorted(nodes.items()):
                own = self._home(node)
                if self.calls.is_association(node):
                    steps.append(self.calls.association(node, own))
                    steps += [
                        s for used in self.graph.links(node, SUBJECT) for s in self._joined(used, subject)
                    ]
                elif home and STUDY_PHENOTYPE in self.graph.types(node):
                    steps += self.calls.level(subject, node, home)
                    steps.append(self.calls.phenotype(node, own))
                elif own and name != "evidence":
                    steps.append(self.origins.of(node, own))
                elif name == "used":
                    steps += self._joined(node, subject)
        return tuple(steps), max(0, len(ways) - self.origins.limit)

    def _joined(self, used: NamedNode, canonical: NamedNode) -> list[Step]:
        """Return which reference table says that an identifier of a study means a gene, if it is another."""
        return [] if used == canonical else self._tables(used)

    def _home(self, node: NamedNode) -> NamedNode | None:
        """Return the graph of a study that a node of it is described in."""
        for quad in self.graph.quads(node):
            if isinstance(quad.graph_name, NamedNode) and self.graph.graph_name(quad.graph_name).startswith(
                "study/"
            ):
                return quad.graph_name
        return None

    def _ontology(self, quad: Quad, name: str) -> Step:
        home = quad.graph_name
        assert isinstance(home, NamedNode)
        version = self.graph.text(home, DCTERMS + "hasVersion")
        text = f"ontology {name}, {f'version {version}' if version else 'its file states no version'}"
        return Step("ontology", text, home.value, (("ontology", name), ("version", version)))

    def _taxon(self, quad: Quad) -> Step:
        assert isinstance(quad.graph_name, NamedNode)
        text = "the organism's number in NCBI Taxonomy, which other databases use"
        if quad.predicate.value == BROAD_MATCH:
            text = "mappings/reference-strains.tsv: the strain that databases take for its species"
        return Step("reference", text, quad.graph_name.value, (("graph", "reference/taxa"),))

    def _meta(self, quad: Quad) -> Step:
        assert isinstance(quad.subject, NamedNode)
        if SOURCE_FILE in self.graph.types(quad.subject):
            return self.origins.file(quad.subject.value)
        date = self.graph.text(NamedNode(f"{self.graph.base}graph/"), PROV + "generatedAtTime")
        return Step(
            "build", f"said by the build itself, of {date[:10] or 'unknown date'}", "", (("date", date),)
        )

    def _gene(self, quad: Quad) -> list[Step]:
        """Return the rows of the reference tables that know a gene, and who uses the identifier."""
        assert isinstance(quad.subject, NamedNode)
        genes = [quad.subject]
        if quad.predicate.value == CANONICAL_GENE and isinstance(quad.object, NamedNode):
            genes.append(quad.object)
        steps = [step for gene in dict.fromkeys(genes) for step in self._tables(gene)]
        return [*steps, *self._users(quad.subject)]

    def _tables(self, gene: NamedNode) -> list[Step]:
        """Return the rows of the reference tables that have an identifier."""
        home = NamedNode(f"{self.graph.base}graph/reference/genes")
        rows = self.graph.links(gene, DERIVED_FROM, home)
        steps = [self._table_row(gene, row.value) for row in rows]
        known = identify(gene.value, self.graph.base)
        found = self.origins.repairs.of_gene(f"{known[0].name}:{known[1]}") if known else []
        steps += [repair.step() for repair in found]
        if not rows:
            me = self.graph.short(gene)
            text = f"no reference table was asked, or none has it: {me} stands for itself"
            steps.append(Step("reference", text, gene.value))
        return steps

    def _table_row(self, gene: NamedNode, place: str) -> Step:
        url, _, row = place.partition("#row=")
        file = self.origins.file(url)
        if file.kind == "gap":
            return file
        name = dict(file.facts)["file"]
        text = f"row {row} of the reference table {name} has {self.graph.short(gene)}"
        return Step("reference", text, place, (("row", row), *file.facts))

    def _orthologs(self, quad: Quad, whole: bool) -> list[Step]:
        subject, home = quad.subject, quad.graph_name
        assert isinstance(subject, NamedNode)
        assert isinstance(home, NamedNode)
        pairs = [subject] if _ORTHOLOGY in self.graph.types(subject) else []
        if isinstance(quad.object, NamedNode) and not pairs and not whole:
            for one, two in ((subject, quad.object), (quad.object, subject)):
                found = self.graph.subjects(SUBJECT, one, home)
                pairs += [p for p in found if two in self.graph.links(p, OBJECT, home)]
        said = [o.value for p in pairs for o in self.graph.objects(p, BIOLINK + "supporting_data_source")]
        tables = [f for f in self.graph.subjects(IS_PART_OF, home) if SOURCE_FILE in self.graph.types(f)]
        facts = [("source", source) for source in said]
        text = f"orthologues by {', '.join(said)}" if said else "the table of orthologues"
        return [Step("reference", text, "", tuple(facts), tuple(self.origins.file(f.value) for f in tables))]

    def _mappings(self, quad: Quad, whole: bool) -> list[Step]:
        """Return the mapping file that holds a mapping, with its justification."""
        subject, home = quad.subject, quad.graph_name
        assert isinstance(subject, NamedNode)
        assert isinstance(home, NamedNode)
        nodes = [
            node
            for node in self.graph.subjects(OWL + "annotatedSource", subject, home)
            if whole or quad.object in self.graph.links(node, OWL + "annotatedTarget", home)
        ]
        steps = []
        for node in (nodes or [subject])[: self.origins.limit]:
            name = node.value.partition("/mapping/")[2].partition("/")[0]
            file = f"mappings/{name}.sssom.tsv" if name else node.value.removeprefix(self.graph.base)
            facts = [("comment", o.value) for o in self.graph.objects(node, COMMENT, home)]
            said = self.graph.objects(node, "https://w3id.org/sssom/mapping_justification", home)
            facts += [("justification", o.value) for o in said]
            steps.append(Step("reference", f"mapping file {file}", node.value, tuple(facts)))
        return steps

    def _other(self, quad: Quad) -> list[Step]:
        """Return rows that the node names, else the studies that use it, else what is said of the graph."""
        subject, home = quad.subject, quad.graph_name
        assert isinstance(subject, NamedNode)
        assert isinstance(home, NamedNode)
        named = [
            place if place.kind != "gap" else Step("reference", f"derived from {link.value}", link.value)
            for link in self.graph.links(subject, DERIVED_FROM, home)
            for place in (self.origins.row(link.value),)
        ]
        steps = named or self._users(subject)
        if steps:
            return steps
        facts = [
            (name, self.graph.text(home, p))
            for name, p in (
                ("label", LABEL),
                ("version", DCTERMS + "hasVersion"),
                ("source", DCTERMS + "source"),
            )
        ]
        if facts[1][1] or facts[2][1]:
            return [
                Step(
                    "reference",
                    f"graph/{facts[0][1]} as a whole",
                    home.value,
                    tuple(f for f in facts if f[1]),
                )
            ]
        return [Step("gap", "no study uses it, and nothing says where this graph comes from", home.value)]

    def _users(self, node: NamedNode) -> list[Step]:
        """Return the nodes of studies that point to a shared thing, each with its rows."""
        found: dict[NamedNode, NamedNode] = {}
        for quad in self.graph.quads(None, None, node):
            if (
                isinstance(quad.subject, NamedNode)
                and isinstance(quad.graph_name, NamedNode)
                and self.graph.graph_name(quad.graph_name).startswith("study/")
                and not self.calls.is_association(quad.subject)
            ):
                found.setdefault(quad.subject, quad.graph_name)
        kept = list(found.items())[: self.origins.limit]
        steps = tuple(self.origins.of(subject, home) for subject, home in kept)
        if not steps:
            return []
        text = f"the words and identifiers of the studies that use {self.graph.short(node)}"
        return [Step("reference", text, node.value, (), steps, len(found) - len(kept))]
