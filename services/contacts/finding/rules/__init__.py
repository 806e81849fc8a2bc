"""What the filter language means, before any table is asked."""
