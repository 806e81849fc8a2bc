"""The base of the pipeline's tables."""

from __future__ import annotations

from chassis.database import declarative_base_of

Base = declarative_base_of("pipeline")
