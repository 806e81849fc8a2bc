"""Settings, read from the environment once; docs/house.md lists them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit, urlunsplit

from environs import Env

SERVICES = ("contacts", "pipeline", "billing", "documents", "notifications")
STOP_SECONDS = 20
"""A process that cannot finish what it is at within this time leaves anyway; what was not settled comes again."""


@dataclass(frozen=True)
class Settings:
    """What a process was told by its environment; times are in seconds."""

    amqp_uri: str
    database_url: str
    secret: str
    storage: str
    public_url: str
    health_port: int
    health_host: str
    log_level: str
    workers: int
    retry_delays: tuple[float, ...]
    events_kept_days: float = 0
    """0: for ever."""
    secrets_accepted: tuple[str, ...] = ()
    """Believed beside `secret` and never signed with: the next one or the last one, while it is changed."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that are believed, the one that is signed with first."""
        return (self.secret, *self.secrets_accepted)

    def database_url_of(self, service: str) -> str:
        """The URL of one service's own database."""
        own = Env().str(f"RAPPORT_{service.upper()}_DATABASE_URL", "")
        if own:
            return with_psycopg2(own)
        parts = urlsplit(self.database_url)
        return urlunsplit(parts._replace(path=f"{parts.path}_{service}"))


def with_psycopg2(url: str) -> str:
    """Name the driver: SQLAlchemy 2.1 reads a bare `postgresql://` as psycopg 3."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg2://{rest}" if scheme in ("postgres", "postgresql") else url


def with_pyamqp(uri: str) -> str:
    """Name the transport, which saves kombu a failed import a connection."""
    return f"py{uri}" if uri.startswith("amqp://") else uri


@cache
def settings() -> Settings:
    """Read the environment; a missing or short secret stops the start with its name."""
    env = Env()
    secret = env.str("RAPPORT_SECRET")
    accepted: tuple[str, ...] = tuple(filter(None, env.list("RAPPORT_SECRETS_ACCEPTED", [])))
    if any(len(each) < 32 for each in (secret, *accepted)):
        raise SystemExit("RAPPORT_SECRET and each of RAPPORT_SECRETS_ACCEPTED must have at least 32 characters.")
    return Settings(
        amqp_uri=with_pyamqp(env.str("RAPPORT_AMQP_URI")),
        database_url=with_psycopg2(env.str("RAPPORT_DATABASE_URL", "")),
        secret=secret,
        secrets_accepted=accepted,
        storage=env.str("RAPPORT_STORAGE", ""),
        public_url=env.str("RAPPORT_PUBLIC_URL", "http://127.0.0.1:8080"),
        health_port=env.int("RAPPORT_HEALTH_PORT", 0),
        health_host=env.str("RAPPORT_HEALTH_HOST", "127.0.0.1"),
        log_level=env.str("RAPPORT_LOG_LEVEL", "INFO"),
        workers=env.int("RAPPORT_WORKERS", 16),
        events_kept_days=env.float("RAPPORT_EVENTS_KEPT_DAYS", 0),
        retry_delays=tuple(float(s) for s in env.list("RAPPORT_RETRY_DELAYS", ["1", "10", "60", "600"])),
    )
