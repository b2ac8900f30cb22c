"""Making tensors: of given values, random, and as the first weights of a layer."""

from needle.init.basic import constant, one_hot, ones, ones_like, rand, randb, randn, zeros, zeros_like
from needle.init.initializers import kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform
