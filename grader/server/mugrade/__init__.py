"""The mugrade protocol: an existing course's own client publishes to this server and is graded by it."""
