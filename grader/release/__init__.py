"""Make a release of the course: everything that a student gets, and nothing of the solution."""
