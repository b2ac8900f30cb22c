"""The scoring server: it draws seeds, judges values and keeps the scores, and runs no student's code."""
