"""Cutting glue down to what is released."""

from textwrap import dedent

from grader.release.glue import cut_glue
from grader.release.modules import Modules

PATHS = {
    "lib/__init__.py",
    "lib/core.py",
    "lib/later.py",
    "lib/nn/__init__.py",
    "lib/nn/basic.py",
    "apps/run.py",
}
MODULES = Modules(PATHS, lambda _: {".", "apps"})
RELEASED = {"lib/__init__.py", "lib/core.py", "apps/run.py"}


def cut(source: str, path: str = "lib/__init__.py") -> str:
    return cut_glue(path, dedent(source).lstrip("\n"), MODULES, RELEASED)


def test_imports_of_unreleased_modules_go_and_nothing_else() -> None:
    source = '''
    """The library."""

    import os, lib.later
    import numpy as np

    # the second part
    from . import core, later
    from .core import Value
    from .later import (
        Late,
    )
    from .nn.basic import *
    from lib import nn as networks
    import lib.nn.basic
    import run

    __all__ = ["Late", "Value"]


    def late():
        from .later import Late

        return Late
    '''
    assert cut(source) == dedent(
        '''
        """The library."""

        import os
        import numpy as np

        # the second part
        from . import core
        from .core import Value
        import run

        __all__ = ["Late", "Value"]


        def late():
            from .later import Late

            return Late
        '''
    ).lstrip("\n")


def test_glue_that_imports_released_modules_only_stays_byte_for_byte() -> None:
    source = "import os\nfrom .core   import (Value ,)  # odd, but its own\n\n\n\nx=1"
    assert cut(source) == source


def test_relative_imports_are_followed_up_and_absolute_ones_from_every_folder_of_the_path() -> None:
    assert cut("from ..later import Late\n", "lib/ops/__init__.py") == "\n"
    assert cut("from ..core import Value\n", "lib/ops/__init__.py") == "from ..core import Value\n"
    modules = Modules({"apps/run.py"}, lambda _: {"apps"})
    assert cut_glue("main.py", "import run\n", modules, set()) == "\n"
    assert (
        cut_glue("main.py", "import run\n", Modules({"apps/run.py"}, lambda _: {"."}), set())
        == "import run\n"
    )


def test_two_assignments_may_have_modules_of_one_name() -> None:
    roots = {"assignments/hw0/cases/run.py": {"hw0"}, "assignments/hw1/cases/run.py": {"apps"}}
    modules = Modules({"hw0/core.py", "apps/core.py"}, roots.__getitem__)
    assert modules.needed("assignments/hw0/cases/run.py", "core", 0, "run") == {"hw0/core.py"}
    assert modules.needed("assignments/hw1/cases/run.py", "core", 0, "run") == {"apps/core.py"}
