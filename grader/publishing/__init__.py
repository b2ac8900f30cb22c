"""The instructor's side of the wire: check cases, upload values, run a server with the course."""
