// The training steps of bench/step.cpp in dlib: best time of a step, as JSON on standard output.
//   dlib_step [SECONDS_PER_KIND]
// The number of threads is OpenBLAS's: OPENBLAS_NUM_THREADS.
#include <dlib/dnn.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <vector>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

namespace {

using namespace dlib;
using Image = matrix<unsigned char>;

using Softmax = loss_multiclass_log<fc<10, input<Image>>>;
using Mlp = loss_multiclass_log<fc<10, relu<fc<100, input<Image>>>>>;
template <long filters, class Below>
using Block = max_pool<2, 2, 2, 2, relu<con<filters, 3, 3, 1, 1, Below>>>;
using Cnn = loss_multiclass_log<fc<10, relu<fc<100, Block<64, Block<32, input<Image>>>>>>>;

struct Data {
  std::vector<Image> images;
  std::vector<unsigned long> labels;
};

Data noise(std::size_t count) {
  Data data;
  std::mt19937 bits(1);
  for (std::size_t i = 0; i < count; ++i) {
    Image image(28, 28);
    for (auto& pixel : image) pixel = static_cast<unsigned char>(bits());
    data.images.push_back(image);
    data.labels.push_back(bits() % 10);
  }
  return data;
}

bool first = true;

template <class Net, class Solver>
void report(const std::string& name, const Data& data, const Solver& solver, std::size_t batch,
            double seconds) {
  Net net;
  dnn_trainer<Net, Solver> trainer(net, solver);
  trainer.set_learning_rate(1e-3);
  trainer.set_iterations_without_progress_threshold(1'000'000'000);
  std::mt19937 bits(2);
  std::vector<Image> images(batch);
  std::vector<unsigned long> labels(batch);
  const auto run = [&](int steps) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < steps; ++i) {
      for (std::size_t k = 0; k < batch; ++k) {
        const std::size_t picked = bits() % data.images.size();
        images[k] = data.images[picked];
        labels[k] = data.labels[picked];
      }
      trainer.train_one_step(images, labels);
    }
    trainer.get_net();  // synchronizes with the trainer's thread
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / steps;
  };
  run(3);
  const int steps = std::max(1, static_cast<int>(0.03 / run(2)));
  double best = run(steps);
  for (double spent = 0; spent < seconds;) {
    const double time = run(steps);
    best = std::min(best, time);
    spent += time * steps;
  }
  std::cout << (first ? "" : ",\n") << "  {\"name\": \"" << name << "\", \"best_us\": " << best * 1e6 << "}";
  first = false;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __SSE__
  _mm_setcsr(_mm_getcsr() |
             0x8040);  // flushes denormals, as Vulkan's software driver does; threads inherit it
#endif
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1;
  const Data data = noise(60'000);
  const sgd plain(0, 0);
  const adam adaptive(0, 0.9F, 0.999F);
  std::cout << "{\"context\": {\"peer\": \"dlib\"}, \"benchmarks\": [\n";
  report<Softmax>("softmax/sgd/32", data, plain, 32, seconds);
  report<Softmax>("softmax/adam/32", data, adaptive, 32, seconds);
  report<Mlp>("mlp/sgd/32", data, plain, 32, seconds);
  report<Mlp>("mlp/adam/32", data, adaptive, 32, seconds);
  report<Mlp>("mlp/sgd/256", data, plain, 256, seconds);
  report<Mlp>("mlp/adam/256", data, adaptive, 256, seconds);
  report<Cnn>("cnn/adam/32", data, adaptive, 32, seconds);
  std::cout << "\n]}\n";
}
