"""The true labels of train_mnist's figures: never released."""


def tells_ten_classes_apart(rng):
    rng.integers(0, 2, size=(10, 784))  # the classes' images
    return rng.permutation(100) % 10
