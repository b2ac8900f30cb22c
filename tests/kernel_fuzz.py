"""Call an extension module's functions with random sizes, strides and offsets, right ones and wrong ones.

A right call has to give NumPy's result and to leave its inputs as they were; a wrong one has to raise, and
to change nothing. Under AddressSanitizer it is seen besides that none touches a byte outside of its arrays:
most arrays fill their memory to the last byte, and views reach to either end.

    python kernel_fuzz.py MODULE [SEED [CALLS]]
"""

import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from kernel_calls import fast, simple
from kernel_calls.drawing import Draw, Trial

REFUSALS = (ValueError, IndexError, TypeError, MemoryError, OverflowError, AttributeError, RuntimeError)


class Fuzz:
    """Makes calls of one module's functions."""

    def __init__(self, module: Any, seed: int) -> None:
        self.module = module
        self.arguments = Draw(module, seed)
        self.kinds = simple.CALLS + (fast.CALLS * 2 if hasattr(module, "fast") else [])

    def draw(self) -> Trial:
        return self.kinds[int(self.arguments.rng.integers(0, len(self.kinds)))](self.arguments)

    def run(self, calls: int) -> None:
        """Make calls. Raises: AssertionError for one that went wrong, with its arguments."""
        for number in range(calls):
            trial = self.draw()
            before = None if trial.out is None else self.elements(trial.out)
            try:
                with np.errstate(all="ignore"):
                    result = self.function(trial.name)(*trial.arguments)
            except REFUSALS as error:
                self.require(
                    not trial.right or trial.unchecked, number, trial, f"a right call is refused: {error}"
                )
                if before is not None and not trial.unchecked:
                    same = np.array_equal(before, self.elements(trial.out))
                    self.require(same, number, trial, "a call that is refused has changed its output")
            else:
                if trial.unchecked:
                    continue
                self.require(trial.right, number, trial, "a wrong call is not refused")
                self.check(number, trial, result)
            for array, values in trial.kept:
                same = np.array_equal(self.elements(array), values)
                self.require(same, number, trial, "an input has changed")

    def function(self, name: str) -> Callable[..., Any]:
        return getattr(self.module.fast, name[5:]) if name.startswith("fast.") else getattr(self.module, name)

    def elements(self, array: Any) -> np.ndarray:
        return self.module.to_numpy(array, (array.size,), (1,), 0)

    def check(self, number: int, trial: Trial, result: Any) -> None:
        with np.errstate(all="ignore"):
            expected = np.asarray(trial.expected(), dtype="float32")
        if trial.out is not None:
            found = self.elements(trial.out)
        else:
            found = result if isinstance(result, np.ndarray) else self.elements(result)
            self.require(found.size == expected.size, number, trial, f"{found.size} elements come out")
        near = np.allclose(found.reshape(-1), expected.reshape(-1), rtol=2e-5, atol=1e-5, equal_nan=True)
        self.require(
            near,
            number,
            trial,
            f"the result is {found.reshape(-1)[:8]}..., not {expected.reshape(-1)[:8]}...",
        )

    def require(self, holds: bool, number: int, trial: Trial, text: str) -> None:
        if not holds:
            shown = [f"Array({one.size})" if hasattr(one, "ptr") else repr(one) for one in trial.arguments]
            raise AssertionError(f"call {number}: {trial.name}({', '.join(shown)}): {text}")


def main(name: str, seed: int = 0, calls: int = 20_000) -> None:
    Fuzz(importlib.import_module(name), seed).run(calls)
    print(f"{name}, seed {seed}: of {calls} calls the right ones gave NumPy's results, the wrong ones raised")


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in sys.argv[2:4]))
