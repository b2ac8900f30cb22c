"""A residual network of linear layers, trained on MNIST."""

import numpy as np
from training import mnist_files

import needle as ndl
from needle import nn


def ResidualBlock(dim, hidden_dim, norm=nn.BatchNorm1d, drop_prob=0.1):  # noqa: N802 - called as a module is
    """Return a block that adds to its input what two linear layers make of it, and ends with a ReLU.

    Sequential(Residual(Sequential(Linear, norm, ReLU, Dropout, Linear, norm)), ReLU), from dim to hidden_dim
    and back; the modules are made in this order, which is that of the random draws.
    """
    layers = nn.Sequential(
        nn.Linear(dim, hidden_dim),
        norm(hidden_dim),
        nn.ReLU(),
        nn.Dropout(drop_prob),
        nn.Linear(hidden_dim, dim),
        norm(dim),
    )
    return nn.Sequential(nn.Residual(layers), nn.ReLU())


def MLPResNet(  # noqa: N802 - as above
    dim, hidden_dim=100, num_blocks=3, num_classes=10, norm=nn.BatchNorm1d, drop_prob=0.1
):
    """Return a network from dim features to the logits of num_classes classes.

    Sequential(Linear, ReLU, num_blocks blocks, Linear), where a block is ResidualBlock(hidden_dim,
    hidden_dim // 2, norm, drop_prob); the modules are made in this order.
    """
    return nn.Sequential(
        nn.Linear(dim, hidden_dim),
        nn.ReLU(),
        *[ResidualBlock(hidden_dim, hidden_dim // 2, norm, drop_prob) for _ in range(num_blocks)],
        nn.Linear(hidden_dim, num_classes),
    )


def epoch(dataloader, model, opt=None):
    """Pass once over the data, and return the share of wrong answers and the softmax loss.

    With an optimizer the model is in training mode, and each batch makes a step; otherwise it is in
    evaluation mode, and nothing changes. Both figures are means over all examples, floats, and are taken
    before each batch's step. NumPy's generator is seeded with 4 first. The images are flattened.
    """
    np.random.seed(4)
    if opt is None:
        model.eval()
    else:
        model.train()
    examples, wrong, total_loss = 0, 0, 0.0
    with ndl.first_order():
        for images, labels in dataloader:
            logits = model(nn.Flatten()(images))
            loss = nn.SoftmaxLoss()(logits, labels)
            if opt is not None:
                opt.reset_grad()
                loss.backward()
                opt.step()
            examples += labels.shape[0]
            wrong += (logits.numpy().argmax(axis=1) != labels.numpy()).sum().item()
            total_loss += loss.numpy().item() * labels.shape[0]
    return wrong / examples, total_loss / examples


def train_mnist(
    batch_size=100,
    epochs=10,
    optimizer=ndl.optim.Adam,
    lr=0.001,
    weight_decay=0.001,
    hidden_dim=100,
    data_dir="data",
):
    """Train an MLPResNet on MNIST, and return its last (train error, train loss, test error, test loss).

    NumPy's generator is seeded with 4 first, and the model is made next, MLPResNet(784, hidden_dim). Each
    epoch goes over the training data in shuffled batches; the test data, in order, come once at the end.
    `mnist_files(data_dir, "train")`, from `training`, gives the names of the two files of training data,
    and with "test" those of the test data.
    """
    np.random.seed(4)
    model = MLPResNet(784, hidden_dim)
    opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    train, test = (ndl.data.MNISTDataset(*mnist_files(data_dir, part)) for part in ("train", "test"))
    batches = ndl.data.DataLoader(train, batch_size, shuffle=True)
    for _ in range(epochs):
        train_figures = epoch(batches, model, opt)
    return *train_figures, *epoch(ndl.data.DataLoader(test, batch_size), model)
