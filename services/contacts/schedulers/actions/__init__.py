"""Writing what another system says."""
