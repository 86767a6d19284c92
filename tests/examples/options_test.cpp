// The command line of the Fashion-MNIST program.
#include "examples/fashion_mnist/options.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "graph/error.h"

using namespace hekla::fashion_mnist;

namespace {

Options parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "fashion_mnist");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

std::string parse_error(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
  } catch (const hekla::Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("fashion_mnist options: without a step it is relu, as in the book") {
  const Options options = parse({});
  CHECK(options.step == "relu");
  CHECK_FALSE(options.epochs.has_value());
  CHECK(options.batch_size == 32);
  CHECK(options.seed == 42);
  CHECK_FALSE(options.optimizer.has_value());
  CHECK_FALSE(options.learning_rate.has_value());
  CHECK_FALSE(options.limit.has_value());
  CHECK(options.device.empty());
  CHECK(options.data.empty());
  CHECK(options.out == "runs/relu");
  CHECK_FALSE(options.resume);
  CHECK(options.help.empty());
}

TEST_CASE("fashion_mnist options: every option is taken over, before and after the step") {
  const std::vector<const char*> given{"--optimizer",     "nesterov",
                                       "--learning-rate", "0.25",
                                       "--epochs",        "3",
                                       "--batch-size",    "0",
                                       "--seed",          "18446744073709551615",
                                       "--device",        "reference",
                                       "--data",          "some where",
                                       "--limit=123",     "--resume",
                                       "--out",           "folder"};
  std::vector<const char*> before = given, after{"cnn"};
  before.push_back("cnn");
  after.insert(after.end(), given.begin(), given.end());
  for (const std::vector<const char*>& arguments : {before, after}) {
    const Options options = parse(arguments);
    CHECK(options.step == "cnn");
    CHECK(options.optimizer == "nesterov");
    CHECK(options.learning_rate == 0.25);
    CHECK(options.epochs == 3);
    CHECK(options.batch_size == 0);
    CHECK(options.seed == 18446744073709551615u);
    CHECK(options.device == "reference");
    CHECK(options.data == "some where");
    CHECK(options.limit == 123);
    CHECK(options.resume);
    CHECK(options.out == "folder");
  }
}

TEST_CASE("fashion_mnist options: the help lists the steps, and that of a step its own defaults") {
  const std::string help = parse({"--help"}).help;
  for (const char* part :
       {"look", "softmax", "sigmoid", "relu", "optimizers", "dropout", "cnn", "--batch-size IMAGES",
        "[default: 32]", "HEKLA_DEVICE", "HEKLA_DATA", "Examples:"}) {
    CAPTURE(part);
    CHECK(contains(help, part));
  }
  CHECK(contains(parse({"softmax", "--help"}).help, "[default: rmsprop]"));
  CHECK(contains(parse({"dropout", "--help"}).help, "[default: 20]"));
  CHECK_FALSE(contains(parse({"look", "--help"}).help, "--epochs"));
  CHECK_FALSE(contains(parse({"optimizers", "--help"}).help, "--optimizer "));
}

TEST_CASE("fashion_mnist options: what is not allowed is an error of one line") {
  CHECK(parse_error({"mlp"}) ==
        "[options] mlp: there is no such step; choose look|softmax|sigmoid|relu|optimizers|dropout|cnn.");
  CHECK(parse_error({"relu", "--optimizer", "adamm"}) ==
        "[options] --optimizer adamm: unknown; choose "
        "sgd|momentum|nesterov|adagrad|adadelta|rmsprop|adam|adamw|adamax|nadam|lion.");
  CHECK(parse_error({"--epochs", "0"}) == "[options] --epochs 0: too small; at least 1 is needed.");
  CHECK(parse_error({"--limit", "0"}) == "[options] --limit 0: too small; at least 1 is needed.");
  for (const char* rate : {"0", "-1", "nan", "inf", "1e200"}) {
    CAPTURE(rate);
    CHECK(contains(parse_error({"--learning-rate", rate}), "must be above 0 and within single precision."));
  }
  CHECK(parse_error({"--epochs", "many"}) == "[options] --epochs many: not a whole number.");
  CHECK(parse_error({"--epochs", "2.5"}) == "[options] --epochs 2.5: not a whole number.");
  CHECK(parse_error({"--epochs", "99999999999999999999"}) ==
        "[options] --epochs 99999999999999999999: out of range.");
  CHECK(parse_error({"--seed", "-1"}) == "[options] --seed -1: not a whole number of at least 0.");
  CHECK(parse_error({"--learning-rate", "fast"}) == "[options] --learning-rate fast: not a number.");
  CHECK(parse_error({"--optimizer", "sgd", "optimizers"}) ==
        "[options] optimizers compares optimizers as they come; choose one with relu --optimizer.");
  for (const std::vector<const char*>& wrong : {std::vector{"--epochs"},
                                                {"--modell", "relu"},
                                                {"relu", "softmax"},
                                                {"look", "--epochs", "1"},
                                                {"optimizers", "--optimizer", "sgd"}}) {
    const std::string text = parse_error(wrong);
    CAPTURE(text);
    CHECK(contains(text, "; --help lists the options."));
  }
}
