"""A study text becomes a study: people, papers, terms, phenotypes, and the account of every cell."""

import pytest

from bioimg_kg.errors import Severity
from bioimg_kg.etl.idr.study import property_iris, read_study
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Protocol, Term
from bioimg_kg.etl.rows import SourceFile

FILE = SourceFile(path="idr9999-study.txt", url="https://example.org/s", sha256="")
CMPO = "http://www.ebi.ac.uk/cmpo/CMPO_"
OBO = "http://purl.obolibrary.org/obo/"
HEAD = "Study Title\tA\nStudy License\tCC BY 4.0\nStudy License URL\thttps://creativecommons.org/licenses/by/4.0/\n"


def read(text):
    return read_study("idr9999-doe-cells", FILE, text.encode(), Ledger("idr9999"))


def own(text):
    return read(HEAD + text).study


def screen(text):
    head = "Screen Number\t1\nComment[IDR Screen Name]\tidr9999-doe-cells/screenA\n"
    source = read(HEAD + head + text)
    return source.study.components[0], source.study


def issues(study):
    return [(i.code, i.cells) for i in study.ledger.issues]


def account(study, key, component=""):
    (count,) = [c for c in study.ledger.columns() if (c.column, c.component) == (key, component)]
    return count.cells, count.mapped, count.issues, count.unmapped


def test_plain_fields():
    study = own(
        "Comment[IDR Study Accession]\tidr9999\nStudy Description\tB\tgoes on\nStudy Key Words\ta\tb\ta\n"
        "Study Copyright\tDoe\nStudy Data Publisher\tP\nStudy Public Release Date\t2020-01-31\n"
        "Study Data DOI\thttps://doi.org/10.17867/10000151A\n"
    )
    assert (study.accession, study.archive, study.title, study.description) == (
        "idr9999",
        "idr",
        "A",
        "B goes on",
    )
    assert (study.keywords, study.copyright, study.publisher) == (("a", "b"), "Doe", "P")
    assert (study.released, study.data_doi) == ("2020-01-31", "https://doi.org/10.17867/10000151a")
    assert issues(study) == []
    assert account(study, "Study Key Words") == (3, 3, 0, 0)


@pytest.mark.parametrize("date", ["31.01.2020", "2020-13-01", "2020", "20200131"])
def test_a_date_that_is_none(date):
    study = own(f"Study Public Release Date\t{date}\n")
    assert (study.released, issues(study)) == ("", [("date-malformed", 1)])


def test_the_accession_of_the_folder_counts():
    study = own("Comment[IDR Study Accession]\tidr0001\n")
    assert (study.accession, issues(study)) == ("idr9999", [("accession-mismatch", 1)])


@pytest.mark.parametrize(
    ("text", "iri", "code"),
    [
        ("Study License\tCC BY 4.0\n", "https://creativecommons.org/licenses/by/4.0/", []),
        (
            "Study License URL\thttp://creativecommons.org/licenses/by-nc-sa/3.0/\n",
            "https://creativecommons.org/licenses/by-nc-sa/3.0/",
            [],
        ),
        (
            "Study License\tCC BY 4.0\nStudy License URL\thttps://example.org/mine\n",
            "https://creativecommons.org/licenses/by/4.0/",
            [("licence-unknown", 1)],
        ),
        ("Study License\tMine\n", "", [("licence-unknown", 0)]),
        ("Study License URL\thttps://example.org/mine\n", "", [("licence-unknown", 1)]),
        ("", "", [("licence-missing", 0)]),
    ],
)
def test_licence(text, iri, code):
    study = read("Study Title\tA\n" + text).study
    assert (study.license, issues(study)) == (iri, code)


def test_links():
    study = own(
        "Study External URL\twww.example.org\thttps://example.org/a\tsee the paper\n"
        "Study BioImage Archive Accession\tS-BIAD500\nStudy EMPIAR Accession\tEMPIAR-10404\n"
        "Study Publication Preprint\thttps://doi.org/10.1101/233114\n"
    )
    assert study.links == (
        "http://www.example.org",
        "https://example.org/a",
        "https://doi.org/10.1101/233114",
        "https://www.ebi.ac.uk/biostudies/studies/S-BIAD500",
        "https://identifiers.org/empiar:EMPIAR-10404",
    )
    assert issues(study) == [("link-malformed", 1)]


def test_publications_are_aligned_by_column():
    study = own(
        "Study Publication Title\tA\tB\tC\nStudy Author List\tDoe J\tRoe R\tPoe E\n"
        "Study PubMed ID\t1\t\tx\nStudy PMC ID\tNA\tPMC2\nStudy DOI\t\t10.1101/2\n"
    )
    first, second, third = study.publications
    assert (first.title, first.pubmed, first.pmc, first.doi) == (
        "A",
        "https://pubmed.ncbi.nlm.nih.gov/1/",
        "",
        "",
    )
    assert (second.authors, second.pubmed, second.doi) == ("Roe R", "", "https://doi.org/10.1101/2")
    assert (third.title, third.pubmed) == ("C", "")
    assert issues(study) == [("pubmed-malformed", 1)]


def test_people_without_their_addresses():
    study = own(
        "Study Person Last Name\tDoe\tRoe\nStudy Person First Name\tJ\tR\n"
        "Study Person Email\tj@example.org\tr@example.org\nStudy Person Address\tHigh Street 1\n12345 Town\n"
        "Study Person ORCID\t\thttps://orcid.org/0000-0002-1825-0097\nStudy Person Roles\tsubmitter\n"
    )
    assert [(p.name, p.orcid, p.roles) for p in study.people] == [
        ("J Doe", "", "submitter"),
        ("R Roe", "https://orcid.org/0000-0002-1825-0097", ""),
    ]
    assert "example.org/r" not in repr(study)
    assert "@" not in repr(study.people) + repr(study.ledger)
    assert "Town" not in repr(study)
    assert account(study, "Study Person Address") == (2, 0, 0, 2)


def test_all_roles_of_the_only_person():
    (person,) = own("Study Person Last Name\tDoe\nStudy Person Roles\tsubmitter\tauthor\n").people
    assert (person.name, person.roles) == ("Doe", "submitter, author")


def test_an_orcid_with_a_name_belongs_to_that_person():
    study = own(
        "Study Person Last Name\tDoe\tRoe\tPoe\nStudy Person First Name\tJ\tR\tE\n"
        "Study Person ORCID\t0000-0002-1825-0097 (J)\t0000-0002-1694-233X (E Poe)\n"
    )
    assert [bool(p.orcid) for p in study.people] == [True, False, True]
    assert [(i.code, i.severity) for i in study.ledger.issues] == [("person-list-misaligned", Severity.INFO)]


def test_lists_of_persons_that_do_not_fit():
    study = own(
        "Study Person Last Name\tDoe\tRoe\nStudy Person Roles\ta\tb\tc\n"
        "Study Person ORCID\tNA\tnone yet\t0000-0002-1825-0097\n"
    )
    assert [p.orcid for p in study.people] == ["", ""]
    assert sorted(issues(study)) == [
        ("orcid-malformed", 1),
        ("person-list-misaligned", 1),
        ("person-list-misaligned", 1),
    ]


def test_an_address_inside_a_text_is_replaced():
    study = own("Study Description\tAsk jo.doe@example.org for it\n")
    assert study.description == "Ask [e-mail address removed] for it"
    assert issues(study) == [("private-removed", 0)]
    assert "jo.doe" not in repr(study)


def test_an_address_where_an_accession_should_be_is_not_in_the_issue():
    study = own("Study Type\ta\nStudy Type Term Accession\tjo.doe@example.org\n")
    assert issues(study) == [("term-unresolved", 1)]
    assert "jo.doe" not in repr(study)


# -- terms


def test_forms_of_accessions():
    study = own(
        "Study Organism\tHomo sapiens\tMus musculus\tmoss\tmixed\tlost\n"
        "Study Organism Term Source REF\tNCBITaxon\t\tGBIF\n"
        "Study Organism Term Accession\t9606\t10090\t5286350\tNA\tXYZ_1\n"
    )
    assert study.organisms == (
        Term("Homo sapiens", OBO + "NCBITaxon_9606"),
        Term("Mus musculus", OBO + "NCBITaxon_10090"),
        Term("moss", "https://www.gbif.org/species/5286350"),
        Term("mixed"),
        Term("lost"),
    )
    assert study.names.terms[OBO + "NCBITaxon_9606"] == {"Homo sapiens": 1}
    assert issues(study) == [("term-repaired", 0)] * 3 + [("term-unresolved", 1)]
    assert "write NCBITaxon_9606" in study.ledger.issues[0].message
    assert account(study, "Study Organism Term Accession") == (5, 3, 1, 1)


def test_a_source_of_the_first_column_is_only_for_bare_numbers():
    study = own(
        "Study Type\ta\tb\nStudy Type Term Source REF\tEFO\t\n"
        "Study Type Term Accession\tEFO_0007550\tGO:0008104\n"
    )
    assert [term.iri for term in study.types] == ["http://www.ebi.ac.uk/efo/EFO_0007550", OBO + "GO_0008104"]


def test_holes_between_terms_and_terms_without_words():
    component, study = screen(
        "Screen Imaging Method\tfluorescence microscopy\tSPIM\t\n"
        "Screen Imaging Method Term Accession\tFbbi_00000246\t\tDCM_113090\n"
    )
    labels = [(term.label, term.iri and term.iri.rpartition("/")[2]) for term in component.imaging_methods]
    assert labels == [("fluorescence microscopy", "FBbi_00000246"), ("SPIM", None), ("", "113090")]
    assert list(study.names.terms) == [OBO + "FBbi_00000246"]


def test_an_accession_in_the_column_of_the_source():
    component, _ = screen("Library Type\tsiRNA library\nLibrary Type Term Source REF\tEFO_0007564\n")
    assert component.library_types == (Term("siRNA library", "http://www.ebi.ac.uk/efo/EFO_0007564"),)


def test_none_is_no_term():
    component, study = screen("Library Type\tnone\n")
    assert (component.library_types, account(study, "Library Type", "screenA")) == ((), (1, 0, 0, 1))


# -- components


def test_components_are_counted_whatever_the_study_says():
    study = own(
        "Study Screens Number\t1\nScreen Number\t1\nComment[IDR Screen Name]\ts/screenA\n"
        "Screen Number\t2\nComment[IDR Screen Name]\ts/screenB\n"
        "Experiment Number\t1\nComment[IDR Experiment Name]\ts/experimentC\n"
    )
    assert [(c.name, c.kind, c.title) for c in study.components] == [
        ("screenA", "screen", "s/screenA"),
        ("screenB", "screen", "s/screenB"),
        ("experimentC", "experiment", "s/experimentC"),
    ]
    assert issues(study) == [("screens-number-wrong", 1)]


def test_components_without_a_name_of_their_own():
    study = own("Screen Number\t1\nScreen Number\t2\nComment[IDR Screen Name]\ts/screen A\n")
    assert [c.name for c in study.components] == ["screen1", "screen2"]
    assert [c for c, _ in issues(study)] == ["component-name-malformed"] * 2


def test_facts_of_a_component():
    component, study = screen(
        "Screen Description\tD\nScreen Sample Type\tcell\nScreen Data DOI\t10.17867/1a\n"
        "Screen Size\tPlates: 2\t5D Images:\t# fill in\nLibrary Version\tnone\nScreenComments\thello\n"
        "Library File Name\tx.txt\nScreen Type\tprimary screen\nScreen Technology Type\tRNAi screen\n"
        "Screen Technology Term Accession\tEFO_0007551\n"
    )
    assert (component.description, component.sample_type) == ("D", "cell")
    assert component.data_doi == "https://doi.org/10.17867/1a"
    assert [(iri.partition("#")[2], text) for iri, text in component.facts] == [
        ("reportedSize", "Plates: 2"),
        ("comments", "hello"),
    ]
    assert {iri for iri, _ in component.facts} <= set(property_iris())
    assert [term.label for term in component.types] == ["primary screen", "RNAi screen"]
    assert account(study, "Screen Size", "screenA") == (3, 1, 1, 1)
    assert account(study, "Library File Name", "screenA") == (1, 0, 0, 1)


def test_protocols_by_column_and_by_block():
    component, _ = screen(
        "Protocol Name\tgrowth protocol\t\t\nProtocol Type\tgrowth protocol\tanalysis\n"
        "Protocol Type Term Source REF\tEFO\nProtocol Type Term Accession\tEFO_0003789\n"
        "Protocol Description\tgrown\t# text here\n\tand more\n"
        "Protocol Name\timaging\nProtocol Description\tseen\n"
    )
    growth = Term("growth protocol", "http://www.ebi.ac.uk/efo/EFO_0003789")
    assert component.protocols == (
        Protocol(name="growth protocol", type=growth, description="grown"),
        Protocol(name="analysis", type=Term("analysis"), description="and more"),
        Protocol(name="imaging", type=Term(""), description="seen"),
    )


def test_a_protocol_whose_text_stands_in_the_name():
    component, _ = screen("Protocol Name:\ngrowth protocol: first\nand then\n")
    (protocol,) = component.protocols
    assert (protocol.name, protocol.description) == ("growth protocol", "growth protocol: first\nand then")


# -- phenotypes


def test_phenotypes_by_column_with_holes_and_a_second_term():
    component, study = screen(
        "Phenotype Name\tround\t\tbright\nPhenotype Term Name\tround cell phenotype\n"
        "Phenotype Description\tr\nPhenotype Score Type\tmanual\n"
        "Phenotype Term Source REF\tCMPO\t\tCMPO\nPhenotype Term Accession\tCMPO_0000118\t\tCMPO_0000154\n"
        "Phenotype Term Source REF\tCMPO\nPhenotype Term Name\nPhenotype Term Accession\tCMPO_0000305\n"
    )
    first, second = component.phenotypes
    assert (first.key, first.label, first.description, first.score_type) == ("1", "round", "r", "manual")
    assert first.terms == (CMPO + "0000118", CMPO + "0000305")
    assert (second.key, second.label, second.terms, second.declared) == (
        "3",
        "bright",
        (CMPO + "0000154",),
        True,
    )
    assert study.names.terms == {CMPO + "0000118": {"round cell phenotype": 1}}


@pytest.mark.parametrize(
    ("accession", "source", "iri"),
    [
        ("208", "CMPO", CMPO + "0000208"),
        ("http://www.ebi.ac.uk/cmpo/CMPO_0000161", "", CMPO + "0000161"),
        ("http://purl.obolibrary.org/obo/EMAP_106", "OBO", OBO + "EMAP_106"),
        ("CMPO_0005634", "CMPO", OBO + "GO_0005634"),
        ("GO:0006351", "CMPO", OBO + "GO_0006351"),
    ],
)
def test_accessions_of_phenotypes(accession, source, iri):
    component, _ = screen(
        f"Phenotype Name\tx\nPhenotype Term Source REF\t{source}\nPhenotype Term Accession\t{accession}\n"
    )
    assert component.phenotypes[0].terms == (iri,)


@pytest.mark.parametrize("accession", ["NA", "# leave blank", ""])
def test_no_accession(accession):
    component, study = screen(f"Phenotype Name\tx\nPhenotype Term Accession\t{accession}\n")
    assert component.phenotypes[0].terms == ()
    assert "term-unresolved" not in dict(issues(study))


def test_a_hint_is_no_phenotype():
    component, _ = screen("Phenotype Name\t# if any\nPhenotype Term Source REF\tCMPO\n")
    assert component.phenotypes == []


def test_a_term_without_a_phenotype_and_a_term_without_accession():
    component, study = screen(
        "Phenotype Name\t\tx\nPhenotype Term Name\ta\tb\nPhenotype Term Accession\tGO_0006351\n"
    )
    assert [p.label for p in component.phenotypes] == ["x"]
    assert issues(study) == [("phenotype-without-name", 1)] * 2 + [("term-unresolved", 1)]


# -- the account


def test_every_cell_is_accounted_for():
    source = read(
        HEAD + "Screen Number\t1\nComment[IDR Screen Name]\ts/screenA\nScreen Funding\tx\nfree text\ty\n"
    )
    assert account(source.study, "Screen Funding", "screenA") == (3, 0, 3, 0)
    assert account(source.study, "Study Title") == (1, 1, 0, 0)
    assert source.sections["screenA"].value("Screen Funding") == "x\nfree text"


def test_text_without_a_key_is_accounted_for():
    study = read("stray\nStudy Title\tA\nStudy License\tCC0\n").study
    assert account(study, "(text before the first key)") == (1, 0, 1, 0)
