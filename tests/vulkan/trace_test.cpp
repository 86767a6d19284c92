// Measurements: the table of kernel times and the trace file.
#include "backends/common/trace.h"
#include "backends/vulkan/commands.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "backends/vulkan/evaluator.h"
#include "backends/vulkan/kernel_times.h"
#include "hekla.h"
#include "tests/vulkan/support.h"

namespace hekla::vulkan::test {

namespace {

nlohmann::json parse(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return nlohmann::json::parse(stream);
}

std::vector<nlohmann::json> events_of(const nlohmann::json& trace, const std::string& phase,
                                      const std::string& field, const std::string& value) {
  std::vector<nlohmann::json> events;
  for (const nlohmann::json& event : trace.at("traceEvents")) {
    if (event.at("ph") == phase && event.at(field) == value) events.push_back(event);
  }
  return events;
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("a trace shows each measured step of each plan") {
    auto context = open_validated();
    if (!context || context->timestamp_bits == 0) return;
    TemporaryFolder folder;
    const std::filesystem::path file = folder.path / "trace.json";
    {
      DeviceOptions options;
      options.trace = std::make_shared<Trace>(file);
      CHECK(parse(file).at("traceEvents").empty());
      auto device = std::make_shared<VulkanDevice>(context, options);
      const Tensor x = variable(ones({64, 64}), "x");
      Program product = compile({.outputs = {matmul(x, x)}}, device);
      Program row_sums = compile({.outputs = {sum(tile(x, {1, 4}), {1})}}, device);
      for (int i = 0; i < 3; ++i) product.run();
      row_sums.run(2);
    }
    const nlohmann::json trace = parse(file);
    CHECK(files_in(folder.path) == 1);
    const auto processes = events_of(trace, "M", "name", "process_name");
    REQUIRE(processes.size() == 1);
    CHECK(processes[0].at("args").at("name") == context->name);
    std::set<std::string> threads;
    for (const auto& thread : events_of(trace, "M", "name", "thread_name")) {
      threads.insert(thread.at("args").at("name").get<std::string>());
    }
    CHECK(threads.size() >= 2);

    CHECK(events_of(trace, "X", "name", "step 3").size() == 1);
    CHECK(events_of(trace, "X", "name", "step 2").size() == 2);
    int products = 0;
    for (const auto& kernel : events_of(trace, "X", "cat", "kernel")) {
      CHECK(kernel.at("ts").get<double>() >= 0);
      CHECK(kernel.at("dur").get<double>() >= 0);
      if (kernel.at("args").at("operations") != 2 * 64 * 64 * 64) continue;
      ++products;
      CHECK(kernel.at("args").at("bytes") == 4 * 2 * 64 * 64);
      CHECK(kernel.at("args").at("GFLOP/s").get<double>() > 0);
    }
    CHECK(products == 3);
  }

  TEST_CASE("a trace is valid whatever a label holds, and grows no further than it may") {
    TemporaryFolder folder;
    const std::filesystem::path file = folder.path / "trace.json";
    {
      Trace trace(file, 4);
      const std::size_t plan = trace.add_plan("a \"device\"", "back\\slash\n\xff", {{"k\"\t", {}}});
      for (std::uint64_t step = 1; step <= 10; ++step) trace.add_step(plan, step, 1000, {2500});
    }
    const nlohmann::json trace = parse(file);
    const auto kernels = events_of(trace, "X", "cat", "kernel");
    REQUIRE(kernels.size() == 2);
    CHECK(kernels[0].at("name") == "k\"?");
    CHECK(kernels[0].at("ts") == 0);
    CHECK(kernels[0].at("dur") == 1.5);
    CHECK(events_of(trace, "M", "name", "thread_name")[0].at("args").at("name") == "back\\slash??");
  }

  TEST_CASE("a trace tells rates of kernels as slow as the driver likes") {
    TemporaryFolder folder;
    const std::filesystem::path file = folder.path / "trace.json";
    {
      Trace trace(file);
      const std::size_t plan =
          trace.add_plan("device", "plan", {{"kernel", {.operations = 5e5, .bytes = 4e4}}});
      trace.add_step(plan, 1, 0, {2e9});
    }
    const nlohmann::json arguments = events_of(parse(file), "X", "cat", "kernel").at(0).at("args");
    CHECK(arguments.at("GFLOP/s").get<double>() == doctest::Approx(2.5e-4).epsilon(1e-4));
    CHECK(arguments.at("GB/s").get<double>() == doctest::Approx(2e-5).epsilon(1e-4));
  }

  TEST_CASE("a trace that cannot be written says so and does no harm") {
    TemporaryFolder folder;
    Trace trace(folder.path / "no such folder" / "trace.json");
    trace.add_step(trace.add_plan("device", "plan", {{"kernel", {}}}), 1, 0, {1});
    CHECK(!trace.write());
    // Once the folder exists, the trace is written without loss.
    std::filesystem::create_directories(folder.path / "no such folder");
    CHECK(trace.write());
    CHECK(events_of(parse(folder.path / "no such folder" / "trace.json"), "X", "cat", "kernel").size() == 1);
  }

  TEST_CASE("the table of kernel times tells rates and shares") {
    auto context = open_validated();
    if (!context || context->timestamp_bits == 0) return;
    auto times = KernelTimes::make(
        context, "plan 7", {{"first", {.operations = 1e6, .bytes = 4e6}}, {"second", {}}}, nullptr, false);
    run_commands(*context, "timestamps", [&](VkCommandBuffer commands) {
      times->start(commands);
      times->finish(commands, 0);
      times->finish(commands, 1);
    });
    times->collect(1);
    const std::string table = times->table();
    CAPTURE(table);
    CHECK(contains(table, "kernel times of plan 7 on " + context->name + ", mean of 1 steps"));
    CHECK(contains(table, "GFLOP/s"));
    CHECK(contains(table, "first\n"));
    CHECK(contains(table, "        -        -  second\n"));
    CHECK(contains(table, "100.0 %"));
  }
}

}  // namespace hekla::vulkan::test
