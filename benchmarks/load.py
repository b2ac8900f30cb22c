"""Students who draw and answer, many at once: run by deadline_night.py and killed_server.py as a process.

It reads a plan (JSON) and prints a report (JSON): `acknowledged` lists for each student the attempts whose
answer was scored.
"""

import asyncio
import json
import struct
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from classroom import CASES, DIGEST, NAME, outcomes

_SOURCE = b"def answer():\n    return 42\n" * 40
_PATIENCE = 900.0  # seconds of retries until a student gives up


@dataclass
class Report:
    acknowledged: dict[int, list[str]] = field(default_factory=dict)
    drawing: list[float] = field(default_factory=list)
    answering: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    given_up: int = 0


class Students:
    """Everybody's connections to one server, and what came of them."""

    def __init__(self, plan: dict[str, Any], session: aiohttp.ClientSession):
        self.plan, self.session, self.report = plan, session, Report()
        self._outcomes = outcomes()

    async def submit(self, student: int) -> None:
        """Draw and answer as one student, and try again as often as it takes."""
        headers = {"Authorization": f"Bearer {self.plan['keys'][student]}"}
        request = {"assignment": NAME, "questions": [], "cases_digest": DIGEST}
        for _ in range(5):  # an attempt that was drawn twice is closed once, so its answer is refused
            drawn = await self._send("/attempts", headers, self.report.drawing, json=request)
            if drawn is None:
                break
            blob = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/octet-stream"}
            path = f"/attempts/{drawn['id']}/answers"
            sent = {"data": self._answer(drawn["seeds"])}
            scored = await self._send(path, headers | blob, self.report.answering, **sent)
            if scored is not None:
                self.report.acknowledged.setdefault(student, []).append(drawn["id"])
                self.report.wrong += scored["score"] != 100.0
                return
        self.report.given_up += 1

    async def _send(self, path: str, headers: dict[str, str], times: list[float], **body: Any) -> Any:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            began = time.perf_counter()
            try:
                async with self.session.post(
                    self.plan["url"] + "/api/v1" + path, headers=headers, **body
                ) as reply:
                    content = await reply.json()
                if reply.status in (200, 201):
                    times.append(time.perf_counter() - began)
                    return content
                self.report.errors[f"{reply.status} {content['error'][:70]}"] += 1
                if reply.status < 500 and reply.status != 429:
                    return None
            except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
                self.report.errors[type(error).__name__] += 1
            await asyncio.sleep(0.1)
        return None

    def _answer(self, seeds: dict[str, dict[str, int]]) -> bytes:
        """Return a blob as the client makes it, put together by hand so that the load costs little."""
        values, header, parts, at = {}, {}, [], 0
        for question, case in CASES:
            tree, inputs, data, shape = self._outcomes[seeds[question][case]]
            values[f"{question}/{case}"] = {"tree": tree, "inputs": inputs}
            header[f"{question}/{case}/0"] = {
                "dtype": "F32",
                "shape": shape,
                "data_offsets": [at, at + len(data)],
            }
            parts.append(data)
            at += len(data)
        end = at + len(_SOURCE)
        header["source:x/y.py"] = {"dtype": "U8", "shape": [len(_SOURCE)], "data_offsets": [at, end]}
        client = {"python": "3", "numpy": np.__version__, "platform": "load"}
        header["__metadata__"] = {"description": json.dumps({"values": values, "client": client})}
        text = json.dumps(header).encode()
        return b"".join([struct.pack("<Q", len(text)), text, *parts, _SOURCE])


async def in_bursts(students: Students, size: int, each: int) -> float:
    """Let everybody submit `each` times, in bursts of so many at once, and return the seconds."""
    count = len(students.plan["keys"])
    turns = [student for _ in range(each) for student in range(count)]
    began = time.perf_counter()
    for first in range(0, len(turns), size):
        await asyncio.gather(*map(students.submit, turns[first : first + size]))
    return time.perf_counter() - began


async def at_rate(students: Students, per_second: float, seconds: float) -> float:
    """Let so many begin each second whether earlier ones have ended or not, and return the seconds."""
    count, running = len(students.plan["keys"]), []
    began = time.perf_counter()
    for number in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        running.append(asyncio.create_task(students.submit(number % count)))
    await asyncio.gather(*running)
    return time.perf_counter() - began


async def until_told(students: Students, file: Path) -> float:
    """Let everybody submit again and again until a file is there, and return the seconds."""

    async def one(student: int) -> None:
        while not file.exists():
            await students.submit(student)

    began = time.perf_counter()
    await asyncio.gather(*(one(student) for student in range(len(students.plan["keys"]))))
    return time.perf_counter() - began


async def carry_out(plan: dict[str, Any]) -> dict[str, Any]:
    connector = aiohttp.TCPConnector(limit=plan.get("connections", 200))
    limits = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=limits) as session:
        students = Students(plan, session)
        if "until" in plan:
            seconds = await until_told(students, Path(plan["until"]))
        elif "rate" in plan:
            seconds = await at_rate(students, plan["rate"], plan["seconds"])
        else:
            seconds = await in_bursts(students, plan["burst"], plan["each"])
    report = students.report
    return {
        "seconds": seconds,
        "cpu": time.process_time(),
        "acknowledged": report.acknowledged,
        "drawing": report.drawing,
        "answering": report.answering,
        "errors": dict(report.errors),
        "wrong": report.wrong,
        "given_up": report.given_up,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(carry_out(json.loads(Path(sys.argv[1]).read_text())))))
