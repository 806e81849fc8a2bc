"""Forms: questions in versions, and the answers that are kept per contact and version."""
