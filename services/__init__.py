"""The five services, each with a database of its own; they speak by RPC and events alone."""
