"""What the demo's students do: for each homework what the half-done one has solved, and all scores by hand.

Nothing here is computed from the course: the demo is to notice when the course changes.
"""

from dataclasses import dataclass

STUDENTS = ("untouched", "half", "complete")


@dataclass(frozen=True)
class Homework:
    id: str
    half: tuple[str, ...]  # the questions that the half-done student has solved
    expected: dict[str, float]  # each student's score
    epochs: int | None  # of the demo's training, which `make train` does whole; None: it trains nothing

    def solved_by(self, student: str) -> tuple[str, ...] | None:
        """Return the questions that a student has solved; None for all of them."""
        return {"untouched": (), "half": self.half, "complete": None}[student]


HOMEWORKS = (
    Homework(
        "hw0",
        half=("add", "parse_mnist", "softmax_loss"),
        expected={"untouched": 0.0, "half": 35.0, "complete": 100.0},
        epochs=10,
    ),
    Homework(
        "hw1",
        half=(
            *("power", "power_scalar", "divide", "divide_scalar", "transpose", "reshape", "broadcast_to"),
            *("summation", "matmul", "negate", "log", "exp", "relu", "topological_sort"),
        ),
        expected={"untouched": 0.0, "half": 30.0, "complete": 100.0},
        epochs=1,
    ),
    Homework(
        "hw2",
        half=(  # what needs nothing of hw1's gradients
            *("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal"),
            *("logsumexp", "logsoftmax", "sgd", "adam", "clip_grad_norm"),
            *("random_flip", "random_crop", "mnist_dataset", "data_loader"),
        ),
        expected={"untouched": 0.0, "half": 55.0, "complete": 100.0},
        epochs=1,
    ),
    Homework(
        "hw3",
        half=(  # what needs no tiles and no barriers
            *("reshape", "permute", "broadcast_to", "getitem"),
            *("cpu_compact", "cpu_ewise_setitem", "cpu_scalar_setitem"),
            *("cpu_arithmetic", "cpu_comparisons", "cpu_functions", "cpu_matmul"),
            *("cuda_arithmetic", "cuda_comparisons", "cuda_functions"),
        ),
        expected={"untouched": 0.0, "half": 55.0, "complete": 100.0},
        epochs=None,
    ),
    Homework(
        "hw4",
        half=(  # what needs none of the gradients, sums and tiles that are missing
            *("ndarray_flip", "ndarray_pad", "tanh", "stack", "split", "flip", "dilate", "undilate"),
            *("conv_forward", "conv_module", "cifar10_reading", "cifar10_items"),
            *("dictionary", "corpus", "batchify", "get_batch"),
        ),
        expected={"untouched": 0.0, "half": 37.2, "complete": 100.0},  # a case of conv_module goes backward
        epochs=None,  # on simple kernels an epoch takes minutes
    ),
)
