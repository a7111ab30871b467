"""Links to the Image Data Resource lead to the matching page when their host is replaced."""

import pytest

SGO1 = "/gene/ENSEMBL:ENSG00000129810"


def follow(service, address):
    first = service.client.get(service.url + address, headers={"Accept": "text/html"})
    assert first.status_code == 302, first.text
    return first.headers["location"]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/mapr/phenotype/?value=elongated+cell+phenotype", "/phenotype/CMPO:0000077"),
        ("/mapr/phenotype/?value=CMPO_0000077", "/phenotype/CMPO:0000077"),
        ("/search/?key=Gene+Identifier&value=ENSG00000129810&operator=equals", SGO1),
        ("/webclient/?show=gene-ENSG00000129810", SGO1),
        ("/mapr/gene/?value=ENSG00000129810", SGO1),
        ("/mapr/gene?value=ENSG00000129810", SGO1),
        ("/study/idr9004/", "/study/idr9004"),
        ("/study/idr9004-neumann-example/", "/study/idr9004"),
        ("/study/idr9004-neumann-example/screenA/", "/id/study/idr9004/screenA"),
        ("/mapr/gene/?value=SGO&query=true", "/search?q=SGO&type=gene"),
        ("/search/?key=Gene+Symbol&value=SGO&operator=contains", "/search?q=SGO&type=gene"),
        ("/mapr/organism/", "/search?type=organism"),
        ("/search/?key=Any&value=no+such+thing", "/search?q=no+such+thing"),
        ("/search/?value=%22%27%3B--%00*", "/search?q=%22%27%3B--%00%2A"),
    ],
)
def test_an_old_link_leads_to_the_page_of_today(examples_service, address, page):
    assert follow(examples_service, address) == page
    there = examples_service.client.get(examples_service.url + page, headers={"Accept": "text/html"})
    assert there.status_code in (200, 303, 400)


def test_a_symbol_of_genes_in_several_organisms_leads_to_the_choice(examples_service):
    assert follow(examples_service, "/mapr/gene/?value=sgo1") == "/search?q=sgo1&type=gene"


@pytest.mark.parametrize(
    "address",
    ["/mapr/nonsense/?value=x", "/webclient/?show=well-1000585", "/webclient/", "/study/x/"],
)
def test_what_has_no_page_here_is_explained(examples_service, address):
    answer = examples_service.client.get(examples_service.url + address)
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith(("/search.", "/catalog."))
