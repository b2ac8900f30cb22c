// Sums and maxima over some axes of a view. The order in which elements are added depends on the shape and on
// the device alone, so that a result never changes from one run to the next.
#pragma once

#include <cstdint>

#include "views.h"

namespace needle::fast {

enum class Reduction { kSum, kMax };

// out, compact, has one element for each place of `kept`: the sum or the maximum of what lies at the places
// of `reduced` from there on. No element gives a sum of 0, and -inf as the maximum.
struct ReductionCall {
  Views<1> kept, reduced;
  const float *a;
  float *out;
};

void Reduce(Reduction reduction, ReductionCall call);

}  // namespace needle::fast
