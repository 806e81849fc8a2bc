"""What `docker compose up` would run, built and run without Docker: `./rapport images`."""
