"""What every table of notifications hangs on."""

from __future__ import annotations

from typing import Any

from chassis.database import declarative_base_of

Base: Any = declarative_base_of("notifications")
