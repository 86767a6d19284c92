// Reading history.csv, and the settings of a resumed run.
#include "examples/fashion_mnist/run.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "graph/error.h"
#include "tests/train/temporary_folder.h"
#include "train/files/atomic_file.h"

using namespace hekla;
using namespace hekla::fashion_mnist;

using hekla::test::TemporaryFolder;

namespace {

const std::string header = "epoch,accuracy,loss,val_accuracy,val_loss\n";

std::filesystem::path file_of(const TemporaryFolder& folder, const std::string& content) {
  const std::filesystem::path path = folder.path() / "history.csv";
  write_file(path, content);
  return path;
}

}  // namespace

TEST_CASE("fashion_mnist history: is read, and cut where the state of a run was saved") {
  const TemporaryFolder folder;
  const auto path = file_of(
      folder, header + "0,0.5,1.5,0.6,0.9\n1,0.7,1e-05,0.8,0.4\n2,0.8,0.2,0.75,0.45\n3,0.9,0.1,0.8,0.5\n");
  keep_epochs(path, 3);
  const auto history = read_history(path);
  REQUIRE(history.size() == 3);
  CHECK(history[1].epoch == 1);
  CHECK(history[1].accuracy == 0.7);
  CHECK(history[1].loss == 1e-05);
  CHECK(history[1].val_accuracy == 0.8);
  CHECK(history[1].val_loss == 0.4);
  CHECK(kept_epoch(history, true).epoch == 1);
  CHECK(kept_epoch(history, false).epoch == 2);
  CHECK_THROWS_WITH_AS(keep_epochs(path, 4),
                       doctest::Contains("has 3 epochs, but the saved state has 4; train anew."), Error);
}

TEST_CASE("fashion_mnist history: what is none is refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(read_history(folder.path() / "missing"), doctest::Contains("is no history of a run"),
                       Error);
  CHECK_THROWS_WITH_AS(read_history(file_of(folder, "epoch,loss\n0,1\n")), doctest::Contains("is no history"),
                       Error);
  for (const char* line : {"0,0.5,1.5,0.6\n", "0,0.5,1.5,0.6,high\n", "first,1,1,1,1\n"})
    CHECK_THROWS_WITH_AS(read_history(file_of(folder, header + line)),
                         doctest::Contains("is not five numbers."), Error);
}

TEST_CASE("fashion_mnist settings: a run goes on only as it began") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "settings.json";
  Settings settings{
      .step = "relu", .optimizer = "adam", .learning_rate = 0.001, .batch_size = 32, .seed = 42};
  save_settings(path, settings);
  CHECK_NOTHROW(check_settings(path, settings));
  settings.limit = 10;
  CHECK_THROWS_WITH_AS(check_settings(path, settings), doctest::Contains("has limit \"all\", not 10;"),
                       Error);
  settings.limit.reset();
  settings.seed = 43;
  CHECK_THROWS_WITH_AS(check_settings(path, settings), doctest::Contains("has seed 42, not 43;"), Error);
  write_file(path, "no JSON");
  CHECK_THROWS_WITH_AS(check_settings(path, settings), doctest::Contains("has step unknown"), Error);
  CHECK_THROWS_WITH_AS(check_settings(folder.path() / "missing", settings),
                       doctest::Contains("leave out --resume."), Error);
}
