"""Writes the graph of one study."""

from collections.abc import Iterable
from pathlib import Path

from bioimg_kg.etl.graph.associations import write_associations
from bioimg_kg.etl.graph.columns import write_columns
from bioimg_kg.etl.graph.images import write_images
from bioimg_kg.etl.graph.mappings import phenotype_words
from bioimg_kg.etl.graph.records import record_tokens, write_block
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.graph.study import write_study
from bioimg_kg.etl.graph.treatments import TreatmentWriter
from bioimg_kg.etl.model import Study
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.omezarr.copies import ImageCopy
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter


def write_study_graph(
    study: Study, quads: Path, minter: Minter, copies: Iterable[ImageCopy] = ()
) -> tuple[GraphCounts, Shared]:
    """Write everything that a study says into ``study/<accession>.nq.gz``.

    Parameters
    ----------
    study
        The study.
    quads
        Folder of the release's N-Quads files.
    minter
        Makes our own IRIs.
    copies
        OME-Zarr copies of its images.

    Returns
    -------
    GraphCounts
        What is in the graph.
    Shared
        What belongs into the reference graphs.
    """
    shared = Shared(names=study.names, phenotypes=phenotype_words(study, minter))
    me = minter.study(study.accession)
    with GraphFile(
        quads / "study" / f"{study.accession}.nq.gz", minter.graph("study", study.accession)
    ) as out:
        treatments = TreatmentWriter(me, out, shared, minter)
        write_study(study, out, shared, minter)
        for component in study.components:
            iri = minter.component(study.accession, component.name)
            records = [record_tokens(block, iri, minter) for block in component.blocks]
            for block, tokens in zip(component.blocks, records, strict=True):
                write_block(block, tokens, iri, me, treatments, out, minter)
            write_associations(component, records, study, treatments, out, minter)
        write_images(study, copies, out, shared, minter)
        urls = {file.path: file.url for file in study.files}
        write_columns(study.accession, study.ledger.columns(), urls, out, minter)
    return out.counts, shared
