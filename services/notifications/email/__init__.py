"""The way out for e-mail: a letter as bytes, handed over to an SMTP server at most once."""
