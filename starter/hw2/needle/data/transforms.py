"""Changes of an image that keep what it shows, so that a network sees more than was collected."""

import numpy as np


class Transform:
    """A change of an example, which stays as it was: the result is another array, or the same one."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} has no method __call__.")


class RandomFlipHorizontal(Transform):
    """Swap left and right with probability p."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, img: np.ndarray) -> np.ndarray:
        """Return the image, or its mirror image when `np.random.rand() < p`: one draw a call.

        Shapes: img (H, W, C) -> (H, W, C).
        """
        raise NotImplementedError("not started: hw2/random_flip")


class RandomCrop(Transform):
    """Move the image by up to `padding` pixels each way; what comes in from outside is 0."""

    def __init__(self, padding: int = 3) -> None:
        self.padding = padding

    def __call__(self, img: np.ndarray) -> np.ndarray:
        """Return what a window of the image's size shows of the image with `padding` zeros on each side.

        One draw a call, `np.random.randint(-padding, padding + 1, size=2)`, gives (shift_x, shift_y). The
        window begins at row padding + shift_x and column padding + shift_y of the padded image.
        Shapes: img (H, W, C) -> (H, W, C).
        """
        raise NotImplementedError("not started: hw2/random_crop")
