"""`pytest --hw hw0`: an assignment's local tests, question by question."""
