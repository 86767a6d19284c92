// See network.h.
#include "examples/fashion_mnist/network.h"

#include <fmt/format.h>

#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/random.h"

namespace hekla::fashion_mnist {

Tensor Network::operator()(const Tensor& images) const {
  Tensor x = images;
  for (const Dense& layer : layers) x = layer(x);
  return x;
}

std::vector<Tensor> Network::weights() const {
  std::vector<Tensor> all;
  for (const Dense& layer : layers) {
    all.insert(all.end(), {layer.kernel, layer.bias});
  }
  return all;
}

Network build_network(const Options& options, std::int64_t features, std::int64_t classes) {
  // Both halves of the seed count; a small one stays as it is.
  const auto seed = static_cast<std::uint32_t>(options.seed ^ options.seed >> 32);
  if (options.model == Model::softmax) return {.layers = {Dense(features, classes, random_key(seed, 0))}};
  const hekla::Activation activation = options.activation == Activation::relu ? relu : sigmoid;
  return {.layers = {Dense(features, options.hidden, random_key(seed, 0), activation, "hidden"),
                     Dense(options.hidden, classes, random_key(seed, 1), nullptr, "output")}};
}

std::string describe(const Network& network, const Options& options) {
  std::string text = fmt::format("{} {}", word_for(options.model), network.layers.front().kernel.size(0));
  for (const Dense& layer : network.layers) text += fmt::format("-{}", layer.kernel.size(1));
  if (options.model == Model::mlp) text += fmt::format(" {}", word_for(options.activation));
  std::int64_t parameters = 0;
  for (const Tensor& weight : network.weights()) parameters += weight.count();
  return text + fmt::format(", {} parameters", parameters);
}

}  // namespace hekla::fashion_mnist
