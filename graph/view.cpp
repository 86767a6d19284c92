// Properties of views.
#include "graph/view.h"

#include "graph/tensor.h"

namespace hekla {

bool keeps_order(const Node& node) {
  const Node& input = node.inputs[0].node();
  if (node.shape.count() != input.shape.count()) return false;
  const View view = node.op->view(node);
  return view.bounds.empty() &&
         linearize(input.shape, view.index) == linearize(node.shape, axes_of(node.shape));
}

}  // namespace hekla
