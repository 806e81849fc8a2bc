"""Where contacts live, work and receive their bills."""
