"""Associations with their evidence: what a study says of a gene or compound, and at which level."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from bioimg_kg.vocab import (
    AGENT_TYPE,
    ANNOTATED_WITH,
    ANNOTATION_LEVEL,
    COMPOUND_ASSOCIATION,
    DOSE_AS_REPORTED,
    EVIDENCE_LINE,
    GENE_ASSOCIATION,
    GENE_ROLE,
    HAS_EVIDENCE,
    IMAGE,
    OBJECT,
    OBSERVED_IN,
    OUTCOME,
    PREF_LABEL,
    REAGENT_OF,
    RECORD_LEVELS,
    STUDY_PHENOTYPE_OF,
    SUBJECT,
    TARGET_AMBIGUOUS,
    TARGET_GENE,
    TREATMENT_OF,
)
from bioimg_kg.why.graph import Graph
from bioimg_kg.why.origin import Origins, texts_of
from bioimg_kg.why.tree import Step

_FACTS = (
    ("level", ANNOTATION_LEVEL),
    ("role", GENE_ROLE),
    ("scored by", AGENT_TYPE),
    ("one of several targets", TARGET_AMBIGUOUS),
)


@dataclass(slots=True)
class Calls:
    """Explains associations, lines of evidence and levels."""

    origins: Origins

    @property
    def graph(self) -> Graph:
        """The release."""
        return self.origins.graph

    def is_association(self, node: NamedNode) -> bool:
        """Say whether a node is the call for a gene or a compound."""
        return bool(self.graph.types(node) & {GENE_ASSOCIATION, COMPOUND_ASSOCIATION})

    def is_evidence(self, node: NamedNode) -> bool:
        """Say whether a node is a line of evidence."""
        return EVIDENCE_LINE in self.graph.types(node)

    def association(self, node: NamedNode, home: NamedNode | None) -> Step:
        """Return an association: the study's words, level, role, the row of the call, the evidence."""
        graph, origins = self.graph, self.origins
        subject = next(iter(graph.links(node, SUBJECT)), node)
        phenotype = next(iter(graph.links(node, STUDY_PHENOTYPE_OF)), None)
        words = graph.text(phenotype, PREF_LABEL) if phenotype else ""
        terms = graph.links(node, OBJECT)
        facts = [
            ("association", graph.short(node)),
            ("subject", graph.named(subject)),
            ("study's words", words),
            ("term", graph.named(terms[0]) if terms else "none: the phenotype is not mapped"),
        ]
        for name, predicate in _FACTS:
            facts += [(name, _local(found.value)) for found in graph.objects(node, predicate)]
        lines = graph.links(node, HAS_EVIDENCE)
        steps = [*origins.rows(node, home)]
        if phenotype:
            steps.append(self.phenotype(phenotype, home))
        steps += [self.evidence(line, home) for line in lines[: origins.limit]]
        level = self._level_of(node)
        text = f'association: {graph.label(subject) or graph.short(subject)} has "{words}" at {level}'
        more = max(0, len(lines) - origins.limit)
        return Step("association", text, node.value, tuple(f for f in facts if f[1]), tuple(steps), more)

    def phenotype(self, node: NamedNode, home: NamedNode | None) -> Step:
        """Return a study phenotype with the lines of the study text that declare and map it."""
        step = self.origins.of(node, home, texts_of(self.graph, node))
        return Step(
            "thing",
            f'the study\'s phenotype "{self.graph.label(node)}"',
            node.value,
            (),
            step.steps,
            step.more,
        )

    def evidence(self, node: NamedNode, home: NamedNode | None) -> Step:
        """Return a line of evidence: its treatment, its outcome, and the records with their rows."""
        graph = self.graph
        treatment = next(iter(graph.links(node, TREATMENT_OF)), None)
        facts = [("evidence", graph.short(node))]
        facts += [("outcome", _local(o.value)) for o in graph.links(node, OUTCOME)]
        if treatment:
            facts.append(("treatment", graph.named(treatment)))
            facts += [("reagent", graph.named(r)) for r in graph.links(treatment, REAGENT_OF)]
            facts += [("dose", o.value) for o in graph.objects(treatment, DOSE_AS_REPORTED)]
        seen = graph.links(node, OBSERVED_IN, home)
        records = seen or self._carrying(node, treatment, home)
        what = graph.named(treatment) if treatment else graph.short(node)
        where = "seen in" if seen else "carried by"
        some = f"{len(records)} record{'s' * (len(records) != 1)}"
        count = f", {where} {some}" if records else ""
        steps = tuple(self.origins.of(record, home) for record in records[: self.origins.limit])
        more = max(0, len(records) - self.origins.limit)
        return Step("evidence", f"evidence: {what}{count}", node.value, tuple(facts), steps, more)

    def _carrying(
        self, node: NamedNode, treatment: NamedNode | None, home: NamedNode | None
    ) -> list[NamedNode]:
        """Return the records with the treatment that carry the phenotype."""
        phenotypes = self.graph.links(node, STUDY_PHENOTYPE_OF, home)
        if treatment is None or not phenotypes:
            return []
        records = self.graph.subjects(TREATMENT_OF, treatment, home)
        return [r for r in records if phenotypes[0] in self.graph.links(r, ANNOTATED_WITH, home)]

    def level(self, record: NamedNode, phenotype: NamedNode, home: NamedNode | None) -> list[Step]:
        """Return at which levels a phenotype of a record was called, and what that means for the record."""
        graph = self.graph
        kind = "image" if IMAGE in graph.types(record) else "well"
        calls = self._calls(record, phenotype, home)
        doubt = "which itself may not show it"
        steps = []
        for call in calls:
            name = self._level_of(call)
            subject = next(iter(graph.links(call, SUBJECT)), call)
            called = graph.label(subject) or graph.short(subject)
            if name in RECORD_LEVELS:
                text = f"{name}: the call on {called} rests on this {kind} and its replicates"
            elif name == "UnstatedLevel":
                text = f"no level is stated for the call on {called}: this {kind} itself may not show it"
            else:
                text = f"{name}: {called} was called as a whole; the call was copied to this {kind}, {doubt}"
            steps.append(
                Step("level", text, call.value, (("level", name), ("association", graph.short(call))))
            )
        if not steps:
            stated = [_local(o.value) for o in graph.links(record, ANNOTATION_LEVEL)]
            said = ", ".join(stated) or "no level is stated"
            text = f"{said}: the phenotype stands on this {kind}; no gene or compound is said to have it"
            steps.append(Step("level", text))
        return steps

    def _calls(self, record: NamedNode, phenotype: NamedNode, home: NamedNode | None) -> list[NamedNode]:
        """Return the associations of what a record was treated with, for one phenotype; one per level."""
        found: dict[str, NamedNode] = {}
        for treatment in self.graph.links(record, TREATMENT_OF, home):
            for predicate in (TARGET_GENE, REAGENT_OF):
                for subject in self.graph.links(treatment, predicate, home):
                    for call in self.graph.subjects(SUBJECT, subject, home):
                        if phenotype in self.graph.links(call, STUDY_PHENOTYPE_OF, home):
                            found.setdefault(f"{subject.value} {self._level_of(call)}", call)
        return list(found.values())[: self.origins.limit]

    def _level_of(self, call: NamedNode) -> str:
        return next((_local(o.value) for o in self.graph.links(call, ANNOTATION_LEVEL)), "UnstatedLevel")


def _local(text: str) -> str:
    return text.rpartition("#")[2] if "://" in text else text
