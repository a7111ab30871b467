"""Accessions, identifiers and documents, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers import documents
from bioimg_kg.identifiers.compounds import resolve_cid, resolve_inchikey
from bioimg_kg.identifiers.genes import identify, namespaces, resolve_gene
from bioimg_kg.identifiers.iris import Minter, digest, encode, is_iri
from bioimg_kg.identifiers.prefixes import compact, converter, expand, records
from bioimg_kg.identifiers.terms import corrections, is_null, resolve_term

OBO = "http://purl.obolibrary.org/obo/"
EFO = "http://www.ebi.ac.uk/efo/"
CMPO = "http://www.ebi.ac.uk/cmpo/"


@pytest.mark.parametrize(
    ("accession", "source", "iri"),
    [
        ("CMPO_0000077", "", CMPO + "CMPO_0000077"),
        ("CMPO:0000077", "", CMPO + "CMPO_0000077"),
        ("http://www.ebi.ac.uk/cmpo/CMPO_0000161", "", CMPO + "CMPO_0000161"),
        ("208", "CMPO", CMPO + "CMPO_0000208"),
        ("GO:0008104", "", OBO + "GO_0008104"),
        ("Fbbi_00000246", "Fbbi", OBO + "FBbi_00000246"),
        ("FBbi:00000251", "", OBO + "FBbi_00000251"),
        ("00000222", "FBbi", OBO + "FBbi_00000222"),
        ("EFO:0001185", "", EFO + "EFO_0001185"),
        ("NCBITaxon 7955", "", OBO + "NCBITaxon_7955"),
        ("NCBI_264775", "NCBI Taxon", OBO + "NCBITaxon_264775"),
        ("9606", "NCBI Taxon", OBO + "NCBITaxon_9606"),
        ("data:0940", "", "http://edamontology.org/data_0940"),
        ("Orphanet_110", "", "http://www.orpha.net/ORDO/Orphanet_110"),
        ("CMPO_0005634", "CMPO", OBO + "GO_0005634"),
        (" CMPO_0000077 ", "EFO", CMPO + "CMPO_0000077"),
    ],
)
def test_accessions(accession, source, iri):
    assert resolve_term(accession, source).iri == iri
    assert resolve_term(accession, source).problem == ""


@pytest.mark.parametrize(
    "text", ["", " ", "NA", "n/a", "#N/A", "NaN", "null", "not available", "# leave blank"]
)
def test_nothing(text):
    assert is_null(text)
    found = resolve_term(text)
    assert (found.iri, found.problem) == (None, "")


@pytest.mark.parametrize("text", ["none", "unknown", "empty", "no", "0", "nana"])
def test_words_that_are_values(text):
    assert not is_null(text)


@pytest.mark.parametrize(
    ("accession", "source"),
    [
        ("ScreenComments", ""),
        ("EFO_0001275;EFO_0001270", ""),
        ("9606", ""),
        ("9606", "EFO or so"),
        ("XYZ_1", ""),
        ("CMPO_77x", ""),
        ("http://www.ebi.ac.uk/ols/ontologies/fbbi", ""),
        ("_", ""),
        (":", ""),
    ],
)
def test_what_is_no_accession(accession, source):
    found = resolve_term(accession, source)
    assert found.iri is None
    assert found.problem


@given(st.text(), st.text())
def test_any_text_is_resolved_or_refused_with_a_reason(accession, source):
    found = resolve_term(accession, source)
    assert found.iri is None or is_iri(found.iri)
    assert (found.iri is None) == bool(found.problem) or is_null(accession)


@given(st.text())
def test_any_text_is_a_compound_or_refused_with_a_reason(text):
    for found in (resolve_cid(text), resolve_inchikey(text)):
        assert found.iri is None or is_iri(found.iri)
        assert (found.iri is None) == bool(found.problem) or is_null(text)


@given(st.text(), st.sampled_from(sorted(namespaces())))
def test_any_text_is_a_gene_or_refused_with_a_reason(text, name):
    found = resolve_gene(text, namespaces()[name])
    assert found.iri is None or is_iri(found.iri)
    assert (found.iri is None) == bool(found.problem) or is_null(text)


def test_every_record_of_a_prefix_holds_its_own_example():
    for record in {id(r): r for r in records().values()}.values():
        curie = f"{record['prefix']}:{record['example']}"
        assert compact(expand(curie)) == curie
        assert is_iri(expand(curie))


def test_every_namespace_of_genes_holds_its_own_example():
    import json

    from bioimg_kg.resources import data_path

    for record in json.loads(data_path("mappings/genes.json").read_text(encoding="utf-8")):
        namespace = namespaces()[record["namespace"]]
        found = resolve_gene(record["example"], namespace)
        assert found.repair == ""
        known = identify(found.iri)
        assert known is not None
        assert resolve_gene(known[1], known[0]).iri == found.iri
        templates = (namespace.url, *namespace.exact_match, *namespace.see_also)
        assert all(is_iri(t.format(id=known[1], base="https://x.org/")) for t in templates if t)


@pytest.mark.parametrize(
    ("namespace", "value", "tail"),
    [
        ("ensembl", "ENSG00000129810.14", "ENSG00000129810"),
        ("ensembl", "ENSMUSG00000000805", "ENSMUSG00000000805"),
        ("ensembl", "MGP_129S1SvImJ_G0007554", "MGP_129S1SvImJ_G0007554"),
        ("sgd", "yar043c-a", "YAR043C-A"),
        ("refseq", "NM_006738.5", "refseq:NM_006738"),
        ("insdc", "AJ309216.1", "insdc:AJ309216"),
        ("tair", "At1g22260", "AT1G22260"),
        ("ensembl", "ENSDART00000171638", "ENSDART00000171638"),
    ],
)
def test_forms_of_gene_identifiers(namespace, value, tail):
    assert resolve_gene(value, namespaces()[namespace]).iri.rpartition("/")[2] == tail


@pytest.mark.parametrize("value", ["SGOL1", "0", "12a", "-5", "1.5", "LOC123"])
def test_what_is_no_number_is_no_ncbi_gene(value):
    assert resolve_gene(value, namespaces()["ncbigene"]).iri is None


def test_corrections_lead_to_terms():
    assert corrections()[CMPO + "CMPO_0005634"] == OBO + "GO_0005634"
    assert all(is_iri(iri) for pair in corrections().items() for iri in pair)


@pytest.mark.parametrize("curie", ["nothing", "nope:1", "CMPO:77", ":x", ""])
def test_a_curie_that_cannot_be_expanded(curie):
    with pytest.raises(ConfigError):
        expand(curie)


def test_prefixes_and_vocabularies_are_one_table():
    assert expand("skos:Concept") == "http://www.w3.org/2004/02/skos/core#Concept"
    assert expand("cmpo:0000077") == CMPO + "CMPO_0000077"
    assert len(converter().records) > len({id(r) for r in records().values()})


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("https://doi.org/10.17867/10000151A", "https://doi.org/10.17867/10000151a"),
        ("http://dx.doi.org/10.1038/msb.2010.25", "https://doi.org/10.1038/msb.2010.25"),
        ("10.1083/jcb.200812034", "https://doi.org/10.1083/jcb.200812034"),
        ("doi:10.1000/a(b)c;d:e<f>", "https://doi.org/10.1000/a(b)c;d:e%3Cf%3E"),
        ("no DOI", ""),
        ("", ""),
    ],
)
def test_dois(text, iri):
    assert documents.doi(text) == iri


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233X"),
        ("https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
        ("0000-0002-1825-0097 (Jo)", "https://orcid.org/0000-0002-1825-0097"),
        ("NA", ""),
        ("0000-0002-1825", ""),
    ],
)
def test_orcids(text, iri):
    assert documents.orcid(text) == iri


@given(st.text())
def test_any_text_becomes_an_iri_or_nothing(text):
    found = (
        documents.doi,
        documents.pubmed,
        documents.pmc,
        documents.orcid,
        documents.accession_link,
        documents.web_page,
    )
    for function in found:
        assert function(text) == "" or is_iri(function(text))
    assert documents.licence(text, text) == "" or is_iri(documents.licence(text, text))


@pytest.mark.parametrize("digits", ["\u0661\u0662", "\u00b2", "1 2", "-1", "1.0"])
def test_digits_of_other_scripts_are_no_identifiers(digits):
    assert documents.pubmed(digits) == ""
    assert documents.pmc(digits) == ""
    assert resolve_term(digits, "NCBITaxon").iri is None
    assert resolve_cid(digits).iri is None or digits == "1.0"


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x1f")), max_size=4),
    st.lists(st.text(), max_size=4),
)
def test_digests_tell_lists_apart(one, two):
    assert (digest(one) == digest(two)) == ("\x1f".join(one) == "\x1f".join(two))
    assert len(digest(one)) == 16


@given(st.text(max_size=5), st.text(max_size=5))
def test_minted_names_are_valid_and_distinct(one, two):
    minter = Minter("https://example.org/")
    assert is_iri(minter.within(minter.study("idr0001"), one, two))
    assert (minter.gene("n", one) == minter.gene("n", two)) == (one == two)
    assert encode(one + two) == encode(one) + encode(two)
