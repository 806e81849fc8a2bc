"""What the gateway alone is told by its environment; `chassis.config` reads the rest."""

from __future__ import annotations

from dataclasses import dataclass

from environs import Env

MIB = 1024 * 1024


@dataclass(frozen=True)
class GatewaySettings:
    """`trusted_proxies`: how many proxies in front of us set X-Forwarded-For; sizes are in bytes."""

    rate_limits: bool
    cors_origins: tuple[str, ...]
    trusted_proxies: int
    largest_body: int
    largest_file: int


def gateway_settings() -> GatewaySettings:
    env = Env()
    return GatewaySettings(
        rate_limits=env.str("RAPPORT_RATE_LIMITS", "on") != "off",
        cors_origins=tuple(filter(None, env.list("RAPPORT_CORS_ORIGINS", []))),
        trusted_proxies=env.int("RAPPORT_TRUSTED_PROXIES", 0),
        largest_body=env.int("RAPPORT_LARGEST_BODY", MIB),
        largest_file=env.int("RAPPORT_LARGEST_FILE", 64 * MIB),
    )
