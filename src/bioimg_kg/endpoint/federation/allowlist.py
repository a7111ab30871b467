"""Which other endpoints may be asked, and at which addresses.

An endpoint is on the list or it is not: its IRI is compared as a whole, never by prefix. What is requested
is the URL of the list, not the IRI of the query. A name on the list may still lead to this machine or its
network, so the addresses that it resolves to are looked at as well.

Sources: RFC 3986 section 6.2 (normalisation), the special-purpose address registries of RFC 6890
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import quote, urlsplit

from bioimg_kg.errors import ConfigError, QueryRefused

_PORTS: Final = {"http": 80, "https": 443}
_METADATA: Final = frozenset(
    ip_address(text) for text in ("168.63.129.16", "169.254.169.254", "100.100.100.200", "fd00:ec2::254")
)
"""Where clouds tell their machines secrets: never an endpoint, whatever is allowed."""
_PRIVATE: Final = tuple(
    map(
        ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
            *("::1/128", "fc00::/7"),
        ),
    )
)
_SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Another SPARQL endpoint.

    Attributes
    ----------
    iri
        Its IRI in normal form, which is also what is requested.
    secure
        It is asked over TLS.
    host, port
        Where it listens; the host is a name or an address without brackets.
    target
        Path and query of the request line.
    """

    iri: str
    secure: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def read_endpoint(iri: str) -> Endpoint:
    """Read the IRI of an endpoint and bring it into its normal form.

    Scheme and host are in lower case, the usual port is left out, an empty path is ``/``.

    Raises
    ------
    ValueError
        It is not the address of an endpoint; the message says why.

    Examples
    --------
    >>> read_endpoint("HTTPS://Sparql.UniProt.org:443/sparql").iri
    'https://sparql.uniprot.org/sparql'
    >>> read_endpoint("http://me:secret@example.org/sparql")
    Traceback (most recent call last):
        ...
    ValueError: it has a user name
    """
    parts = urlsplit(iri)
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        message = "it does not start with http:// or https://"
        raise ValueError(message)
    if "@" in parts.netloc:
        message = "it has a user name"
        raise ValueError(message)
    if parts.fragment or iri.endswith("#"):
        message = "it has a fragment"
        raise ValueError(message)
    try:
        host = (parts.hostname or "").encode("idna").decode().lower()
        port = parts.port or _PORTS[scheme]
    except (UnicodeError, ValueError):
        host, port = "", 0
    if not host or any(char <= " " or char in '\\<>"' for char in iri):
        message = "it has no valid host or port"
        raise ValueError(message)
    target = quote(parts.path or "/", safe="/:@!$&'()*+,;=~%-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/:@!$&'()*+,;=~%-._?")
    endpoint = Endpoint("", scheme == "https", host, port, target)
    return Endpoint(f"{scheme}://{endpoint.authority}{target}", endpoint.secure, host, port, target)


class AllowList:
    """The endpoints that may be asked.

    Parameters
    ----------
    iris
        Their IRIs.

    Raises
    ------
    ConfigError
        One is not the address of an endpoint.
    """

    def __init__(self, iris: Iterable[str]) -> None:
        self._endpoints: dict[str, Endpoint] = {}
        for iri in iris:
            try:
                endpoint = read_endpoint(iri.strip())
            except ValueError as error:
                message = f"{iri} cannot be federated with: {error}; give the URL of a SPARQL endpoint"
                raise ConfigError(message) from error
            self._endpoints[endpoint.iri] = endpoint

    def __bool__(self) -> bool:
        return bool(self._endpoints)

    @property
    def iris(self) -> tuple[str, ...]:
        """The IRIs in normal form, in order."""
        return tuple(sorted(self._endpoints))

    def find(self, iri: str) -> Endpoint:
        """Return the endpoint of the list that an IRI means.

        Raises
        ------
        QueryRefused
            There is none.
        """
        try:
            return self._endpoints[read_endpoint(iri).iri]
        except (KeyError, ValueError):
            allowed = ", ".join(f"<{known}>" for known in self.iris)
            message = f"SERVICE <{iri}> is refused: this service asks no other endpoints than {allowed}"
            raise QueryRefused(message) from None


def may_connect(address: str, *, private: bool) -> bool:
    """Tell whether a request may go to an address.

    Parameters
    ----------
    address
        IPv4 or IPv6 address as the resolver gives it.
    private
        Addresses of this machine and of private networks are wanted.

    Examples
    --------
    >>> may_connect("192.0.43.10", private=False), may_connect("::ffff:127.0.0.1", private=False)
    (True, False)
    >>> may_connect("127.0.0.1", private=True), may_connect("169.254.169.254", private=True)
    (True, False)
    """
    try:
        found = _inner(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found in _METADATA:
        return False
    if private and any(found in network for network in _PRIVATE):
        return True
    public = isinstance(found, IPv4Address) or found in _GLOBAL_UNICAST
    return public and not any(found in network for network in _SPECIAL)


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address
    return address
