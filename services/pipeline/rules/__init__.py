"""Stage rules: what happens by itself when a lead enters a stage, or stands in it too long."""
