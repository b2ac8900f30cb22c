"""What the mugrade protocol has no word for."""

import argparse

from grader.commands.places import count, instructors_client


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("mugrade", help="assignments that mugrade's client publishes (instructor)")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("shorten", help="leave a problem its first test cases only")
    action.add_argument("assignment")
    action.add_argument("problem")
    action.add_argument("test_cases", type=count, metavar="N", help="how many it has from now on")
    action.set_defaults(command=_shorten)


def _shorten(options: argparse.Namespace) -> int:
    asked = {name: getattr(options, name) for name in ("assignment", "problem", "test_cases")}
    left = instructors_client().post("/mugrade/shorten", asked)
    print(f"{left['assignment']}/{left['problem']}: {left['test_cases']} left of its test cases.")
    return 0
