// fast.normalize, fast.normalize_gradient, fast.adam and fast.sgd, whose arrays are compact.
#include <memory>
#include <string>

#include "../fast_sizes.h"
#include "arguments.h"
#include "bind.h"
#include "normalization.h"
#include "optimizers_kernels.h"
#include "threads.h"
#include "unlocked.h"

namespace needle::fast {
namespace {

using Sizes = SizesFor<cpu::AlignedArray>;
using Owned = Sizes::Owned;

constexpr int64_t kGrain = 16384;  // of a parameter's numbers that are worth another thread

Owned Make(size_t size) {
  return std::make_unique<cpu::AlignedArray>(size);
}

// new = (1 - momentum) * old + momentum * found
Owned Moved(const float *old, const cpu::AlignedArray &found, float momentum) {
  Owned moved = Make(found.size);
  for (size_t j = 0; j < found.size; ++j) moved->ptr[j] = (1 - momentum) * old[j] + momentum * found.ptr[j];
  return moved;
}

// fast.normalize((rows, columns), x, weight, bias, eps, running_mean, running_variance, momentum) -> out,
// mean, variance, and the running ones moved
PyObject *Normalize(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *x = sizes.Next("x", {rows, columns});
  const float *weight = sizes.Next("weight", {columns}), *bias = sizes.Next("bias", {columns});
  const float eps = in.NextFloat();
  const float *running_mean = sizes.Next("running_mean", {columns});
  const float *running_variance = sizes.Next("running_variance", {columns});
  const float momentum = in.NextFloat();
  Owned out = sizes.Make({rows, columns}), mean = sizes.Make({columns}), variance = sizes.Make({columns});
  RunUnlocked(out->size, [&] {
    ColumnMoments(x, rows, columns, mean->ptr, variance->ptr);
    NormalizeColumns(x, rows, columns, mean->ptr, variance->ptr, eps, weight, bias, out->ptr);
  });
  Owned moved_mean = Moved(running_mean, *mean, momentum);
  Owned moved_variance = Moved(running_variance, *variance, momentum);
  return GiveArrays(std::move(out), std::move(mean), std::move(variance), std::move(moved_mean),
                    std::move(moved_variance));
}

// fast.normalize_gradient((rows, columns), grad, x, mean, variance, weight, eps) -> grad_x, grad_weight,
// grad_bias
PyObject *NormalizeGradient(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *grad = sizes.Next("grad", {rows, columns}), *x = sizes.Next("x", {rows, columns});
  const float *mean = sizes.Next("mean", {columns}), *variance = sizes.Next("variance", {columns});
  const float *weight = sizes.Next("weight", {columns});
  const float eps = in.NextFloat();
  Owned of_x = sizes.Make({rows, columns}), of_weight = sizes.Make({columns}),
        of_bias = sizes.Make({columns});
  RunUnlocked(of_x->size, [&] {
    NormalizeColumnsGradient(grad, x, rows, columns, mean, variance, eps, weight, of_x->ptr, of_weight->ptr,
                             of_bias->ptr);
  });
  return GiveArrays(std::move(of_x), std::move(of_weight), std::move(of_bias));
}

// An array of as many numbers as a parameter.
const cpu::AlignedArray &NextOfSize(Arguments &in, const char *name, size_t size) {
  const cpu::AlignedArray &array = in.NextArray(name);
  RequireSize(in.Where().c_str(), name, array.size, size);
  return array;
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
  Owned new_theta = Make(size), new_m = Make(size), new_v = Make(size);
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
  Owned new_theta = Make(size), new_u = Make(size);
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
