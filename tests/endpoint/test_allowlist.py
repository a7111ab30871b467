"""Which endpoints are on the list, and which addresses are asked."""

import pytest

from bioimg_kg.endpoint.federation.allowlist import AllowList, may_connect, read_endpoint
from bioimg_kg.errors import ConfigError, QueryRefused


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "169.254.1.1"),
        *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "0.1.2.3"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "192.88.99.1"),
        *("::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "fe80::1%eth0", "fc00::1"),
        *("fd00:ec2::254", "ff02::1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:0:7f00:1::"),
        *("2001:db8::1", "fec0::1", "100::1", "5f00::1", "3fff::1", "nonsense", ""),
    ],
)
def test_addresses_that_are_not_public(address):
    assert not may_connect(address, private=False)


def test_public_and_private_addresses():
    assert all(
        may_connect(a, private=False)
        for a in ("8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808")
    )
    assert all(
        may_connect(a, private=True) for a in ("127.0.0.1", "::1", "10.0.0.1", "fd12::1", "100.64.1.1")
    )
    never = (
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "0.0.0.0",
        "224.0.0.1",
        "fe80::1",
        "::ffff:169.254.0.1",
    )
    assert not any(may_connect(address, private=True) for address in never)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443/sparql", "https://example.org/sparql"),
        ("http://example.org:8080/a?b=c&d", "http://example.org:8080/a?b=c&d"),
        ("http://bücher.example/é", "http://xn--bcher-kva.example/%C3%A9"),
        ("http://[2606:4700::1]:81/", "http://[2606:4700::1]:81/"),
    ],
)
def test_normal_form(url, normal):
    assert read_endpoint(url).iri == normal


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://example.org/",
            "file:///etc/passwd",
            "example.org",
            "http://",
            "http:///x",
            "//example.org/",
        ),
        *(
            "http://user@example.org/",
            "http://user:pw@example.org/",
            "http://example.org/#x",
            "http://example.org:0x50/",
        ),
        *(
            "http://example.org:99999/",
            "http://a b/",
            "http://example.org\\@evil.org/",
            "http://x\r\nHost: y/",
            "http://[::1/",
        ),
    ],
)
def test_what_is_no_address_of_an_endpoint(url):
    with pytest.raises(ConfigError, match="cannot be federated with"):
        AllowList([url])


def test_only_the_whole_iri_is_on_the_list():
    allowed = AllowList(["https://sparql.example.org/sparql"])
    assert allowed.find("HTTPS://sparql.EXAMPLE.org:443/sparql").host == "sparql.example.org"
    for near in (
        *(
            "https://sparql.example.org/",
            "https://sparql.example.org/sparql/",
            "https://sparql.example.org/sparql?x",
        ),
        *("http://sparql.example.org/sparql", "https://sparql.example.org.evil.org/sparql"),
        *("https://sparql.example.org:8443/sparql", "https://u@sparql.example.org/sparql"),
        *("https://sparql.example.org/sparql#", "https://sparql.example.org/./sparql", "urn:x", ""),
    ):
        with pytest.raises(QueryRefused, match="this service asks no other endpoints than <https://sparql"):
            allowed.find(near)
