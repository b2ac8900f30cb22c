"""Run a student's code: only the workspace's, freshly built, in a process of its own."""
