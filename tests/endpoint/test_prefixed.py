"""The prefixes of a Turtle document are put in order, however the document is cut into pieces."""

from io import BytesIO

import pytest

from bioimg_kg.endpoint.http.prefixed import PrefixSorter

HEAD = ["@prefix b: <http://b/> .\n", "@prefix a: <http://a/> .\n", "@prefix : <http://c/> .\n"]


@pytest.mark.parametrize("step", [1, 2, 7, 24, 25, 26, 1000])
@pytest.mark.parametrize(
    "body", ["", "a:s a:p a:o .\n", "@base <http://x/> .\n", "\n", "@pref", "<g> {\n\t<s> <p> 1 .\n}\n"]
)
@pytest.mark.parametrize("head", [HEAD, HEAD[:1], []])
def test_every_cut_gives_the_same(step, body, head):
    text = ("".join(head) + body).encode()
    output = BytesIO()
    sorter = PrefixSorter(output)
    assert sum(sorter.write(text[start : start + step]) for start in range(0, len(text), step)) == len(text)
    sorter.flush()
    assert output.getvalue().decode() == "".join(sorted(head)) + body
