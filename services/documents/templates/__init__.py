"""Agreement templates: the words of waivers, contracts, exit forms and terms, in versions that never change."""
