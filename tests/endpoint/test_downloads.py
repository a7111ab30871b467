"""The files of a release: whole, in parts, with checksums, and nothing else of the disk."""

import base64
import gzip
import hashlib
import re

import pytest

from bioimg_kg.release import open_release


@pytest.fixture
def address(examples_service, example_release):
    release = open_release(example_release)
    accession = min(release.manifest["studies"])
    return f"{examples_service.url}/downloads/{release.name}/study/{accession}.nq.gz"


def test_a_file_comes_whole_with_type_and_checksum(examples_service, address):
    response = examples_service.client.get(address)
    assert response.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in response.headers
    digest = hashlib.sha256(response.content)
    assert response.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert response.headers["etag"] == f'"{digest.hexdigest()}"'
    assert gzip.decompress(response.content).endswith(b" .\n")
    head = examples_service.client.head(address)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(response.content)))
    again = examples_service.client.get(address, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_download_goes_on_where_it_was_cut_off(examples_service, address):
    client = examples_service.client
    whole = client.get(address)
    first = client.get(address, headers={"Range": "bytes=0-99"})
    assert (first.status_code, len(first.content)) == (206, 100)
    assert "Content-Range" in first.headers["access-control-expose-headers"]
    assert first.headers["content-range"] == f"bytes 0-99/{len(whole.content)}"
    rest = client.get(address, headers={"Range": "bytes=100-", "If-Range": whole.headers["etag"]})
    assert rest.status_code == 206
    assert first.content + rest.content == whole.content
    other = client.get(address, headers={"Range": "bytes=100-", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)
    assert client.get(address, headers={"Range": f"bytes={len(whole.content)}-"}).status_code == 416


def test_the_sums_and_the_page_list_every_file(examples_service, example_release):
    release = open_release(example_release)
    client, url = examples_service.client, examples_service.url
    there = {p.relative_to(release.quads).as_posix(): p.read_bytes() for p in release.quads.rglob("*.nq.gz")}
    for name in ("all.nq.gz", "tables/*", "kgx/*", "mappings/*", "ontology/*"):
        found = release.path.glob(name)
        there |= {path.relative_to(release.path).as_posix(): path.read_bytes() for path in found}
    sums = client.get(f"{url}/downloads/{release.name}/SHA256SUMS").text
    listed = dict(reversed(line.split("  ")) for line in sums.splitlines())
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in there.items()}
    page = client.get(f"{url}/downloads").text
    rows = re.findall(r'<tr><td><a href="(.*?)">(.*?)</a></td>\s*<td class="number">(.*?)</td>', page)
    assert {name: (link, size) for link, name, size in rows} == {
        name: (f"/downloads/{release.name}/{name}", f"{len(content):,}") for name, content in there.items()
    }
    for accession, study in release.manifest["studies"].items():
        row = page.partition(f">study/{accession}.nq.gz<")[2].partition("</tr>")[0]
        assert (f'href="{study["license"]}"' if study["license"] else "none stated") in row


@pytest.mark.parametrize(
    "path",
    [
        *("{name}/../manifest.json", "{name}/%2e%2e/manifest.json", "{name}/..%2fmanifest.json"),
        *("{name}/manifest.json", "{name}/study", "other/meta.nq.gz", "other/", "{name}/%2fetc%2fpasswd"),
        *("{name}/meta.nq.gz%00", "{name}/study%5cx.nq.gz"),
    ],
)
def test_nothing_else_is_served(examples_service, example_release, path):
    url = f"{examples_service.url}/downloads/{path.format(name=example_release.name)}"
    assert examples_service.client.get(url).status_code == 404


def test_a_new_release_takes_the_place_of_the_old_one_in_every_face(tmp_path, make_release, start_service):
    make_release(tmp_path / "data", "2026.1")
    with start_service(tmp_path / "data", workers=1) as service:
        client, url = service.client, service.url
        before = client.get(f"{url}/catalog")
        assert 'dcat:version "2026.1"' in before.text
        assert client.get(f"{url}/downloads/2026.1/SHA256SUMS").status_code == 200
        make_release(tmp_path / "data", "2026.2")
        service.wait_for("2026.2")
        after = client.get(f"{url}/catalog", headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert 'dcat:version "2026.2"' in after.text
        assert client.get(f"{url}/downloads/2026.2/SHA256SUMS").status_code == 200
        assert client.get(f"{url}/downloads/2026.1/SHA256SUMS").status_code == 200
        assert client.get(f"{url}/downloads/2026.3/SHA256SUMS").status_code == 404
