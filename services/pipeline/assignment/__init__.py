"""Who gets which leads: by turns or by load, and handing them over where contacts keeps whose they are."""
