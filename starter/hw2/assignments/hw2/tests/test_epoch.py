"""epoch: a model and an optimizer that note what is asked of them, and losses worked by hand."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mlp_resnet import epoch

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible

LN3 = math.log(3)  # softmax([LN3, 0]) is [3/4, 1/4]


class Matrix(ndl.nn.Module):
    """A model that multiplies with a matrix, and notes each call."""

    def __init__(self, weight, notes=None):
        super().__init__()
        self.weight = ndl.nn.Parameter(ndl.Tensor(weight, dtype="float32"))
        self.notes = [] if notes is None else notes

    def __repr__(self):
        return f"Matrix({self.weight.numpy().tolist()})"

    def forward(self, x):
        self.notes.append(("called in training" if self.training else "called in evaluation", x.shape))
        return x @ self.weight


class Replacing:
    """An optimizer that notes its calls and gradients; each step puts the next of some matrices in place."""

    def __init__(self, model, matrices=()):
        self.model, self.matrices = model, list(matrices)
        self.notes, self.gradients = model.notes, []

    def __repr__(self):
        return "Replacing(model)"

    def reset_grad(self):
        self.notes.append(("reset_grad",))
        self.model.weight.grad = None

    def step(self):
        self.notes.append(("step",))
        grad = self.model.weight.grad
        self.gradients.append(None if grad is None else np.array(grad.numpy()))
        if self.matrices:
            self.model.weight.data = ndl.Tensor(self.matrices.pop(0), dtype="float32")


class Drawing:
    """A loader of one batch, which notes NumPy's next draw when a pass begins."""

    def __init__(self):
        self.drawn = []

    def __repr__(self):
        return "loader"

    def __iter__(self):
        self.drawn.append(np.random.rand())
        return iter([batch([[1, 0]], [0])])


def batch(images, labels):
    """Return images and labels as a loader gives them."""
    images, labels = np.array(images, dtype=np.float32), np.array(labels, dtype=np.float32)
    return ndl.Tensor(images, requires_grad=False), ndl.Tensor(labels, requires_grad=False)


def three_examples():
    """Return a batch of two and a batch of one: of the identity's answers the second and third are wrong."""
    return [batch([[LN3, 0], [LN3, 0]], [0, 1]), batch([[0, LN3]], [0])]


IDENTITY = [[1, 0], [0, 1]]


def test_error_rate_and_loss_are_means_over_all_examples():
    made = call(epoch, three_examples(), Matrix(IDENTITY))
    because = "2 of 3 answers are wrong. (The mean of the batches' rates, 1/2 and 1, would be 3/4.)"
    made[0].returns(2 / 3, because=because)
    losses = -math.log(0.75), -math.log(0.25), -math.log(0.25)
    because = (
        "the losses are -ln 3/4, -ln 1/4 and -ln 1/4; the two of the first batch count twice as much as "
    )
    because += "the mean of that batch."
    made[1].returns(math.fsum(losses) / 3, because=because)


def test_both_figures_are_plain_numbers():
    made = call(epoch, three_examples(), Matrix(IDENTITY))
    because = "a loss that is a Tensor keeps the graph of the last batch."
    for figure in (made[0], made[1]):
        if not isinstance(figure.value, float | np.floating):
            figure.fail("the type is wrong", type(figure.value).__name__, "float", because)


def test_each_training_batch_is_forgetting_then_backward_then_a_step():
    model = Matrix(IDENTITY)
    opt = Replacing(model)
    made = call(epoch, three_examples(), model, opt)
    calls = [name for (name, *_) in model.notes if name in ("reset_grad", "step")]
    expected = ["reset_grad", "step"] * 2
    because = "a gradient left from before must be gone before each backward, and each batch makes one step."
    if calls != expected:
        found = made.then("what was called of opt", calls)
        found.fail("the calls are wrong", f"{calls}", f"{expected}, for two batches", because)
    because = (
        "softmax minus one-hot is [-1/4, 1/4] and [3/4, -3/4] in batch 1, whose mean goes through images "
    )
    because += (
        "[ln 3, 0]; [1/4 - 1, 3/4] in batch 2, through [0, ln 3]. Each step sees its own batch's gradient."
    )
    gradients = [[LN3 / 4, -LN3 / 4], [0, 0]], [[0, 0], [-3 * LN3 / 4, 3 * LN3 / 4]]
    for at, (grad, wanted) in enumerate(zip(opt.gradients, gradients, strict=True)):
        found = made.then(f"model.weight.grad in step {at + 1}", grad)
        found.returns(wanted, because=because).has_dtype(np.float32)


def test_figures_of_a_training_epoch_are_taken_before_each_step():
    model = Matrix(IDENTITY)
    made = call(epoch, three_examples(), model, Replacing(model, [[[0, 0], [1, 0]], [[9, 9], [9, 9]]]))
    because = (
        "batch 1 meets the identity: [0, wrong]; after step 1 the logits of batch 2 are [ln 3, 0]: right. "
    )
    because += "What step 2 makes of the model no batch has met."
    made[0].returns(1 / 3, because=because)
    losses = -math.log(0.75), -math.log(0.25), -math.log(0.75)
    made[1].returns(math.fsum(losses) / 3, because=because)


def test_an_optimizer_puts_the_model_into_training_mode():
    model = Matrix(IDENTITY)
    model.eval()
    made = call(epoch, three_examples(), model, Replacing(model))
    modes = [name for name, *_ in model.notes if name.startswith("called")]
    because = "the model came in evaluation mode, in which dropout and batch norm do not do what trains."
    expected = ["called in training"] * 2
    if modes != expected:
        made.then("how the model was called", modes).fail(
            "the mode is wrong", f"{modes}", f"{expected}", because
        )


def test_without_an_optimizer_the_model_is_in_evaluation_mode_and_stays_as_it_is():
    model = Matrix(IDENTITY)
    made = call(epoch, three_examples(), model)
    modes = [name for name, *_ in model.notes if name.startswith("called")]
    because = "the model came in training mode, in which dropout and batch norm would disturb the figures."
    expected = ["called in evaluation"] * 2
    if modes != expected:
        made.then("how the model was called", modes).fail(
            "the mode is wrong", f"{modes}", f"{expected}", because
        )
    made.then("model.weight", model.weight).returns(IDENTITY, because="there is nothing to learn with.")
    if model.weight.grad is not None:
        because = "without an optimizer a backward pass is time spent for nothing."
        made.fail("model.weight has a gradient", f"{model.weight.grad}", "None", because)


def test_numpy_is_seeded_with_4_before_the_pass_begins():
    for opt_of in (lambda model: None, Replacing):
        model, loader = Matrix(IDENTITY), Drawing()
        np.random.seed(0)
        made = call(epoch, loader, model, opt_of(model))
        because = "0.967 is the first draw after np.random.seed(4); a loader that shuffles draws it."
        made.then("draws as the pass begins", np.array(loader.drawn)).returns([0.96702984], because=because)
        because = "and 0.547 is the second: epoch itself draws nothing."
        made.then("np.random.rand()", np.random.rand()).returns(0.54723225, because=because)


def test_images_come_to_the_model_as_rows():
    images = np.arange(12).reshape(2, 3, 2, 1) / 8
    model = Matrix(np.eye(6, 2))
    made = call(epoch, [batch(images, [1, 1])], model)
    shapes = [shape for _, shape in model.notes]
    because = "an image of 3 by 2 pixels and one channel is a row of 6 numbers."
    made.then("the shape that the model got", shapes).returns([(2, 6)], because=because)
    because = (
        "of each row the logits are the first two numbers, of which the second is larger by 1/8, and right."
    )
    made[0].returns(0, because=because)
    made[1].returns(math.log(1 + math.exp(-1 / 8)), because=because)


@st.composite
def passes(draw):
    """Draw examples, their labels, a matrix, and where the examples are cut into batches."""
    examples, features, classes = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(2, 3))
    images = draw(arrays((examples, features), -2, 2))
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=examples, max_size=examples))
    return images, labels, draw(arrays((features, classes), -2, 2)), draw(st.integers(1, examples))


@reproducible
@given(passes())
def test_the_figures_do_not_depend_on_how_examples_are_cut_into_batches(drawn):
    images, labels, weight, size = drawn
    logits = [
        [math.fsum(a * b for a, b in zip(row, column, strict=True)) for column in weight.T.tolist()]
        for row in images.tolist()
    ]
    pairs = [*zip(logits, labels, strict=True)]
    losses = [math.log(math.fsum(map(math.exp, row))) - row[label] for row, label in pairs]
    wrong = [row.index(max(row)) != label for row, label in pairs]
    batches = [batch(images[at : at + size], labels[at : at + size]) for at in range(0, len(labels), size)]
    made = call(epoch, batches, Matrix(weight))
    because = f"the logits are {logits}, the labels {labels}: wrong answers: {wrong}. "
    because += "Both figures are means over all examples, however they are cut into batches."
    made[0].returns(sum(wrong) / len(wrong), because=because)
    made[1].returns(math.fsum(losses) / len(losses), because=because)
