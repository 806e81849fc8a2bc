"""The fields of the filter language, a short table for each room that they come from."""
