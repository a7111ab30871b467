"""The settings of a service."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bioimg_kg.catalog.site import DEFAULT_LICENSE
from bioimg_kg.endpoint.federation.egress import EgressLimits
from bioimg_kg.endpoint.http.clients import Share, networks
from bioimg_kg.endpoint.pictures.studio import StudioLimits
from bioimg_kg.endpoint.releases.pools import Earlier
from bioimg_kg.endpoint.service import Outside
from bioimg_kg.endpoint.workers.pool import Limits
from bioimg_kg.errors import ConfigError


class Settings(BaseSettings):
    """Settings of a service; each can be set in the environment as ``BIOIMG_KG_<NAME>``.

    Attributes
    ----------
    data
        Folder with the releases.
    host, port
        Where to listen.
    workers
        Processes that evaluate queries.
    keep_releases
        How many earlier releases are served beside the current one.
    earlier_idle_seconds
        For so long the worker of an earlier release waits for more to do.
    deadline_seconds
        Longest evaluation of a query.
    queue, wait_seconds
        How many requests may wait for a worker, and how long.
    slow_after_seconds, slow_lane
        A query that has run for so long gives its place to one that waits, and goes on in a lane of so many.
    memory_mb
        Address space of a worker, in MiB.
    max_result_mb
        Longest answer.
    hold_mb
        How much of an answer is kept back until it is sure that it is whole; an error later than that breaks
        the connection. With the default no answer ever breaks off, a smaller value gives earlier first bytes.
    spool_mb
        Room for all answers on their way to clients, in the folder for temporary files.
    cache_mb
        Room for short answers that are kept in memory; 0 keeps none.
    connections
        Connections at a time, beyond which the answer is 503.
    federate
        IRIs of other endpoints that queries may call with SERVICE, with blanks between them.
    federate_private
        These endpoints may be on this machine or in a private network.
    federate_seconds, federate_mb
        Longest request to another endpoint; all answers that one query gets from others.
    federate_concurrency
        Requests at a time to one endpoint.
    federate_cache_mb, federate_cache_seconds
        How many answers of others are kept, and how long.
    federate_push
        Send the values that are known here along, so that others need not send everything.
    image_hosts
        Hosts from which pictures of images are made, with blanks between them; local folders need none.
    image_private
        These hosts may be on this machine or in a private network.
    image_workers, image_seconds
        Pictures that are made at a time, and longest work on one.
    image_memory_mb, image_mb
        Address space of a process that makes pictures; what may be read for one picture.
    image_cache_mb
        Room for pictures that are kept in memory.
    client_seconds, client_seconds_per_minute
        Processor seconds that the queries of one client may use at once (0 for no limit), and how many come
        back in a minute.
    client_queries, client_waiting
        Queries of one client that are evaluated at a time, and how many more may wait.
    client_exempt
        Addresses and networks without these limits, with blanks between them.
    trusted_proxies
        Addresses and networks of proxies whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
    grace_seconds
        How long queries may go on when the service is told to stop.
    log_requests
        Write a line for each request.
    log_queries
        Write the texts of queries in it.
    metrics_token
        Who knows it may read ``/metrics``; without one there are none.
    public_url
        Address of the service in links and catalogues; empty for the one that a request was sent to.
    publisher, license
        Who runs the service, and the licence of its catalogue. Each study states its own.
    """

    model_config = SettingsConfigDict(env_prefix="BIOIMG_KG_", frozen=True)

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=2, ge=1)
    keep_releases: int = Field(default=3, ge=0)
    earlier_idle_seconds: float = Field(default=60.0, gt=0)
    deadline_seconds: float = Field(default=30.0, gt=0)
    queue: int = Field(default=64, ge=1)
    wait_seconds: float = Field(default=10.0, gt=0)
    slow_after_seconds: float = Field(default=1.0, gt=0)
    slow_lane: int = Field(default=3, ge=0)
    memory_mb: int = Field(default=2048, ge=0)
    max_result_mb: int = Field(default=256, ge=1)
    hold_mb: int = Field(default=256, ge=0)
    spool_mb: int = Field(default=4096, ge=1)
    cache_mb: int = Field(default=64, ge=0)
    connections: int = Field(default=500, ge=1)
    federate: str = ""
    federate_private: bool = False
    federate_seconds: float = Field(default=20.0, gt=0)
    federate_mb: int = Field(default=50, ge=1)
    federate_concurrency: int = Field(default=4, ge=1)
    federate_cache_mb: int = Field(default=64, ge=0)
    federate_cache_seconds: float = Field(default=300.0, ge=0)
    federate_push: bool = True
    image_hosts: str = ""
    image_private: bool = False
    image_workers: int = Field(default=2, ge=1)
    image_seconds: float = Field(default=15.0, gt=0)
    image_memory_mb: int = Field(default=1536, ge=0)
    image_mb: int = Field(default=64, ge=1)
    image_cache_mb: int = Field(default=32, ge=0)
    client_seconds: float = Field(default=120.0, ge=0)
    client_seconds_per_minute: float = Field(default=60.0, gt=0)
    client_queries: int = Field(default=4, ge=1)
    client_waiting: int = Field(default=32, ge=0)
    client_exempt: str = "127.0.0.0/8 ::1"
    trusted_proxies: str = "127.0.0.1 ::1"
    grace_seconds: int = Field(default=10, ge=0)
    log_requests: bool = True
    log_queries: bool = False
    metrics_token: SecretStr = SecretStr("")
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/<>\"{}|\\^`?#@]+/?)?$")
    publisher: str = Field(default="bioimg_kg", min_length=1)
    license: str = Field(default=DEFAULT_LICENSE, pattern=r"^https?://[^\s<>\"{}|\\^`]+$")

    @field_validator("client_exempt", "trusted_proxies")
    @classmethod
    def _check_networks(cls, value: str) -> str:
        try:
            networks(value)
        except ValueError:
            message = "write IP addresses or networks such as 10.0.0.0/8, with blanks between them"
            raise ValueError(message) from None
        return value

    @property
    def limits(self) -> Limits:
        """What the worker processes may spend."""
        return Limits(
            workers=self.workers,
            deadline_seconds=self.deadline_seconds,
            queue=self.queue,
            wait_seconds=self.wait_seconds,
            slow_after_seconds=self.slow_after_seconds,
            slow_lane=self.slow_lane,
            memory_mb=self.memory_mb,
            hold_mb=self.hold_mb,
            spool_mb=self.spool_mb,
        )

    @property
    def earlier(self) -> Earlier:
        """What is done for earlier releases."""
        return Earlier(self.keep_releases, self.earlier_idle_seconds)

    @property
    def studio_limits(self) -> StudioLimits:
        """What pictures may cost."""
        return StudioLimits(
            processes=self.image_workers,
            waiting=self.queue,
            seconds=self.image_seconds,
            memory_mb=self.image_memory_mb,
            input_mb=self.image_mb,
        )

    @property
    def outside(self) -> Outside:
        """What queries may ask of other endpoints."""
        limits = EgressLimits(
            seconds=self.federate_seconds,
            max_bytes=self.federate_mb << 20,
            concurrency=self.federate_concurrency,
            cache_bytes=self.federate_cache_mb << 20,
            cache_seconds=self.federate_cache_seconds,
            private=self.federate_private,
        )
        return Outside(tuple(self.federate.split()), limits, self.federate_push)

    @property
    def share(self) -> Share:
        """What one client may use."""
        return Share(
            seconds=self.client_seconds,
            seconds_per_minute=self.client_seconds_per_minute,
            queries=self.client_queries,
            waiting=self.client_waiting,
            wait_seconds=self.wait_seconds,
            exempt=networks(self.client_exempt),
        )


def read_settings(**given: object) -> Settings:
    """Return settings from the command line, and from the environment for all others.

    Raises
    ------
    ConfigError
        One of them cannot be what it is.

    Examples
    --------
    >>> read_settings(queue=0)
    Traceback (most recent call last):
        ...
    bioimg_kg.errors.ConfigError: BIOIMG_KG_QUEUE: Input should be greater than or equal to 1
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        # Without the value: it may be a secret.
        found = (f"BIOIMG_KG_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigError("; ".join(found)) from None
