// A program of its own: it exits in the way that its argument names, while runs of kernels new to the driver
// are unfinished. tests/exit/leave.cmake has the output expected of each way.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "hekla.h"

namespace {

// The clock makes kernels that are in no cache.
hk::Program unknown_kernels() {
  static std::atomic<int> calls = 0;
  const double odd =
      1e-9 * static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count() % 1'000'000'007);
  const hk::Tensor x = hk::tensor(std::vector<float>(256, 0.5f), {16, 16});
  const hk::Tensor w = hk::variable(x, "w");
  hk::Tensor y = x;
  for (int i = 0; i < 2; ++i) y = hk::tanh(hk::matmul(y, w) * (odd + i + calls)) + hk::sum(y, {0});
  ++calls;
  return hk::compile({.outputs = {y}});
}

int leave(int status) {
  fmt::print("left\n");
  return status;
}

// An endless loop of dynamic steps, programs of many steps, and compilation.
void compute() {
  hk::Program program = unknown_kernels();
  for (int i = 0;; ++i) {
    program.run(i % 4 == 0 ? 50 : 1);
    hk::sum(hk::tensor({1.0, 2, 3}) * (i % 5)).item();
    if (i % 8 == 7) program = unknown_kernels();
  }
}

void start_computing(int threads) {
  std::atomic<int> started = 0;
  for (int i = 0; i < threads; ++i) {
    std::thread([&] {
      ++started;
      compute();
    }).detach();
  }
  while (started < threads) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

// Static destructors run in reverse order: constructed before the driver is loaded, these are destroyed after
// it is unloaded.
std::optional<hk::Tensor> static_tensor;
std::optional<hk::Program> static_program;
std::optional<hk::Sequential> static_model;
std::ofstream static_file;

struct Joining {
  std::thread worker;
  ~Joining() {
    if (!worker.joinable()) return;
    worker.join();
    fmt::print("joined\n");
  }
} static_worker;

struct Computing {
  hk::Tensor tensor;
  ~Computing() {
    if (!tensor.defined()) return;
    try {
      fmt::print("{}\n", hk::sum(tensor).item());
    } catch (const hk::Error& error) {
      fmt::print("{}\n", error.what());
    }
  }
};

int in_child(const std::function<int()>& work) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) std::exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  fmt::print("child {}\n", WIFEXITED(status) ? std::to_string(WEXITSTATUS(status)) : "killed");
  return WIFEXITED(status) ? 0 : 1;
}

// A child's use of the parent's device is an error; a device that the child opens itself works.
int use_devices_of_parent_and_own(const hk::Tensor& held, hk::Program& program) {
  const auto refused = [](const std::function<void()>& use) {
    try {
      use();
      fmt::print("not refused\n");
    } catch (const hk::Error& error) {
      fmt::print("{}\n", error.what());
    }
  };
  refused([&] { held.to_vector(); });
  refused([&] { program.run(); });
  refused([] { hk::sum(hk::tensor({1.0, 2})).item(); });
  hk::set_default_device(hk::open_device(""));
  fmt::print("own {}\n", hk::sum(hk::tensor({1.0, 2})).item());
  return 21;
}

const std::map<std::string, std::function<int()>> ways{
    {"return", [] { return unknown_kernels().run(), leave(3); }},
    {"exit",
     []() -> int {
       hk::Program program = unknown_kernels();
       const auto results = program.run(100);
       std::exit(leave(4));
     }},
    {"exit-in-thread",
     [] {
       std::thread([] {
         const auto results = unknown_kernels().run();
         std::exit(leave(5));
       }).join();
       return 1;
     }},
    {"exit-in-idle-thread",
     [] {
       unknown_kernels().run()[0].to_vector();
       std::thread([] {
         std::this_thread::sleep_for(std::chrono::milliseconds(300));
         std::exit(leave(6));
       }).detach();
       compute();
       return 1;
     }},
    {"error",
     []() -> int {
       try {
         hk::Tensor x = hk::random_normal({100, 8}, hk::random_key(1)).detach();
         hk::Tensor y = (hk::iota({100}, 0) % 10).detach();
         hk::Sequential model({hk::Dense(10)});
         model.compile({.optimizer = "adam", .loss = hk::sparse_categorical_crossentropy_from_logits});
         model.fit(x, y, {.batch_size = 0, .verbose = 0});
       } catch (const hk::Error& error) {
         fmt::print("error: {}\n", error.what());
       }
       return 1;
     }},
    {"exception",
     []() -> int {
       const auto results = unknown_kernels().run();
       throw hk::Error("[test] nobody catches this.");
     }},
    {"statics",
     [] {
       static_tensor = hk::sum(hk::tensor({1.0, 2, 3}));
       static_program = unknown_kernels();
       static_model.emplace(std::initializer_list<hk::Layer>{hk::Dense(3)});
       static_model->predict(hk::ones({4, 5}));
       static_file.open("static_file.txt");
       static_file << "whole\n";
       static_tensor->eval();
       static_program->run();
       return leave(7);
     }},
    {"threads", [] { return start_computing(3), leave(8); }},
    {"joined",
     [] {
       static_worker.worker = std::thread(compute);
       unknown_kernels().run();
       return leave(9);
     }},
    {"computes-at-exit",
     [] {
       unknown_kernels().run();
       static Computing computing{hk::tensor({1.0, 2, 3}) * 2};
       hk::sum(computing.tensor).item();
       return leave(10);
     }},
    {"quick_exit",
     [] {
       start_computing(1);
       const auto results = unknown_kernels().run();
       leave(11);
       std::fflush(stdout);
       std::quick_exit(11);
       return 1;
     }},
    {"_Exit",
     [] {
       const auto results = unknown_kernels().run();
       leave(12);
       std::fflush(stdout);
       std::_Exit(12);
       return 1;
     }},
    {"SIGTERM",
     [] {
       start_computing(1);
       const auto results = unknown_kernels().run();
       leave(0);
       std::fflush(stdout);
       std::raise(SIGTERM);
       return 1;
     }},
    {"pthread_exit",
     [] {
       std::thread([] {
         unknown_kernels().run()[0].to_vector();
         std::this_thread::sleep_for(std::chrono::milliseconds(300));
         std::exit(leave(13));
       }).detach();
       unknown_kernels().run();
       pthread_exit(nullptr);
       return 1;
     }},
    {"fork",
     [] {
       const hk::Tensor held = (hk::tensor({1.0, 2, 3}) * 2).eval();
       hk::Program program = unknown_kernels();
       const auto results = program.run();
       return in_child([&] { return use_devices_of_parent_and_own(held, program); });
     }},
    {"fork-among-threads",
     [] {
       const hk::Tensor held = (hk::tensor({1.0, 2, 3}) * 2).eval();
       start_computing(2);
       return in_child([&] {
         try {
           held.to_vector();
         } catch (const hk::Error& error) {
           fmt::print("{}\n", error.what());
         }
         return 22;
       });
     }},
};

}  // namespace

int main(int, char** arguments) {
  try {
    hk::default_device();
  } catch (const hk::Error& error) {
    fmt::print("SKIPPED, no device: {}\n", error.what());
    return 0;
  }
  return ways.at(arguments[1])();
}
