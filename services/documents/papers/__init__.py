"""Papers: the sealed PDF of every signed agreement."""
