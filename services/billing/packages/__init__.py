"""What the business sells. Each change makes a new version; what was sold keeps its own."""
