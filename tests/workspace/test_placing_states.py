"""Whatever a student edits and whatever releases come: no edited byte is ever lost."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from grader.workspace.folder import Workspace
from grader.workspace.placing import apply, plan

KINDS = {
    "work.py": "stub",
    "test.py": "course",
    "case.py": "course",
    "Makefile": "glue",
    "shared.txt": "glue",
}
QUIET = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    phases=(Phase.generate,),  # a failure is short enough as it is: 14 steps
    stateful_step_count=14,
    suppress_health_check=[HealthCheck.too_slow],
)
versions = st.dictionaries(st.sampled_from(sorted(KINDS)), st.sampled_from([b"A", b"B", b"C"]))


def placed(name, path):
    """Return where a file of KINDS stands: glue is shared by all releases, the rest is each one's own."""
    return path if KINDS[path] == "glue" else f"{name}/{path}"


def test_no_edit_is_ever_lost_over_any_sequence_of_releases(release_of):
    class Student(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.folder = tempfile.TemporaryDirectory()
            self.workspace = Workspace(Path(self.folder.name).resolve())
            self.edits = {}  # what the student last wrote at a path and did not replace or delete
            self.number = 0

        def teardown(self):
            self.folder.cleanup()

        @rule(name=st.sampled_from(["hw0", "hw1"]), path=st.sampled_from(sorted(KINDS)))
        def edit(self, name, path):
            file = self.workspace.path(placed(name, path))
            file.parent.mkdir(exist_ok=True)
            self.number += 1
            file.write_bytes(f"edit {self.number}".encode())
            self.edits[placed(name, path)] = file.read_bytes()

        @rule(name=st.sampled_from(["hw0", "hw1"]), path=st.sampled_from(sorted(KINDS)))
        def delete(self, name, path):
            self.workspace.path(placed(name, path)).unlink(missing_ok=True)
            self.edits.pop(placed(name, path), None)

        @rule(
            name=st.sampled_from(["hw0", "hw1"]),
            contents=versions,
            stubs=st.booleans(),
            theirs=st.sets(st.sampled_from(sorted(KINDS))),
            mine=st.sets(st.sampled_from(sorted(KINDS))),
        )
        def bring(self, name, contents, stubs, theirs, mine):
            release = release_of(
                name, {placed(name, path): (KINDS[path], data) for path, data in contents.items()}
            )
            theirs = {path for path in theirs if path in contents and (stubs or KINDS[path] != "stub")}
            before = self.files()
            kept = {placed(name, path) for path in mine if path in contents and path not in theirs}
            taken = {placed(name, path) for path in theirs}
            made = plan(self.workspace, [release], stubs=stubs, theirs=taken, mine=kept)
            assert self.files() == before  # deciding touches nothing
            if made.conflicts:
                assert not set(made.conflicts) & (kept | taken)
                return
            apply(made)
            for change in made.changes:
                if change.keep_as:
                    assert change.keep_as not in before
                    self.edits.pop(change.path, None)
                    self.edits[change.keep_as] = before[change.path]
            again = plan(self.workspace, [release], stubs=stubs)
            assert not again.conflicts  # nobody is asked twice
            assert {change.path for change in again.changes} <= kept - set(self.edits)

        def files(self):
            root = self.workspace.root
            return {
                str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()
            }

        @precondition(lambda self: hasattr(self, "edits"))
        @invariant()
        def every_edit_is_there(self):
            files = self.files()
            assert {path: files.get(path) for path in self.edits} == self.edits

        @precondition(lambda self: hasattr(self, "edits"))
        @invariant()
        def nothing_unfinished_lies_about(self):
            assert not [path for path in self.files() if path.endswith((".new", ".old"))]

    run_state_machine_as_test(Student, settings=QUIET)
