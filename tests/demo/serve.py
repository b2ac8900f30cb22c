"""Serve the course as `grader serve --publish` does, with few seeds a case: three students draw a handful.

python serve.py ROOT DATA READY KEY
"""

import functools
import json
import sys
from pathlib import Path

from grader.course.policy import Course
from grader.publishing.hosting import running
from grader.publishing.publish import publish

SEEDS = 24  # a case; by default it would be 512, which takes the reference minutes


def main(root: Path, data: Path, ready: Path, key: Path) -> int:
    with running(root, data, port=0) as hosted:
        say = functools.partial(print, flush=True)
        for assignment in Course(root).assignments:
            publish(root, assignment.id, hosted.client, top_up=False, say=say, most_seeds=SEEDS)
        key.write_text(hosted.key)
        ready.write_text(json.dumps({"url": hosted.url}))
        return hosted.process.wait()


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
