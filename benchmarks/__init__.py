"""What README's figures are made of: ratios within one run, because machines are noisy."""
