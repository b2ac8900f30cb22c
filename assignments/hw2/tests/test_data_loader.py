"""data_loader: a handful of examples that can be counted, and passes that NumPy's seed decides."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import seen
from grader.expect.drawing import reproducible


def tens(count):
    """Return a dataset of the numbers 0, 10, 20, ..."""
    return ndl.data.NDArrayDataset(10.0 * np.arange(count))


def shown(dataset, batch_size, shuffle=False, seed=None):
    """Return what makes a loader of the tens, as Python."""
    seeded = "" if seed is None else f"np.random.seed({seed}); "
    data = f"ndl.data.NDArrayDataset(10.0 * np.arange({len(dataset)}))"
    return f"{seeded}loader = ndl.data.DataLoader({data}, {batch_size}{', shuffle=True' * shuffle})"


def passes(loader, setup, expected, because):
    """Expect a pass to give these numbers, a list for each batch."""
    batches = [batch[0].numpy() for batch in loader]
    text = f"{setup}; [batch[0] for batch in loader]"
    lengths = [len(batch) for batch in batches]
    if lengths != [len(batch) for batch in expected]:
        found = f"batches of {lengths}"
        seen(text, batches).fail("the batches are wrong", found, f"{expected}", because)
    for at, batch in enumerate(batches):
        seen(f"{text}[{at}]", batch).returns(expected[at], because=f"the batches are {expected}: {because}")


class Squares(ndl.data.Dataset):
    """A dataset that knows one example at a time: a row of n, and the square of n."""

    def __getitem__(self, index):
        if not isinstance(index, int):
            raise TypeError(f"Squares gives one example at a time, by an int, not by {index!r}")
        return np.array([index, index], dtype=np.float32), index * index

    def __len__(self):
        return 3


def test_batches_come_in_order_and_the_last_holds_what_is_left():
    loader = ndl.data.DataLoader(tens(5), 2)
    because = "5 examples are 2, 2 and 1. The last counts too: dropped, it would never be learned from."
    passes(loader, shown(tens(5), 2), [[0, 10], [20, 30], [40]], because)


def test_by_default_each_example_is_a_batch_in_order():
    loader = ndl.data.DataLoader(tens(3))
    passes(loader, shown(tens(3), 1), [[0], [10], [20]], "batch_size is 1 by default, and shuffle False.")


def test_a_batch_is_a_tuple_of_tensors_that_need_no_gradient():
    dataset = ndl.data.NDArrayDataset(np.arange(3, dtype=np.uint8), np.eye(3), np.ones((3, 1, 2)))
    setup = "data = ndl.data.NDArrayDataset(np.arange(3, dtype=np.uint8), np.eye(3), np.ones((3, 1, 2)))"
    for dtype in ("float32", "float64"):
        loader = ndl.data.DataLoader(dataset, 2, dtype=dtype, device=ndl.cpu())
        text = f"{setup}; batch = next(iter(ndl.data.DataLoader(data, 2, dtype={dtype!r}))); batch"
        batch = seen(text, next(iter(loader)))
        batch.has_type(tuple, because="one Tensor for each of the dataset's three arrays.")
        because = "a batch of two examples has its examples along axis 0; the dtype is the loader's."
        for part, expected in enumerate([[0, 1], [[1, 0, 0], [0, 1, 0]], [[[1, 1]], [[1, 1]]]]):
            found = batch[part].has_type(ndl.Tensor, because="a model computes with Tensors.")
            found.returns(expected, because=because).has_dtype(dtype, because=because)
            because_of_data = "no one asks for the slope along a pixel."
            grad = found.then("requires_grad", int(found.value.requires_grad))
            grad.returns(0, because=because_of_data)


def test_a_dataset_of_one_array_gives_tuples_of_one():
    batch = next(iter(ndl.data.DataLoader(tens(4), 3)))
    text = f"{shown(tens(4), 3)}; batch = next(iter(loader)); len(batch)"
    seen(text, len(batch)).returns(1, because="`for (x,) in loader` unpacks a tuple of one Tensor.")
    seen(text, batch)[0].returns([0, 10, 20])


def test_a_dataset_that_gives_one_example_at_a_time_is_stacked():
    batch = next(iter(ndl.data.DataLoader(Squares(), 3)))
    made = seen("batch = next(iter(ndl.data.DataLoader(dataset, 3))); batch", batch)
    because = "dataset.batch(indices), which each dataset has, asks for one after the other and stacks them."
    made[0].returns([[0, 0], [1, 1], [2, 2]], because=because)
    made[1].returns([0, 1, 4], because=because).has_dtype(np.float32)


def test_shuffled_passes_are_shuffles_of_0_1_2_each_by_one_call():
    np.random.seed(0)
    loader = ndl.data.DataLoader(tens(5), 2, shuffle=True)
    setup = shown(tens(5), 2, shuffle=True, seed=0)
    because = "after seed 0, np.random.shuffle(np.arange(5)) gives 2 0 1 3 4."
    passes(loader, setup, [[20, 0], [10, 30], [40]], because)
    because = "a second pass shuffles anew, a new np.arange(5), and the second shuffle gives 0 2 1 4 3."
    passes(loader, f"{setup}; list(loader)", [[0, 20], [10, 40], [30]], because)


def test_without_shuffle_nothing_is_drawn():
    np.random.seed(0)
    batches = list(ndl.data.DataLoader(tens(5), 2))
    text = f"{shown(tens(5), 2, seed=0)}; list(loader); np.random.rand()"
    because = "0.5488 is the first draw after seed 0."
    seen(text, np.random.rand()).returns(0.54881350, because=because)
    seen(text, len(batches)).returns(3)


def test_a_new_pass_begins_at_the_beginning_though_the_last_was_left_early():
    loader = ndl.data.DataLoader(tens(5), 2)
    for _ in loader:
        break
    setup = f"{shown(tens(5), 2)}; next(iter(loader))"
    because = "each iter of the loader is a pass of its own."
    passes(loader, setup, [[0, 10], [20, 30], [40]], because)
    passes(loader, f"{setup}; list(loader)", [[0, 10], [20, 30], [40]], because)


def test_two_loops_over_one_loader_do_not_disturb_each_other():
    loader = ndl.data.DataLoader(tens(3), 2)
    pairs = [(one[0].numpy()[0], other[0].numpy()[0]) for one in loader for other in loader]
    text = f"{shown(tens(3), 2)}; [(a[0].numpy()[0], b[0].numpy()[0]) for a in loader for b in loader]"
    because = "where a pass stands is kept in the iterator that iter() returns, not in the loader."
    expected = [[0, 0], [0, 20], [20, 0], [20, 20]]
    if len(pairs) != len(expected):
        seen(text, pairs).fail("the number of pairs is wrong", str(len(pairs)), "4", because)
    seen(text, np.array(pairs)).returns(expected, because=because)


def test_two_shuffled_loops_have_an_order_each():
    np.random.seed(0)
    loader = ndl.data.DataLoader(tens(5), 5, shuffle=True)
    first, second = iter(loader), iter(loader)
    text = f"{shown(tens(5), 5, shuffle=True, seed=0)}; first, second = iter(loader), iter(loader)"
    because = "each pass shuffles an arange of its own: the second iter() leaves the first one's order alone."
    orders = sorted([next(second)[0].numpy().tolist(), next(first)[0].numpy().tolist()])
    text += "; sorted([next(second)[0].numpy().tolist(), next(first)[0].numpy().tolist()])"
    seen(text, np.array(orders)).returns([[0, 20, 10, 40, 30], [20, 0, 10, 30, 40]], because=because)


@reproducible
@given(st.integers(1, 9), st.integers(1, 10), st.booleans(), st.integers(0, 20))
def test_every_pass_has_each_example_once_beside_its_label(count, batch_size, shuffle, seed):
    np.random.seed(seed)
    dataset = ndl.data.NDArrayDataset(10.0 * np.arange(count), np.arange(count))
    loader = ndl.data.DataLoader(dataset, batch_size, shuffle)
    text = f"np.random.seed({seed}); data = ndl.data.NDArrayDataset(10.0 * np.arange({count}), "
    text += f"np.arange({count})); loader = ndl.data.DataLoader(data, {batch_size}, {shuffle})"
    lengths = [batch_size] * (count // batch_size) + [count % batch_size] * (count % batch_size > 0)
    because = f"{count} examples make {math.ceil(count / batch_size)} batches, of {lengths}."
    seen(f"{text}; len(loader)", len(loader)).returns(len(lengths), because=because)
    for _ in range(2):
        batches = [(images.numpy().tolist(), labels.numpy().tolist()) for images, labels in loader]
        found = [len(images) for images, _ in batches]
        if found != lengths:
            seen(f"{text}; list(loader)", batches).fail(
                "the lengths of batches are wrong", f"{found}", f"{lengths}", because
            )
        images, labels = ([one for batch in batches for one in batch[part]] for part in (0, 1))
        seen(f"{text}; labels in a pass, sorted", sorted(labels)).returns(np.arange(count))
        because = "each label comes with its own example."
        seen(f"{text}; images", images).returns([10 * label for label in labels], because=because)
