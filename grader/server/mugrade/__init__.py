"""The mugrade protocol, for courses that have its tests and its client."""
