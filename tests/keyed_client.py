"""A client with a key, and the servers that tests let it talk to."""

import socket
from collections.abc import Callable

from scripted_server import Served

from grader.client import Client, Login

KEY = "ndl_s3cret"


def connect(served: Served) -> Client:
    return Client(Login(served.url, KEY))


def refused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


Serve = Callable[..., Served]
