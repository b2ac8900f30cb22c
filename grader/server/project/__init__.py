"""The final project on the server: groups, what they hand in, and how it is reviewed."""
