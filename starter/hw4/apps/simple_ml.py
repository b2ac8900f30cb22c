"""The names of the course's training functions in one place, under the name that its users import."""

from train_cifar10 import epoch_general_cifar10 as epoch_general_cifar10
from train_cifar10 import evaluate_cifar10 as evaluate_cifar10
from train_cifar10 import train_cifar10 as train_cifar10
from train_ptb import epoch_general_ptb as epoch_general_ptb
from train_ptb import evaluate_ptb as evaluate_ptb
from train_ptb import train_ptb as train_ptb
from two_layer import nn_epoch as nn_epoch
from two_layer import parse_mnist as parse_mnist
from two_layer import softmax_loss as softmax_loss
