// fast.normalize, fast.normalize_gradient, fast.adam and fast.sgd, as the CPU backend has them.
#include "bind.h"
#include "normalization.h"
#include "optimizers.h"
#include "sizes.h"

namespace needle::cuda_fast {
namespace {

// normalize((rows, columns), x, weight, bias, eps, running_mean, running_variance, momentum)
//   -> (out, mean, variance, and the running ones moved)
PyObject *Normalize(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *x = sizes.Next("x", {rows, columns});
  const float *weight = sizes.Next("weight", {columns}), *bias = sizes.Next("bias", {columns});
  const float eps = in.NextFloat();
  Owned moved_mean = sizes.Make({columns}), moved_variance = sizes.Make({columns});
  Running running = {};
  running.mean = sizes.Next("running_mean", {columns});
  running.variance = sizes.Next("running_variance", {columns});
  running.momentum = in.NextFloat();
  running.moved_mean = moved_mean->ptr;
  running.moved_variance = moved_variance->ptr;
  Owned out = sizes.Make({rows, columns}), mean = sizes.Make({columns}), variance = sizes.Make({columns});
  NormalizeColumns(x, rows, columns, weight, bias, eps, out->ptr, mean->ptr, variance->ptr, running);
  return GiveArrays(std::move(out), std::move(mean), std::move(variance), std::move(moved_mean),
                    std::move(moved_variance));
}

// normalize_gradient((rows, columns), grad, x, mean, variance, weight, eps)
//   -> (grad_x, grad_weight, grad_bias)
PyObject *NormalizeGradient(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *grad = sizes.Next("grad", {rows, columns}), *x = sizes.Next("x", {rows, columns});
  const float *mean = sizes.Next("mean", {columns}), *variance = sizes.Next("variance", {columns});
  const float *weight = sizes.Next("weight", {columns});
  const float eps = in.NextFloat();
  Owned of_x = sizes.Make({rows, columns}), of_weight = sizes.Make({columns}),
        of_bias = sizes.Make({columns});
  NormalizeColumnsGradient(grad, x, rows, columns, mean, variance, eps, weight, of_x->ptr, of_weight->ptr,
                           of_bias->ptr);
  return GiveArrays(std::move(of_x), std::move(of_weight), std::move(of_bias));
}

// The next argument, an array of so many numbers.
const float *NextOfSize(Arguments &in, const char *name, size_t size) {
  const cuda::CudaArray &array = in.NextArray(name);
  RequireSize(in.Where().c_str(), name, array.size, size);
  RecordUse(array.ptr);
  return array.ptr;
}

// The first argument, a parameter.
const cuda::CudaArray &NextParameter(Arguments &in) {
  const cuda::CudaArray &theta = in.NextArray("theta");
  RecordUse(theta.ptr);
  return theta;
}

Owned Make(size_t size) {
  return std::make_unique<cuda::CudaArray>(size);
}

// adam(theta, grad, m, v, decay, beta1, 1 - beta1, beta2, 1 - beta2, rate, eps) -> (theta, m, v)
PyObject *GiveAdam(Arguments &in) {
  const cuda::CudaArray &theta = NextParameter(in);
  const size_t size = theta.size;
  const float *grad = NextOfSize(in, "grad", size);
  const float *m = NextOfSize(in, "m", size), *v = NextOfSize(in, "v", size);
  AdamStep step;
  for (float *number :
       {&step.decay, &step.beta1, &step.rest1, &step.beta2, &step.rest2, &step.rate, &step.eps})
    *number = in.NextFloat();
  Owned new_theta = Make(size), new_m = Make(size), new_v = Make(size);
  Adam(step, static_cast<int64_t>(size), theta.ptr, grad, m, v, new_theta->ptr, new_m->ptr, new_v->ptr);
  return GiveArrays(std::move(new_theta), std::move(new_m), std::move(new_v));
}

// sgd(theta, grad, u, decay, momentum, 1 - momentum, rate) -> (theta, u)
PyObject *GiveSgd(Arguments &in) {
  const cuda::CudaArray &theta = NextParameter(in);
  const size_t size = theta.size;
  const float *grad = NextOfSize(in, "grad", size), *u = NextOfSize(in, "u", size);
  SgdStep step;
  for (float *number : {&step.decay, &step.momentum, &step.rest, &step.rate}) *number = in.NextFloat();
  Owned new_theta = Make(size), new_u = Make(size);
  Sgd(step, static_cast<int64_t>(size), theta.ptr, grad, u, new_theta->ptr, new_u->ptr);
  return GiveArrays(std::move(new_theta), std::move(new_u));
}

}  // namespace

void BindTraining(py::module_ &fast) {
  DefineFast<Normalize, 8>(fast, "normalize");
  DefineFast<NormalizeGradient, 7>(fast, "normalize_gradient");
  DefineFast<GiveAdam, 11>(fast, "adam");
  DefineFast<GiveSgd, 7>(fast, "sgd");
}

}  // namespace needle::cuda_fast
