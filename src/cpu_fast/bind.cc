#include "bind.h"

#include "../fast/bind_recurrent.h"
#include "../fast/bind_sequences.h"
#include "../fast/bind_training.h"
#include "arguments.h"
#include "machine/dispatch.h"

namespace needle::fast {

void BindFast(pybind11::module_ &module) {
  pybind11::module_ fast =
      module.def_submodule("fast", "Kernels for arrays of any strides, several at a time.");
  fast.attr("isa") = IsaName(BestIsa());
  BindMatmul(fast);
  BindElementwise(fast);
  BindReductions(fast);
  BindImages(fast);
  BindSequences<CpuBackend>(fast);
  BindRecurrent<CpuBackend>(fast);
  BindTraining<CpuBackend>(fast);
}

}  // namespace needle::fast
