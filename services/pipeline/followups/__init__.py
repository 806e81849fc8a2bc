"""Follow-ups: what somebody has to do about a lead, and what came of it."""
