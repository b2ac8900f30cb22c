// fast.normalize, fast.normalize_gradient, fast.adam and fast.sgd, whose arrays are compact.
#include <memory>
#include <string>

#include "arguments.h"
#include "bind.h"
#include "normalization.h"
#include "optimizers_kernels.h"
#include "threads.h"
#include "unlocked.h"

namespace needle::fast {
namespace {

using Handle = std::unique_ptr<cpu::AlignedArray>;

constexpr int64_t kGrain = 16384;  // of a parameter's numbers that are worth another thread

Handle Make(size_t size) {
  return std::make_unique<cpu::AlignedArray>(size);
}

template <class... Handles>
PyObject *GiveArrays(Handles... handles) {
  return py::make_tuple(py::cast(std::move(handles))...).release().ptr();
}

// An array of so many numbers.
cpu::AlignedArray &NextOfSize(Arguments &in, const char *name, size_t size) {
  cpu::AlignedArray &array = in.NextArray(name);
  if (array.size != size)
    throw py::value_error(in.Where() + ": " + name + " holds " + std::to_string(array.size) +
                          " numbers. Expected " + std::to_string(size) +
                          ". See where needle.fused calls it.");
  return array;
}

struct Table {
  int64_t rows, columns;
  size_t Size() const { return static_cast<size_t>(rows) * static_cast<size_t>(columns); }
};

Table NextTable(Arguments &in) {
  const Dims shape = in.NextDims("shape");
  const size_t size = in.Count(shape);
  if (shape.size != 2 || size == 0)
    throw py::value_error(in.Where() + ": shape has " + std::to_string(shape.size) + " axes and " +
                          std::to_string(size) +
                          " elements. Expected 2, and some. See where needle.fused calls it.");
  return {shape.at[0], shape.at[1]};
}

// new = (1 - momentum) * old + momentum * found
Handle Moved(const cpu::AlignedArray &old, const cpu::AlignedArray &found, float momentum) {
  Handle moved = Make(old.size);
  for (size_t j = 0; j < old.size; ++j) moved->ptr[j] = (1 - momentum) * old.ptr[j] + momentum * found.ptr[j];
  return moved;
}

// fast.normalize(shape, x, weight, bias, eps, running_mean, running_variance, momentum) -> out, mean,
// variance, and the running ones moved
PyObject *Normalize(Arguments &in) {
  const Table table = NextTable(in);
  const auto columns = static_cast<size_t>(table.columns);
  const cpu::AlignedArray &x = NextOfSize(in, "x", table.Size());
  const cpu::AlignedArray &weight = NextOfSize(in, "weight", columns);
  const cpu::AlignedArray &bias = NextOfSize(in, "bias", columns);
  const float eps = in.NextFloat();
  const cpu::AlignedArray &running_mean = NextOfSize(in, "running_mean", columns);
  const cpu::AlignedArray &running_variance = NextOfSize(in, "running_variance", columns);
  const float momentum = in.NextFloat();
  Handle out = Make(table.Size()), mean = Make(columns), variance = Make(columns);
  RunUnlocked(out->size, [&] {
    ColumnMoments(x.ptr, table.rows, table.columns, mean->ptr, variance->ptr);
    NormalizeColumns(x.ptr, table.rows, table.columns, mean->ptr, variance->ptr, eps, weight.ptr, bias.ptr,
                     out->ptr);
  });
  Handle moved_mean = Moved(running_mean, *mean, momentum);
  Handle moved_variance = Moved(running_variance, *variance, momentum);
  return GiveArrays(std::move(out), std::move(mean), std::move(variance), std::move(moved_mean),
                    std::move(moved_variance));
}

// fast.normalize_gradient(shape, grad, x, mean, variance, weight, eps) -> grad_x, grad_weight, grad_bias
PyObject *NormalizeGradient(Arguments &in) {
  const Table table = NextTable(in);
  const auto columns = static_cast<size_t>(table.columns);
  const cpu::AlignedArray &grad = NextOfSize(in, "grad", table.Size());
  const cpu::AlignedArray &x = NextOfSize(in, "x", table.Size());
  const cpu::AlignedArray &mean = NextOfSize(in, "mean", columns);
  const cpu::AlignedArray &variance = NextOfSize(in, "variance", columns);
  const cpu::AlignedArray &weight = NextOfSize(in, "weight", columns);
  const float eps = in.NextFloat();
  Handle of_x = Make(table.Size()), of_weight = Make(columns), of_bias = Make(columns);
  RunUnlocked(of_x->size, [&] {
    NormalizeColumnsGradient(grad.ptr, x.ptr, table.rows, table.columns, mean.ptr, variance.ptr, eps,
                             weight.ptr, of_x->ptr, of_weight->ptr, of_bias->ptr);
  });
  return GiveArrays(std::move(of_x), std::move(of_weight), std::move(of_bias));
}

// fast.adam(theta, grad, m, v, decay, beta1, 1 - beta1, beta2, 1 - beta2, rate, eps) -> theta, m, v
PyObject *Adam(Arguments &in) {
  const cpu::AlignedArray &theta = in.NextArray("theta");
  const size_t size = theta.size;
  const cpu::AlignedArray &grad = NextOfSize(in, "grad", size);
  const cpu::AlignedArray &m = NextOfSize(in, "m", size), &v = NextOfSize(in, "v", size);
  AdamStep step;
  for (float *number :
       {&step.decay, &step.beta1, &step.rest1, &step.beta2, &step.rest2, &step.rate, &step.eps})
    *number = in.NextFloat();
  Handle new_theta = Make(size), new_m = Make(size), new_v = Make(size);
  RunUnlocked(size, [&] {
    ParallelFor(static_cast<int64_t>(size), kGrain, [&](int64_t begin, int64_t end) {
      OptimizerKernelsHere().adam(step, end - begin, theta.ptr + begin, grad.ptr + begin, m.ptr + begin,
                                  v.ptr + begin, new_theta->ptr + begin, new_m->ptr + begin,
                                  new_v->ptr + begin);
    });
  });
  return GiveArrays(std::move(new_theta), std::move(new_m), std::move(new_v));
}

// fast.sgd(theta, grad, u, decay, momentum, 1 - momentum, rate) -> theta, u
PyObject *Sgd(Arguments &in) {
  const cpu::AlignedArray &theta = in.NextArray("theta");
  const size_t size = theta.size;
  const cpu::AlignedArray &grad = NextOfSize(in, "grad", size), &u = NextOfSize(in, "u", size);
  SgdStep step;
  for (float *number : {&step.decay, &step.momentum, &step.rest, &step.rate}) *number = in.NextFloat();
  Handle new_theta = Make(size), new_u = Make(size);
  RunUnlocked(size, [&] {
    ParallelFor(static_cast<int64_t>(size), kGrain, [&](int64_t begin, int64_t end) {
      OptimizerKernelsHere().sgd(step, end - begin, theta.ptr + begin, grad.ptr + begin, u.ptr + begin,
                                 new_theta->ptr + begin, new_u->ptr + begin);
    });
  });
  return GiveArrays(std::move(new_theta), std::move(new_u));
}

}  // namespace

void BindTraining(py::module_ &fast) {
  DefineFast<Normalize, 8>(fast, "normalize");
  DefineFast<NormalizeGradient, 7>(fast, "normalize_gradient");
  DefineFast<Adam, 11>(fast, "adam");
  DefineFast<Sgd, 7>(fast, "sgd");
}

}  // namespace needle::fast
