"""Letters to the team itself: a follow-up is due, or a stage rule points at a lead."""
