"""Quads of records (wells and images) and of the biosamples and treatments they share.

This is the hot path: nothing here is done once per row but joining texts.
"""

import re
from collections.abc import Sequence

import numpy as np

from bioimg_kg.etl.coded import Coded, Codes
from bioimg_kg.etl.graph.study import phenotype_iri
from bioimg_kg.etl.graph.treatments import TreatmentWriter
from bioimg_kg.etl.nquads import GraphFile, iri, literal
from bioimg_kg.etl.rows import Biosample, Block, Slot
from bioimg_kg.identifiers.iris import Minter, digest, encode
from bioimg_kg.vocab import (
    ANNOTATED_WITH,
    ANNOTATION_LEVEL,
    BIKG,
    BIOSAMPLE,
    BIOSAMPLE_OF,
    CHANNEL,
    CHANNEL_OF,
    CHANNEL_SET,
    CHANNEL_SET_OF,
    DERIVED_FROM,
    IMAGE,
    IMAGE_SET,
    IS_PART_OF,
    JOINED_ROW,
    LABEL,
    NO_HIT,
    OUTCOME,
    PLATE,
    TESTED_TREATMENT,
    TREATMENT_OF,
    TYPE,
    WELL,
)

_KINDS = {"well": ("plate", PLATE, "well", WELL), "image": ("dataset", IMAGE_SET, "image", IMAGE)}


def record_tokens(block: Block, component: str, minter: Minter) -> list[str]:
    """Return the token of each row's record; empty for a block of calls."""
    if block.kind == "call":
        return []
    container, _, kind, _ = _KINDS[block.kind]
    heads = [f"<{minter.within(component, container, v)}/{kind}/" for v in block.container.values]
    tails = [encode(v) + ">" for v in block.name.values]
    pairs = zip(block.container.codes.tolist(), block.name.codes.tolist(), strict=True)
    return [heads[c] + tails[n] for c, n in pairs]


def write_block(
    block: Block,
    records: Sequence[str],
    component: str,
    study: str,
    treatments: TreatmentWriter,
    out: GraphFile,
    minter: Minter,
) -> None:
    """Write the records of a block with everything they point to.

    Parameters
    ----------
    records
        Their tokens, from :func:`record_tokens`.
    component, study
        IRIs.
    treatments
        Writes each treatment of the study once and knows its IRI.
    """
    if block.kind == "call":
        # no record had these treatments, but the component tried them: the denominator of its calls
        for slot in block.treatments:
            first = dict(zip(*np.unique(slot.codes, return_index=True), strict=True))
            for code, treatment in enumerate(slot.values):
                me = treatments.iri(treatment)
                out.link(component, TESTED_TREATMENT, me)
                if code in first:
                    out.link(me, DERIVED_FROM, block.file.row(int(block.rows[first[code]])))
        return
    container, container_class, _, record_class = _KINDS[block.kind]
    containers = [minter.within(component, container, v) for v in block.container.values]
    for me, label in zip(containers, block.container.values, strict=True):
        out.link(me, TYPE, container_class)
        out.text(me, LABEL, label)
        out.link(me, IS_PART_OF, component)
    out.constant(records, TYPE, iri(record_class))
    _points(out, records, IS_PART_OF, block.container.codes, [iri(c) for c in containers])
    _points(out, records, LABEL, block.name.codes, [literal(v) for v in block.name.values])
    start = f"<{block.file.url}#row="
    out.column(records, DERIVED_FROM, [f"{start}{row}>" for row in block.rows.tolist()])
    if block.calls:
        start, rows = f"<{block.calls[0].url}#row=", block.calls[1].tolist()
        seen_in = [(record, f"{start}{row}>") for record, row in zip(records, rows, strict=True) if row >= 0]
        out.column([record for record, _ in seen_in], JOINED_ROW, [row for _, row in seen_in])
    biosamples = _biosamples(block.biosample, study, out, minter)
    _points(out, records, BIOSAMPLE_OF, block.biosample.codes, biosamples)
    for slot in block.treatments:
        _points(out, records, TREATMENT_OF, slot.codes, treatments.tokens(slot.values))
    for seen in block.phenotypes:
        tokens = [iri(phenotype_iri(p, component, minter)) for p in seen.values]
        _points(out, records, ANNOTATED_WITH, seen.codes, tokens)
    levels = [iri(BIKG + name) for name in block.stated_level.values]
    _points(out, records, ANNOTATION_LEVEL, block.stated_level.codes, levels)
    for predicate, column in block.literals:
        _points(out, records, predicate, column.codes, [literal(v) for v in column.values])
    rows = np.flatnonzero(block.no_hit).tolist()
    out.constant((records[row] for row in rows), OUTCOME, iri(NO_HIT))
    _points(
        out, records, CHANNEL_SET_OF, block.channels.codes, _channels(block.channels, component, out, minter)
    )


def _points(
    out: GraphFile, records: Sequence[str], predicate: str, codes: Codes, tokens: Sequence[str]
) -> None:
    """Add one quad for each row whose cell is not blank."""
    if not tokens:
        return
    rows = np.flatnonzero(codes >= 0)
    if len(rows) == len(records):
        out.column(records, predicate, [tokens[c] for c in codes.tolist()])
    else:
        out.column([records[r] for r in rows.tolist()], predicate, [tokens[c] for c in codes[rows].tolist()])


def _biosamples(slot: Slot[Biosample], study: str, out: GraphFile, minter: Minter) -> list[str]:
    tokens = []
    for biosample in slot.values:
        facts = [f"{p}={v}" for p, v in (*biosample.terms, *biosample.texts)]
        me = minter.within(study, "biosample", digest(facts))
        out.link(me, TYPE, BIOSAMPLE)
        for predicate, term in biosample.terms:
            out.link(me, predicate, term)
        for predicate, text in biosample.texts:
            out.text(me, predicate, text)
        tokens.append(iri(me))
    return tokens


def _channels(column: Coded, component: str, out: GraphFile, minter: Minter) -> list[str]:
    """Write each distinct channel description, whole and taken apart as far as it is plain."""
    tokens = []
    for text in column.values:
        me = minter.within(component, "channels", digest([text]))
        out.link(me, TYPE, CHANNEL_SET)
        out.text(me, LABEL, text)
        for name in split_channels(text):
            channel = minter.within(component, "channel", name)
            out.link(me, CHANNEL_OF, channel)
            out.link(channel, TYPE, CHANNEL)
            out.text(channel, LABEL, name)
        tokens.append(iri(me))
    return tokens


def split_channels(text: str) -> list[str]:
    """Take a channel description apart: at semicolons, else at commas outside brackets.

    Examples
    --------
    >>> split_channels("GFP:tubulin; DAPI:DNA"), split_channels("Ch1 (blue): Nuclei, Ch2 (green, dim): ACTB")
    (['GFP:tubulin', 'DAPI:DNA'], ['Ch1 (blue): Nuclei', 'Ch2 (green, dim): ACTB'])
    """
    parts = text.split(";") if ";" in text else re.split(r",(?![^(]*\))", text)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
