"""Every op, as its class and as the function that calls it."""

from needle.ops.activations import Tanh, tanh
from needle.ops.arithmetic import (
    AddScalar,
    EWiseAdd,
    EWiseMul,
    MulScalar,
    add,
    add_scalar,
    mul_scalar,
    multiply,
)
from needle.ops.convolution import Conv, conv
from needle.ops.logarithmic import LogSoftmax, LogSumExp, logsoftmax, logsumexp
from needle.ops.mathematic import (
    BroadcastTo,
    DivScalar,
    EWiseDiv,
    EWisePow,
    Exp,
    Log,
    MatMul,
    Negate,
    PowerScalar,
    ReLU,
    Reshape,
    Summation,
    Transpose,
    broadcast_to,
    divide,
    divide_scalar,
    exp,
    log,
    matmul,
    negate,
    power,
    power_scalar,
    relu,
    reshape,
    summation,
    transpose,
)
from needle.ops.padding import Pad, pad
from needle.ops.shaping import (
    Dilate,
    Flip,
    Split,
    Stack,
    UnDilate,
    dilate,
    flip,
    split,
    stack,
    undilate,
)
from needle.ops.tuples import (
    FusedAddScalars,
    MakeTensorTuple,
    PutTupleItems,
    TupleGetItem,
    add_tuples,
    fused_add_scalars,
    make_tuple,
    tuple_get_item,
)
