"""What a graded case is, how its value travels and is judged, and what it is worth."""
