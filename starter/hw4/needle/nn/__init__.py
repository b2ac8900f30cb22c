"""Modules: parts of a network, which hold parameters and compute outputs."""

from needle.nn.activations import Sigmoid, Tanh
from needle.nn.basic import Dropout, Flatten, Identity, Linear, ReLU, Residual, Sequential, SoftmaxLoss
from needle.nn.batch_norm_2d import BatchNorm2d
from needle.nn.convolution import Conv
from needle.nn.embedding import Embedding
from needle.nn.lstm import LSTM, LSTMCell
from needle.nn.module import Module, Parameter
from needle.nn.normalization import BatchNorm1d, LayerNorm1d
from needle.nn.recurrent import RNN, RNNCell
from needle.nn.transformer import AttentionLayer, MultiHeadAttention, Transformer, TransformerLayer
