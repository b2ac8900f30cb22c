"""What the server writes about itself: lines for people or for programs, and no key in either."""

import json
import logging
from datetime import datetime, timezone

from grader.server.access.keys import without_keys

FIELDS = ("request", "method", "path", "status", "milliseconds", "person")  # of a line, where it has them


class WithoutKeys(logging.Formatter):
    """Lines to read."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "message": record.getMessage()}
        line |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return without_keys(json.dumps(line))


def log_to_stderr(how: str) -> None:
    """Log as "text" or as "json"."""
    handler = logging.StreamHandler()
    text = WithoutKeys("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(JsonLines() if how == "json" else text)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("grader.server").setLevel(logging.INFO)
