// The command line of the Fashion-MNIST trainer.
#include "examples/fashion_mnist/options.h"

#include <doctest/doctest.h>

#include <algorithm>
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

}  // namespace

TEST_CASE("options: defaults") {
  const Options options = parse({});
  CHECK(options.model == Model::mlp);
  CHECK(options.hidden == 100);
  CHECK(options.activation == Activation::relu);
  CHECK(options.optimizer == Optimizer::sgd);
  CHECK_FALSE(options.learning_rate.has_value());
  CHECK(options.schedule == Schedule::linear);
  CHECK(options.epochs == 5);
  CHECK(options.batch_size == 32);
  CHECK(options.seed == 42);
  CHECK_FALSE(options.limit.has_value());
  CHECK(options.device.empty());
  CHECK(options.data.empty());
  CHECK(options.help.empty());
}

TEST_CASE("options: every option is taken over") {
  const Options options = parse({"--model",
                                 "softmax",
                                 "--hidden=7",
                                 "--activation",
                                 "sigmoid",
                                 "--optimizer",
                                 "nesterov",
                                 "--learning-rate",
                                 "0.25",
                                 "--epochs",
                                 "3",
                                 "--batch-size",
                                 "0",
                                 "--seed",
                                 "18446744073709551615",
                                 "--device",
                                 "reference",
                                 "--data",
                                 "some where",
                                 "--limit",
                                 "123",
                                 "--schedule",
                                 "constant"});
  CHECK(options.model == Model::softmax);
  CHECK(options.hidden == 7);
  CHECK(options.activation == Activation::sigmoid);
  CHECK(options.optimizer == Optimizer::nesterov);
  CHECK(options.learning_rate == 0.25);
  CHECK(options.epochs == 3);
  CHECK(options.batch_size == 0);
  CHECK(options.seed == 18446744073709551615u);
  CHECK(options.device == "reference");
  CHECK(options.limit == 123);
  CHECK(options.schedule == Schedule::constant);
  CHECK(options.data == "some where");
}

TEST_CASE("options: every choice has its word") {
  CHECK(word_for(Model::softmax) == "softmax");
  CHECK(word_for(Activation::sigmoid) == "sigmoid");
  CHECK(word_for(Optimizer::nesterov) == "nesterov");
  CHECK(word_for(Schedule::constant) == "constant");
}

TEST_CASE("options: help names units and defaults and ends with examples") {
  const std::string help = parse({"--help"}).help;
  for (const char* part : {"--model softmax|mlp", "[default: mlp]", "--batch-size IMAGES", "[default: 32]",
                           "[default: 0.1 with sgd, 0.01 with the others]", "HEKLA_DEVICE", "HEKLA_DATA"}) {
    CAPTURE(part);
    CHECK(help.find(part) != std::string::npos);
  }
  CHECK(help.find("Examples:") > help.find("--data"));
}

TEST_CASE("options: what is not allowed is an error of one line") {
  CHECK(parse_error({"--modell", "mlp"}) ==
        "[options] The following arguments were not expected: mlp --modell; --help lists the options.");
  CHECK(parse_error({"--model", "cnn"}) == "[options] --model cnn: unknown; choose softmax|mlp.");
  CHECK(parse_error({"--model", "0"}) == "[options] --model 0: unknown; choose softmax|mlp.");
  CHECK(parse_error({"--epochs", "0"}) == "[options] --epochs 0: too small; at least 1 is needed.");
  CHECK(parse_error({"--limit", "0"}) == "[options] --limit 0: too small; at least 1 is needed.");
  CHECK(parse_error({"--schedule", "cosine"}) ==
        "[options] --schedule cosine: unknown; choose linear|constant.");
  CHECK(parse_error({"--hidden", "-3"}) == "[options] --hidden -3: too small; at least 1 is needed.");
  for (const char* rate : {"0", "-1", "nan", "inf"}) {
    CAPTURE(rate);
    CHECK(parse_error({"--learning-rate", rate}) ==
          std::string("[options] --learning-rate ") + rate + ": not a finite number above 0.");
  }
  CHECK(parse_error({"--epochs", "many"}) == "[options] --epochs many: not a whole number.");
  CHECK(parse_error({"--epochs", "2.5"}) == "[options] --epochs 2.5: not a whole number.");
  CHECK(parse_error({"--epochs", "99999999999999999999"}) ==
        "[options] --epochs 99999999999999999999: out of range.");
  CHECK(parse_error({"--seed", "-1"}) == "[options] --seed -1: not a whole number of at least 0.");
  CHECK(parse_error({"--learning-rate", "fast"}) == "[options] --learning-rate fast: not a number.");
  for (const std::vector<const char*>& wrong : {std::vector{"--epochs"}, {"mlp"}, {"--epochs", "1", "2"}}) {
    const std::string text = parse_error(wrong);
    CAPTURE(text);
    CHECK(text.find("; --help lists the options.") != std::string::npos);
  }
}

TEST_CASE("options: the batch size must fit the data") {
  CHECK_NOTHROW(check_batch_size(1, 60000));
  CHECK_NOTHROW(check_batch_size(60000, 60000));
  CHECK_THROWS_WITH_AS(check_batch_size(0, 60000),
                       "[options] --batch-size 0: must be from 1 to the number of training images, 60000.",
                       hekla::Error);
  CHECK_THROWS_WITH_AS(
      check_batch_size(60001, 60000),
      "[options] --batch-size 60001: must be from 1 to the number of training images, 60000.", hekla::Error);
}
