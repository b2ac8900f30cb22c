"""What the course's policy is: regrade by course.yaml, and give people due dates of their own."""

import argparse

from grader.commands.places import count, course_root, instructors_client


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("regrade", help="put course.yaml in force on the server (instructor)")
    one.add_argument("--dry-run", action="store_true", help="only show who would move, and why")
    one.set_defaults(command=_regrade)

    one = commands.add_parser("extend", help="give a person their own due date (instructor)")
    one.add_argument("email")
    one.add_argument("assignment", help="or project: for the person's whole group")
    how = one.add_mutually_exclusive_group(required=True)
    how.add_argument("--until", metavar="'2026-10-05 23:59'", help="in the course's time zone")
    how.add_argument("--days", type=count, metavar="N", help="after the course's due date")
    how.add_argument("--remove", action="store_true", help="the course's due date is theirs again")
    one.add_argument("--reason", default="", help="kept with it, for those who read the record")
    one.set_defaults(command=_extend)


def _regrade(options: argparse.Namespace) -> int:
    from grader.publishing.regrading import regrade

    regrade(course_root(), instructors_client(), options.dry_run)
    return 0


def _extend(options: argparse.Namespace) -> int:
    client = instructors_client()
    asked = {"email": options.email, "assignment": options.assignment}
    if options.remove:
        client.post("/extensions/remove", asked)
        print(f"{options.email}: no extension of {options.assignment} any more.")
        return 0
    how = {"until": options.until, "days": options.days, "reason": options.reason}
    made = client.post("/extensions", asked | how)
    due, cut_off = (made[name][:16].replace("T", " ") for name in ("due", "cut_off"))
    late = f", with the cut-off on {cut_off}" if cut_off != due else ""
    print(f"{made['email']}: {made['assignment']} is due on {due}{late}, in the course's time zone.")
    if made["text"]:
        print(made["text"])
    return 0
