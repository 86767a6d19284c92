// Whole models against the PyTorch that is installed (Debian: python3-torch): its files are read, hekla computes
// what it computes, and it takes back what hekla saved.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/support/python.h"
#include "tests/support/repository.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

struct Cnn {
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    Tensor y = pool(depthwise(relu(norm(conv(x, mode), mode)), mode), mode);
    y = up(grouped(y, mode), mode);
    return dense(flat_norm(flatten(y, mode), mode), mode);
  }
  Conv2D conv{4, 3, {.padding = "same"}};
  BatchNormalization norm{{.epsilon = 1e-5}};
  DepthwiseConv2D depthwise{3, {.padding = "same", .depth_multiplier = 2, .use_bias = false}};
  MaxPooling2D pool{2};
  Conv2D grouped{6, 1, {.groups = 2}};
  Conv2DTranspose up{5, 2, {.strides = 2}};
  Flatten flatten;
  BatchNormalization flat_norm{{.epsilon = 1e-5}};
  Dense dense{4};
};

struct Encoder {
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    const Tensor y = norm1(x + attention(x, mode), mode);
    return norm2(y + linear2(relu(linear1(y, mode)), mode), mode);
  }
  MultiHeadAttention attention{2, 4};
  Dense linear1{16}, linear2{8};
  LayerNormalization norm1{{.epsilon = 1e-5}}, norm2{{.epsilon = 1e-5}};
};

Model model_named(const std::string& name) {
  if (name == "mlp") return Sequential({Dense(7, relu), Dense(3)});
  if (name == "cnn") return Model{Layer(Cnn())};
  if (name == "lstm") return Sequential({LSTM(4, {.return_sequences = true}), LSTM(4), Dense(2)});
  if (name == "gru") return Sequential({Bidirectional(GRU(4, {.return_sequences = true})), Dense(2)});
  return Model{Layer(Encoder())};
}

bool is_peer_content(const std::string& python, const std::string& action,
                     const std::filesystem::path& folder) {
  const std::string command =
      fmt::format("'{}' '{}' {} '{}'", python, (repository() / "tests/train/torch/peer.py").string(), action,
                  folder.string());
  return std::system(command.c_str()) == 0;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("torch: models compute what PyTorch computes, and PyTorch takes them back") {
    if (!device()) return;
    set_default_device(device());
    const std::string python = python_with("torch");
    if (python.empty()) return set_default_device(reference());
    const test::TemporaryFolder folder;
    REQUIRE(is_peer_content(python, "make", folder.path()));
    for (const std::string name : {"mlp", "cnn", "lstm", "gru", "encoder"}) {
      CAPTURE(name);
      const torch::File file = torch::load(folder.path() / (name + ".pt"));
      CHECK(file.values.at("epoch") == "3");
      const std::vector<NamedTensor> state = file.under("model");
      const Tensor x = file.at("x"), y = file.at("y");
      Model model = model_named(name);
      const std::vector<std::int64_t> sizes(x.shape().begin() + 1, x.shape().end());
      model.build(Shape(sizes));
      const auto matches = torch::load_into(model, state);
      CAPTURE(torch::to_text(matches));
      CHECK(max(abs(model(x) - y)).item() < 1e-5f);
      torch::save(folder.path() / (name + ".safetensors"), model, {.like = state});
    }
    CHECK(is_peer_content(python, "check", folder.path()));

    const torch::File views = torch::load(folder.path() / "views.pt");
    CHECK(views.at("views.0").to_vector<int>() == std::vector<int>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
    CHECK(views.at("views.1").to_vector<int>() == std::vector<int>{5});
    CHECK(views.at("views.2").to_vector<int>() == std::vector<int>{2, 3});
    CHECK(views.at("views.3").shape() == Shape{0, 2});
    CHECK(views.at("views.4").dtype() == f32);
    CHECK(views.at("flag").dtype() == boolean);
    CHECK(views.at("half").dtype() == f16);
    CHECK(error_of([&] { torch::load(folder.path() / "old.pt"); }).find("before PyTorch 1.6") !=
          std::string::npos);
    CHECK(error_of([&] {
            torch::load(folder.path() / "module.pt");
          }).find("names 'torch.nn.modules.linear.Linear'") != std::string::npos);
    set_default_device(reference());
  }
}

}  // namespace hekla::testing
