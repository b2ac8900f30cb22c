"""Stubs in Python files."""

import ast
from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.release.stubbing.python_stubs import stub_python

SETTINGS = settings(derandomize=True, deadline=None, database=None, max_examples=25)


def stubbed(source: str, *symbols: str, omit: tuple[str, ...] = (), kept: tuple[str, ...] = ()) -> str:
    questions = dict.fromkeys(symbols, "hw9/q")
    return stub_python(dedent(source).lstrip("\n"), questions, omit, kept).text


def expected(text: str) -> str:
    return dedent(text).lstrip("\n").replace("STUB", 'raise NotImplementedError("not started: hw9/q")')


def test_a_function_keeps_decorators_signature_and_docstring_and_nothing_of_its_body() -> None:
    source = '''
    @cached(size=3)
    async def load(path: str, *rest, limit: "int" = 3, **more) -> bytes:  # never empty
        """Load it.

        Twice.
        """
        # the trick
        def inner():
            return 3

        return await inner()
        # after it


    x = 3
    '''
    assert stubbed(source, "load") == expected(
        '''
        @cached(size=3)
        async def load(path: str, *rest, limit: "int" = 3, **more) -> bytes:  # never empty
            """Load it.

            Twice.
            """
            STUB


        x = 3
        '''
    )


def test_a_body_on_the_line_of_its_def_becomes_a_block() -> None:
    assert stubbed('def f(x): "Say."; return x\n', "f") == expected('def f(x):\n    "Say."\n    STUB\n')


def test_overloads_stay_and_only_the_implementation_becomes_a_stub() -> None:
    source = """
    @typing.overload
    def f(x: int) -> int: ...
    @overload
    def f(x: str) -> str: ...
    def f(x):
        return x
    """
    assert stubbed(source, "f") == expected(dedent(source).lstrip("\n").replace("return x", "STUB"))


def test_a_getter_and_its_setter_both_become_stubs() -> None:
    source = """
    class A:
        @property
        def data(self):
            return self.kept

        @data.setter
        def data(self, value):
            self.kept = value
    """
    assert stubbed(source, "A.data").count("not started") == 2


def test_a_definition_under_if_and_in_a_nested_class_is_found() -> None:
    source = """
    if True:

        class A:
            class B:
                def f(self):
                    return 1
    """
    assert stubbed(source, "A.B.f") == expected(dedent(source).lstrip("\n").replace("return 1", "STUB"))


def test_a_class_as_a_symbol_stubs_every_method_and_drops_its_private_helpers() -> None:
    source = '''
    class A:
        """It counts."""

        _step = 2
        start = 0

        def __init__(self):
            self.at = self._next(0)

        # one further
        def _next(self, at):
            return at + self._step

        def get(self):
            return self.at
    '''
    assert stubbed(source, "A") == expected(
        '''
        class A:
            """It counts."""

            start = 0

            def __init__(self):
                STUB

            def get(self):
                STUB
        '''
    )


def test_what_only_the_body_used_goes_with_the_comments_attached_to_it() -> None:
    source = '''
    """A module."""

    import gzip
    import os
    import struct  # for headers
    from itertools import (
        chain,  # kept
        accumulate,  # dropped
    )

    if TYPE_CHECKING:
        from typing import Any

    # How small is small.
    _SMALL = 1e-9
    _IDLE = 2

    # A heading that belongs to nothing.

    # helps f
    def _help(x: "Any"):
        return _again(gzip.open(x))


    def _again(x):
        return _help(accumulate(x)) + _SMALL


    def f(x):
        return _help(struct.pack(x))


    def given(x):
        return chain(os.path, x)
    '''
    assert stubbed(source, "f") == expected(
        '''
        """A module."""

        import os
        from itertools import (
            chain,  # kept
        )

        if TYPE_CHECKING:
            from typing import Any

        _IDLE = 2

        # A heading that belongs to nothing.


        def f(x):
            STUB


        def given(x):
            return chain(os.path, x)
        '''
    ).replace("if TYPE_CHECKING:\n    from typing import Any\n\n", "")


@pytest.mark.parametrize(
    "use",
    [
        "y = _help(1)",
        "y: '_help' = 1",
        '__all__ = ["_help"]',
        "class B(_help): ...",
        "@_help\ndef g(): ...",
        "def g(x=_help): ...",
        "y = getattr(this, '_help')",
        "del _help",
    ],
)
def test_a_helper_that_what_remains_uses_stays(use: str) -> None:
    source = f"def f():\n    return _help()\n\n\ndef _help():\n    return 1\n\n\n{use}\n"
    assert "def _help" in stubbed(source, "f")
    assert "def _help" not in stubbed(source.replace(use, ""), "f")


def test_names_that_other_files_use_stay_and_public_ones_always() -> None:
    source = """
    import gzip

    LIMIT = 3


    def _help():
        return helper(LIMIT, gzip)


    def helper(x):
        return x


    def f():
        return _help()
    """
    text = stubbed(source, "f")
    assert "def helper" in text
    assert "LIMIT = 3" in text
    assert "gzip" not in text
    assert "def _help" not in text
    assert "gzip" in stubbed(source, "f", kept=("_help",))


def test_omitted_names_go_used_or_not_and_the_line_is_told_where_one_is_still_used() -> None:
    source = "def helper():\n    return 1\n\n\ndef f():\n    return helper()\n"
    assert stubbed(source, "f", omit=("helper",)) == expected("def f():\n    STUB\n")
    more = stub_python(source + "\n\nx = helper()\n", {"f": "hw9/q"}, ["helper"])
    assert [(one.name, one.line) for one in more.still_used] == [("helper", 9)]
    assert "def helper" in more.text


def test_an_omitted_public_method_is_told_from_others_of_its_name() -> None:
    source = """
    class A:
        def update(self):
            return 1

        def f(self):
            return self.update()


    x = {}.update()
    """
    text = stubbed(source, "A.f", omit=("A.update",))
    assert "def update" not in text
    assert "x = {}.update()" in text


def test_unknown_symbols_and_omitted_names_are_reported() -> None:
    source = "def f(): ...\n\n\nclass Empty:\n    x = 1\n"
    assert stub_python(source, {"f": "q", "g": "q", "Empty": "q"}, ["h"]).missing == ["g", "Empty", "h"]


def test_a_packages_imports_are_its_public_face_and_stay() -> None:
    source = "from .a import b\n\n\ndef f():\n    return b()\n"
    assert "import b" in stub_python(source, {"f": "q"}, is_package=True).text
    assert "import b" not in stub_python(source, {"f": "q"}).text


names = st.sampled_from(["alpha", "beta", "_gamma", "_delta", "_eps"])
arguments = st.sampled_from(["", "x", "x, *rest", "x: int = 3, **more", "*, x"])
docstrings = st.sampled_from(["", '"""Say."""\n', "'one'\n", '"""Say\n\nmore."""\n'])
statements = ["secret = {0}(secret1)", "for secret in y:\n    pass", "# secret", "return {0}.secret"]
bodies = st.lists(st.sampled_from(statements), min_size=1, max_size=4)


@st.composite
def modules(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """Return a module's source, its functions, and those of them that are symbols."""
    functions = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    parts = ["import secretlib", "CONSTANT = 1  # stays"]
    for name in functions:
        lines = [part.format(draw(names)) for part in draw(bodies)] + ["return secretlib"]
        body = indent(draw(docstrings) + "\n".join(lines), "    ")
        parts.append(f"def {name}({draw(arguments)}):\n{body}")
    symbols = draw(st.lists(st.sampled_from(functions), min_size=1, unique=True))
    source = "\n\n".join(parts) + "\n"
    return source, functions, symbols


@given(modules())
@SETTINGS
def test_any_module_stays_valid_and_shows_the_bodies_of_no_symbol(
    made: tuple[str, list[str], list[str]],
) -> None:
    source, functions, symbols = made
    before = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    text = stubbed(source, *symbols)
    after = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    for name in functions:
        if name not in symbols and name in after:
            assert ast.dump(before[name]) == ast.dump(after[name])
        elif name in symbols:
            assert "secret" not in ast.unparse(after[name])
            assert ast.get_docstring(before[name]) == ast.get_docstring(after[name])
            assert ast.dump(before[name].args) == ast.dump(after[name].args)
    assert all(name in after for name in functions if not name.startswith("_"))
    assert "CONSTANT = 1  # stays\n" in text
    if set(symbols) == set(functions):
        assert "secret" not in text


@given(modules())
@SETTINGS
def test_stubbing_twice_changes_nothing_more(made: tuple[str, list[str], list[str]]) -> None:
    source, _, symbols = made
    once = stubbed(source, *symbols)
    assert stubbed(once, *symbols) == once
