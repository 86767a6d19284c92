// Trains a convolutional network on Fashion-MNIST and ships it without hekla: bakes it to C++ source, compiles that with
// nothing but a C++ compiler, and has the result classify the test images: on the processor, or through the Vulkan loader
// on a GPU.
//
//   bake [--epochs N] [--take N] [--form cplusplus|vulkan] [--out FOLDER]
//        (default 2 epochs of 60,000 images, C++, and the folder `baked`)
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "hekla.h"

namespace {

namespace fs = std::filesystem;

// The program that is shipped. It knows the network as two files of source.
constexpr const char* classifier = R"(#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include "net.h"

static std::vector<std::uint8_t> content_of(const char* path) {
  std::vector<std::uint8_t> bytes;
  if (std::FILE* file = std::fopen(path, "rb")) {
    for (int c; (c = std::fgetc(file)) != EOF;) bytes.push_back(static_cast<std::uint8_t>(c));
    std::fclose(file);
  }
  return bytes;
}

int main(int, char** arguments) {
  const std::vector<std::uint8_t> images = content_of(arguments[1]), labels = content_of(arguments[2]);
  const std::size_t count = labels.size();
  std::vector<float> probabilities(10 * count);
  const auto network = std::make_unique<net::Network>();
  const auto start = std::chrono::steady_clock::now();
  network->predict(images.data(), probabilities.data(), count);
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
  std::size_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    int best = 0;
    for (int c = 1; c < 10; ++c)
      if (probabilities[10 * i + c] > probabilities[10 * i + best]) best = c;
    right += best == labels[i] ? 1 : 0;
  }
  std::printf("accuracy %.4f, %.1f us an image\n", double(right) / double(count), time.count() / double(count));
}
)";

void write(const fs::path& path, const char* bytes, std::size_t count) {
  std::ofstream file(path, std::ios::binary);
  if (!file.write(bytes, static_cast<std::streamsize>(count)))
    throw hk::Error(fmt::format("[bake] {} cannot be written.", path.string()));
}

void write(const fs::path& path, const hk::Tensor& bytes) {
  const std::vector<std::uint8_t> all = bytes.to_vector<std::uint8_t>();
  write(path, reinterpret_cast<const char*>(all.data()), all.size());
}

}  // namespace

int main(int argc, char** argv) try {
  int epochs = 2;
  std::int64_t take = 60'000;
  hk::BakeForm form = hk::BakeForm::cplusplus;
  fs::path folder = "baked";
  CLI::App app("Bakes a network that classifies Fashion-MNIST.");
  app.add_option("--epochs", epochs, "Epochs of training")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--take", take, "Images to train with")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  const std::map<std::string, hk::BakeForm> forms = {{"cplusplus", hk::BakeForm::cplusplus},
                                                     {"vulkan", hk::BakeForm::vulkan}};
  app.add_option("--form", form, "What runs the baked network: the processor, or a Vulkan device")
      ->transform(CLI::CheckedTransformer(forms));
  app.add_option("--out", folder, "Folder of the source and the program")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const auto [train, test] = hk::data::fashion_mnist();
  hk::Sequential model({hk::Reshape({28, 28, 1}), hk::Conv2D(16, 3, hk::relu), hk::MaxPooling2D(2),
                        hk::Conv2D(32, 3, hk::relu), hk::MaxPooling2D(2), hk::Flatten(),
                        hk::Dense(10, hk::softmax)});
  model.compile(
      {.optimizer = hk::Adam(), .loss = "sparse_categorical_crossentropy", .metrics = {hk::accuracy}});
  model.fit(train.take(take), {.epochs = epochs, .verbose = 2});
  const hk::Logs logs = model.evaluate(test, {.verbose = 0});
  fmt::print("hekla    accuracy {:.4f}\n", *logs.find("accuracy"));

  fs::create_directories(folder);
  hk::bake(model, folder / "net",
           {.batch_sizes = {25, 1},
            .like = train,
            .input_names = {"images"},
            .output_names = {"probabilities"},
            .form = form});
  write(folder / "images", test.inputs()[0]);
  write(folder / "labels", test.targets()[0]);
  write(folder / "classify.cpp", classifier, std::string(classifier).size());
  const std::string in = fmt::format("cd '{}' && ", folder.string());
  const std::string library = form == hk::BakeForm::vulkan ? " -lvulkan" : "";
  const std::string compile = "c++ -O2 -std=c++17 classify.cpp net.cpp -o classify" + library;
  if (std::system((in + compile + " && strip classify").c_str()) != 0)
    throw hk::Error("[bake] the baked source does not compile.");
  fmt::print("baked    {} bytes of source, {} bytes of program with all weights\n         ",
             fs::file_size(folder / "net.cpp"), fs::file_size(folder / "classify"));
  std::fflush(stdout);
  return std::system((in + "./classify images labels").c_str()) == 0 ? 0 : 1;
} catch (const hk::Error& error) {
  fmt::print(stderr, "bake: {}\n", error.what());
  return 1;
}
