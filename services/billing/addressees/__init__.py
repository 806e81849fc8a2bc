"""To whom papers are addressed: a name, and the postal address as contacts told it last."""
