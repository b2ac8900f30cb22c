"""Tests and cases pick a device, and what they picked is noted."""

from dataclasses import dataclass

import pytest

from grader import pick_device
from grader.errors import NoDevice
from grader.grading import devices
from grader.grading.devices import picked


@dataclass(frozen=True)
class Device:
    name: str
    there: bool

    def enabled(self) -> bool:
        return self.there


def test_the_first_device_that_is_there_is_picked_and_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_picked", [])
    cuda, simulated, cpu = Device("cuda", False), Device("cuda_sim", True), Device("cpu", True)
    assert pick_device(cuda, simulated) is simulated
    assert pick_device(cuda, simulated) is simulated
    assert pick_device(cpu) is cpu
    assert picked() == ["cuda_sim", "cpu"]


def test_where_no_device_is_there_the_error_names_them_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "_picked", [])
    with pytest.raises(NoDevice, match=r"none of cuda, cuda_sim can be used here\. .*`make build`"):
        pick_device(Device("cuda", False), Device("cuda_sim", False))
    assert picked() == []
