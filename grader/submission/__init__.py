"""The student's side of the wire."""
