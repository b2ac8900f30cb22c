"""hw0's reference against oracles that share no code with it."""

import gzip
import importlib.util
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
MNIST = Path(os.environ.get("NEEDLE_DATA_DIR", ROOT / "data")) / "mnist"
NAMES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")

reproducible = settings(derandomize=True, deadline=None, database=None, max_examples=40)


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ml = load("hw0_reference", ROOT / "reference" / "hw0" / "simple_ml.py")


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    examples, features, classes = (draw(st.integers(1, 12)) for _ in range(3))
    X = rng.normal(size=(examples, features)).astype(np.float32)
    y = rng.integers(0, classes, size=examples).astype(np.uint8)
    return rng, X, y, classes


def loss_in_double(Z, y):
    Z = np.asarray(Z, dtype=np.float64)
    return np.mean(
        np.logaddexp.reduce(Z, axis=1) - np.take_along_axis(Z, y[:, None].astype(int), axis=1)[:, 0]
    )


def measured_gradient(loss, array):
    """Return the central differences of a loss with respect to each element of a float64 array."""
    gradient = np.zeros_like(array)
    for at in np.ndindex(array.shape):
        kept = array[at]
        array[at] = kept + 1e-6
        above = loss()
        array[at] = kept - 1e-6
        gradient[at] = (above - loss()) / 2e-6
        array[at] = kept
    return gradient


@reproducible
@given(problems())
def test_the_loss_is_logaddexp_less_the_labels_logit(problem):
    rng, _, y, classes = problem
    Z = (rng.normal(size=(len(y), classes)) * 30).astype(np.float32)
    np.testing.assert_allclose(ml.softmax_loss(Z, y), loss_in_double(Z, y), rtol=1e-5, atol=1e-5)


def test_the_loss_stays_finite_where_exp_overflows():
    Z = np.array([[1000, 0], [-1000, -1002]], dtype=np.float32)
    assert ml.softmax_loss(Z, np.array([1, 0])) == pytest.approx((1000 + np.log1p(np.exp(-2))) / 2)


@reproducible
@given(problems())
def test_a_step_of_softmax_regression_follows_the_measured_gradient(problem):
    rng, X, y, classes = problem
    theta = rng.normal(size=(X.shape[1], classes)).astype(np.float32)
    exact = theta.astype(np.float64)
    expected = exact - 0.5 * measured_gradient(lambda: loss_in_double(X @ exact, y), exact)
    ml.softmax_regression_epoch(X, y, theta, lr=0.5, batch=len(X))
    np.testing.assert_allclose(theta, expected, rtol=1e-4, atol=1e-5)


@reproducible
@given(problems(), st.integers(1, 6))
def test_a_step_of_the_network_follows_the_measured_gradients(problem, hidden):
    rng, X, y, classes = problem
    W1 = rng.normal(size=(X.shape[1], hidden)).astype(np.float32)
    W2 = rng.normal(size=(hidden, classes)).astype(np.float32)
    first, second = W1.astype(np.float64), W2.astype(np.float64)
    if np.abs(X @ first).min() < 1e-4:
        return  # at relu's corner there is no slope to measure
    slopes = [
        measured_gradient(lambda: loss_in_double(np.maximum(X @ first, 0) @ second, y), weights)
        for weights in (first, second)
    ]
    ml.nn_epoch(X, y, W1, W2, lr=0.5, batch=len(X))
    np.testing.assert_allclose(W1, first - 0.5 * slopes[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(W2, second - 0.5 * slopes[1], rtol=1e-4, atol=1e-5)


def test_an_epoch_of_the_network_is_pytorchs():
    torch = pytest.importorskip(
        "torch", reason="PyTorch is not installed, so there is nothing to compare with"
    )
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(53, 6)).astype(np.float32), rng.integers(0, 4, size=53).astype(np.uint8)
    W1, W2 = (rng.normal(size=shape).astype(np.float32) for shape in ((6, 9), (9, 4)))
    layers = [torch.tensor(W.copy(), requires_grad=True) for W in (W1, W2)]
    optimizer = torch.optim.SGD(layers, lr=0.2)
    for start in range(0, 53, 10):
        logits = torch.relu(torch.tensor(X[start : start + 10]) @ layers[0]) @ layers[1]
        target = torch.tensor(y[start : start + 10].astype(np.int64))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, target).backward()
        optimizer.step()
    ml.nn_epoch(X, y, W1, W2, lr=0.2, batch=10)
    np.testing.assert_allclose(W1, layers[0].detach().numpy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(W2, layers[1].detach().numpy(), rtol=1e-4, atol=1e-5)


def test_float32_weights_keep_their_type_and_labels_of_any_integer_type_do():
    X, theta = np.ones((3, 2), dtype=np.float32), np.zeros((2, 2), dtype=np.float32)
    for dtype in (np.uint8, np.int64):
        assert ml.softmax_regression_epoch(X, np.array([0, 1, 1], dtype=dtype), theta, batch=2) is None
    assert theta.dtype == np.float32
    assert ml.softmax_loss(X @ theta, np.array([0, 1, 1])).dtype == np.float32


def idx(path, magic, sizes, content):
    path.write_bytes(gzip.compress(struct.pack(f">{1 + len(sizes)}i", magic, *sizes) + bytes(content)))
    return path


def test_parse_mnist_names_a_file_that_is_another_kind(tmp_path):
    images = idx(tmp_path / "images.gz", 2051, [1, 1, 2], [1, 2])
    labels = idx(tmp_path / "labels.gz", 2049, [1], [1])
    with pytest.raises(ValueError, match=r"labels\.gz: the magic number is 2049\. Expected 2051"):
        ml.parse_mnist(labels, images)


def test_parse_mnist_names_a_file_with_too_few_bytes(tmp_path):
    images = idx(tmp_path / "images.gz", 2051, [2, 1, 2], [1, 2, 3])
    labels = idx(tmp_path / "labels.gz", 2049, [2], [1, 0])
    with pytest.raises(ValueError, match=r"images\.gz: found 19 bytes\. Expected 20\. Fetch it again\."):
        ml.parse_mnist(images, labels)


@pytest.mark.parametrize("length", [0, 3, 4, 9, 15])
def test_parse_mnist_refuses_a_file_that_ends_within_its_header(tmp_path, length):
    images = tmp_path / "images.gz"
    images.write_bytes(gzip.compress(struct.pack(">4i", 2051, 1, 1, 1)[:length]))
    with pytest.raises(ValueError, match=r"images\.gz: (the magic number is|found \d+ bytes)"):
        ml.parse_mnist(images, images)


def test_parse_mnist_refuses_counts_that_disagree(tmp_path):
    images = idx(tmp_path / "images.gz", 2051, [1, 1, 2], [1, 2])
    labels = idx(tmp_path / "labels.gz", 2049, [2], [1, 0])
    with pytest.raises(ValueError, match=r"labels\.gz: found 2 labels\. Expected 1, one an image"):
        ml.parse_mnist(images, labels)


def test_missing_data_stop_the_training_with_what_to_do(tmp_path):
    with pytest.raises(SystemExit) as stopped:
        ml.load_mnist(tmp_path)
    assert "make data DATASET=mnist SYNTHETIC=1" in str(stopped.value)


def test_training_prints_a_row_an_epoch_and_returns_the_last(capsys):
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(200, 2)).astype(np.float32)
    y = (X[:, 0] > X[:, 1]).astype(np.uint8)
    np.random.seed(0)
    for train, settings_ in ((ml.train_softmax, {}), (ml.train_nn, {"hidden_dim": 8})):
        loss, error, *_ = train(X, y, X, y, epochs=20, batch=10, **settings_)
        header, *rows = capsys.readouterr().out.splitlines()
        assert header == "epoch | train loss | train error | test loss | test error"
        assert len(rows) == 20
        cells = [float(cell) for cell in rows[-1].split("|")]
        assert cells == pytest.approx([20, loss, error, loss, error], abs=1e-4)
        assert error < 0.05


@pytest.mark.skipif(
    not all((MNIST / f"{name}-ubyte.gz").exists() for name in NAMES) or (MNIST / "SYNTHETIC.txt").exists(),
    reason="real MNIST is not here: set NEEDLE_DATA_DIR to a folder that holds mnist/",
)
def test_real_mnist_is_read_and_learned():
    X_train, y_train, X_test, y_test = ml.load_mnist(MNIST)
    assert (X_train.shape, X_test.shape) == ((60000, 784), (10000, 784))
    assert (X_train.dtype, y_train.dtype) == (np.float32, np.uint8)
    assert (X_train.min(), X_train.max()) == (0.0, 1.0)
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
    *_, error = ml.train_softmax(X_train, y_train, X_test, y_test, epochs=3, lr=0.2)
    assert error < 0.09
