"""Documents, the sum of its rooms."""

from __future__ import annotations

from chassis.service import Service
from services.acquaintance import Acquaintances
from services.documents.agreements.entrypoints import Agreements
from services.documents.forms.entrypoints import Forms
from services.documents.papers.entrypoints import Papers
from services.documents.signing.entrypoints import Signing
from services.documents.templates.entrypoints import Templates


class Documents(Templates, Forms, Agreements, Signing, Papers, Acquaintances, Service):
    name = "documents"
