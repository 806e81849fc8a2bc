"""The fault matrix: what breaks, and what must hold all the same. Small in the suite, full by `./rapport soak`."""
