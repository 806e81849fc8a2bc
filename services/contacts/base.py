"""The base class of this service's tables, and the types that they are made of."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from sqlalchemy import DateTime, Uuid
from sqlalchemy.orm import mapped_column

from chassis.database import declarative_base_of

Base = declarative_base_of("contacts")

Key = Annotated[str, mapped_column(Uuid(as_uuid=False))]
Moment = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
