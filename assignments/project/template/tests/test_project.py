"""Your project's own tests: `python -m pytest project/tests`. Replace this one by tests of what you build."""


def test_the_project_has_tests_of_its_own() -> None:
    raise AssertionError("the project has no tests of its own yet. Write them, beginning in this file.")
