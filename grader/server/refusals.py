"""How the server says no: a status, a sentence, and headers where the protocol asks for one."""

from collections.abc import Mapping

from grader.errors import Rejected


class Refused(Rejected):
    """A request that the server understood and does not carry out."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None):
        super().__init__(text, status)
        self.headers = dict(headers or {})
