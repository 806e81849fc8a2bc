"""Who might be the same: found by what they have in common, weighed with the evidence told."""
