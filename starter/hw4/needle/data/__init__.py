"""Data: sets of examples, changes made to them at random, and batches of them."""

from needle.data.dataset import Dataset, NDArrayDataset
from needle.data.datasets.cifar10 import CIFAR10Dataset
from needle.data.datasets.mnist import MNISTDataset
from needle.data.datasets.ptb import Corpus, Dictionary, batchify, get_batch
from needle.data.loader import DataLoader
from needle.data.transforms import RandomCrop, RandomFlipHorizontal, Transform
