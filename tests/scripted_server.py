"""An HTTP server that gives the replies it was told to: a scoring server, or what stands in its place."""

import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Seen:
    method: str
    path: str
    headers: Message
    body: bytes


@dataclass
class Reply:
    status: int = 200
    body: bytes = b'{"ok": true}'
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0  # seconds before anything is said
    lost: bool = False  # hang up before a word
    cut: bool = False  # hang up in the middle of the body


class Served:
    """A server that gives the replies it was told to, the last one for ever, and keeps what it saw."""

    def __init__(self) -> None:
        self.replies = [Reply()]
        self.seen: list[Seen] = []
        self.pause = 0.0  # seconds before each 2 MiB of a body are read
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = b""
                while left := int(self.headers.get("Content-Length", 0)) - len(body):
                    time.sleep(served.pause)
                    body += self.rfile.read(min(left, 2 * 1024**2))
                served.seen.append(Seen(self.command, self.path, self.headers, body))
                reply = served.replies[min(len(served.seen), len(served.replies)) - 1]
                time.sleep(reply.wait)
                self.close_connection = reply.lost or reply.cut
                if reply.lost:
                    return
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.body) + reply.cut))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = do_PUT = _answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
