#include "bind.h"

#include "dispatch.h"

namespace needle::fast {

void BindFast(pybind11::module_ &module) {
  pybind11::module_ fast =
      module.def_submodule("fast", "Kernels for arrays of any strides, several at a time.");
  fast.attr("isa") = IsaName(BestIsa());
  BindMatmul(fast);
  BindElementwise(fast);
  BindReductions(fast);
  BindSequences(fast);
  BindImages(fast);
  BindTraining(fast);
}

}  // namespace needle::fast
