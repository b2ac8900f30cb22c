"""train_cifar10: a model, an optimizer and a loss that note what is asked of them; losses worked by hand."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from train_cifar10 import epoch_general_cifar10, evaluate_cifar10, train_cifar10

import needle as ndl
from grader.expect import call
from grader.expect.drawing import arrays, reproducible

LN3 = math.log(3)  # softmax([LN3, 0]) is [3/4, 1/4]
IDENTITY = [[1, 0], [0, 1]]


class Matrix(ndl.nn.Module):
    """A model that makes rows of images and multiplies them with a matrix; it notes how it is called."""

    def __init__(self, weight=IDENTITY):
        super().__init__()
        self.weight = ndl.nn.Parameter(ndl.Tensor(weight, dtype="float32"))
        self.modes, self.shapes = [], []

    def __repr__(self):
        return f"Matrix({self.weight.numpy().tolist()})"

    def forward(self, images):
        self.modes.append("training" if self.training else "evaluation")
        self.shapes.append(images.shape)
        return images.reshape((images.shape[0], self.weight.shape[0])) @ self.weight


class Replacing:
    """An optimizer that notes its calls and gradients; each step puts the next of some matrices in place."""

    def __init__(self, params, matrices=(), **settings):
        self.params, self.matrices, self.settings = list(params), list(matrices), settings
        self.calls, self.gradients = [], []

    def __repr__(self):
        return "Replacing(model.parameters())"

    def reset_grad(self):
        self.calls.append("reset_grad")
        for param in self.params:
            param.grad = None

    def step(self):
        self.calls.append("step")
        [weight] = self.params
        self.gradients.append(None if weight.grad is None else np.array(weight.grad.numpy()))
        if self.matrices:
            weight.data = ndl.Tensor(self.matrices.pop(0), dtype="float32")


class Half:
    """A loss: half of the mean of the first logits, whatever the labels are; it notes its calls."""

    def __init__(self):
        self.shapes = []

    def __repr__(self):
        return "Half()"

    def __call__(self, logits, labels):
        self.shapes.append((logits.shape, labels.shape))
        first = np.zeros(logits.shape, dtype=np.float32)
        first[:, 0] = 0.5 / len(first)
        return (logits * ndl.Tensor(first, requires_grad=False)).sum()


class Noted:
    """A class, of which all that is made can be found; it is called with the settings given, and its own."""

    def __init__(self, kind, **more):
        self.kind, self.more, self.made = kind, more, []

    def __repr__(self):
        return self.kind.__name__

    def __call__(self, *args, **settings):
        self.made.append(self.kind(*args, **settings, **self.more))
        return self.made[-1]


class Drawing:
    """A loader of one batch, which notes NumPy's next draw when a pass begins."""

    def __init__(self):
        self.drawn = []

    def __repr__(self):
        return "loader"

    def __iter__(self):
        self.drawn.append(np.random.rand())
        return iter([batch([[1, 0]], [0])])

    def __len__(self):
        return 1


def batch(images, labels):
    """Return images and labels as a loader gives them."""
    images, labels = np.array(images, dtype=np.float32), np.array(labels, dtype=np.float32)
    return ndl.Tensor(images, requires_grad=False), ndl.Tensor(labels, requires_grad=False)


def three_examples():
    """Return a batch of two and a batch of one: of the identity's answers the first alone is right."""
    return [batch([[LN3, 0], [LN3, 0]], [0, 1]), batch([[0, LN3]], [0])]


def test_accuracy_and_loss_are_means_over_all_examples():
    made = call(epoch_general_cifar10, three_examples(), Matrix())
    because = "1 of 3 answers is right. (The mean of the batches' shares, 1/2 and 0, would be 1/4.)"
    made[0].returns(1 / 3, because=because)
    losses = -math.log(0.75), -math.log(0.25), -math.log(0.25)
    because = "the losses are -ln 3/4, -ln 1/4 and -ln 1/4; the first batch has two of the three examples."
    made[1].returns(math.fsum(losses) / 3, because=because)
    for figure in (made[0], made[1]):
        if not isinstance(figure.value, float | np.floating):
            because = "a loss that is a Tensor keeps the graph of its batch."
            figure.fail("the type is wrong", type(figure.value).__name__, "float", because)


def test_the_loss_is_that_of_loss_fn():
    loss = Half()
    made = call(epoch_general_cifar10, three_examples(), Matrix(), loss)
    because = "Half() is called with the logits and the labels of each batch."
    if loss.shapes != [((2, 2), (2,)), ((1, 2), (1,))]:
        found = made.then("the shapes that loss_fn got", loss.shapes)
        found.fail("the calls are wrong", str(loss.shapes), "[((2, 2), (2,)), ((1, 2), (1,))]", because)
    because = (
        "half of the first logit is ln 3 / 2, ln 3 / 2 and 0: means of ln 3 / 2 over two, and 0 over one."
    )
    made[1].returns(LN3 / 3, because=because)


def test_each_training_batch_is_forgetting_then_backward_then_a_step():
    model = Matrix()
    opt = Replacing(model.parameters())
    made = call(epoch_general_cifar10, three_examples(), model, opt=opt)
    expected = ["reset_grad", "step"] * 2
    if opt.calls != expected:
        because = "a gradient left from before is gone before each backward, and each batch makes one step."
        made.fail("the calls of opt are wrong", f"{opt.calls}", f"{expected}, for two batches", because)
    because = (
        "softmax minus one-hot is [-1/4, 1/4] and [3/4, -3/4] in batch 1, of which the mean goes through "
    )
    because += "[ln 3, 0]; and [1/4 - 1, 3/4] in batch 2, through [0, ln 3]. A step sees its own batch alone."
    gradients = [[LN3 / 4, -LN3 / 4], [0, 0]], [[0, 0], [-3 * LN3 / 4, 3 * LN3 / 4]]
    for at, (grad, wanted) in enumerate(zip(opt.gradients, gradients, strict=True)):
        made.then(f"model.weight.grad in step {at + 1}", grad).returns(wanted, because=because)


def test_figures_of_a_training_epoch_are_taken_before_each_step():
    model = Matrix()
    opt = Replacing(model.parameters(), [[[0, 0], [1, 0]], [[9, 9], [9, 9]]])
    made = call(epoch_general_cifar10, three_examples(), model, opt=opt)
    because = "batch 1 meets the identity: [right, wrong]; after step 1 the logits of batch 2 are [ln 3, 0]: "
    because += "right. What step 2 makes of the model no batch has met."
    made[0].returns(2 / 3, because=because)
    losses = -math.log(0.75), -math.log(0.25), -math.log(0.75)
    made[1].returns(math.fsum(losses) / 3, because=because)


def test_the_model_trains_with_an_optimizer_and_is_in_use_without():
    def expect(made, model, mode, because):
        if model.modes != [mode] * 2:
            made.fail("the mode is wrong", f"{model.modes}", f"{mode}, for both batches", because)

    model = Matrix()
    model.eval()
    made = call(epoch_general_cifar10, three_examples(), model, opt=Replacing(model.parameters()))
    because = "the model came in evaluation mode, in which batch norm does not do what trains: model.train()."
    expect(made, model, "training", because)
    for evaluate in (
        lambda model: call(epoch_general_cifar10, three_examples(), model),
        lambda model: call(evaluate_cifar10, model, three_examples()),
    ):
        model = Matrix()
        made = evaluate(model)
        because = "the model came in training mode; batch norm would take the batch's mean: model.eval()."
        expect(made, model, "evaluation", because)
        made.then("model.weight", model.weight).returns(IDENTITY, because="there is nothing to learn with.")
        if model.weight.grad is not None:
            because = "without an optimizer a backward pass is time spent for nothing."
            made.fail("model.weight has a gradient", f"{model.weight.grad}", "None", because)


def test_numpy_is_seeded_with_4_before_each_pass_begins():
    because = "0.967 is the first draw after np.random.seed(4); a loader that shuffles draws it."
    np.random.seed(0)
    for draws, run in (
        (1, lambda model, loader: call(epoch_general_cifar10, loader, model)),
        (1, lambda model, loader: call(evaluate_cifar10, model, loader)),
        (3, lambda model, loader: call(train_cifar10, model, loader, 3, Noted(Replacing))),
    ):
        loader = Drawing()
        made = run(Matrix(), loader)
        found = made.then("draws as a pass begins", np.array(loader.drawn))
        found.returns([0.96702984] * draws, because=because)


def test_images_come_to_the_model_as_they_are():
    images = np.arange(24).reshape(2, 3, 2, 2) / 8
    model = Matrix(np.eye(12, 2))
    made = call(epoch_general_cifar10, [batch(images, [1, 1])], model)
    because = "2 images of 3 channels of 2 by 2 pixels, as a convolution takes them: nothing is flattened."
    made.then("the shape that the model got", np.array(model.shapes[0])).returns(
        [2, 3, 2, 2], because=because
    )
    made[0].returns(
        1, because="of each image the first two numbers are the logits, the second is larger by 1/8."
    )


def test_training_returns_the_figures_of_its_last_epoch():
    optimizer = Noted(Replacing, matrices=[[[0, 0], [0, 0]], [[0, 1], [1, 0]]])
    made = call(train_cifar10, Matrix(), three_examples(), 2, optimizer)
    because = "epoch 1 ends with a model that swaps: of its answers the second and third are right."
    made[0].returns(2 / 3, because=because)
    losses = -math.log(0.25), -math.log(0.75), -math.log(0.75)
    made[1].returns(math.fsum(losses) / 3, because=because)


def test_training_makes_one_optimizer_of_all_parameters_with_lr_and_weight_decay():
    model, optimizer = Matrix(), Noted(Replacing)
    made = call(train_cifar10, model, three_examples(), 2, optimizer, lr=0.25, weight_decay=0.125)
    found = made.then("how many optimizers were made", len(optimizer.made))
    found.returns(1, because="Adam's means go on from epoch to epoch, in one optimizer.")
    [opt] = optimizer.made
    expected = {"lr": 0.25, "weight_decay": 0.125}
    if opt.settings != expected:
        because = "optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)."
        made.fail("the settings of the optimizer are wrong", f"{opt.settings}", f"{expected}", because)
    if [*map(id, opt.params)] != [id(model.weight)]:
        because = "optimizer(model.parameters(), ...)."
        made.fail("the parameters are wrong", f"{opt.params}", "the model's own", because)
    because = "2 batches in each of 2 epochs."
    made.then("the number of steps", opt.calls.count("step")).returns(4, because=because)


def test_training_and_evaluation_make_a_loss_of_the_class_that_they_are_given():
    for run, what in (
        (
            lambda loss: call(train_cifar10, Matrix(), three_examples(), 1, Noted(Replacing), loss_fn=loss),
            "train",
        ),
        (lambda loss: call(evaluate_cifar10, Matrix(), three_examples(), loss), "evaluate"),
    ):
        loss = Noted(Half)
        made = run(loss)
        because = f"{what}_cifar10 gets a class, and hands on loss_fn(): means of ln 3 / 2 over two, and 0."
        made[1].returns(LN3 / 3, because=because)


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
    right = [row.index(max(row)) == label for row, label in pairs]
    batches = [batch(images[at : at + size], labels[at : at + size]) for at in range(0, len(labels), size)]
    made = call(evaluate_cifar10, Matrix(weight), batches)
    because = f"the logits are {logits}, the labels {labels}: right answers: {right}. "
    because += "Both figures are means over all examples, however they are cut into batches."
    made[0].returns(sum(right) / len(right), because=because)
    made[1].returns(math.fsum(losses) / len(losses), because=because)
