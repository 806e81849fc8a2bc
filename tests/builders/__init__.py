"""What tests begin with; a builder names only what matters and makes the rest up."""
