"""What segments are made of, before any table is asked."""
