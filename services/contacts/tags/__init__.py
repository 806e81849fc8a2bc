"""Words that the business puts on its contacts."""
