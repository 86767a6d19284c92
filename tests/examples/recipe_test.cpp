// The networks of the chapter.
#include "examples/fashion_mnist/recipes.h"

#include <doctest/doctest.h>

using namespace hekla;
using namespace hekla::fashion_mnist;

TEST_CASE("fashion_mnist recipes: the networks have the book's numbers of parameters") {
  struct Network {
    const char* name;
    std::int64_t parameters;
  };
  for (const Network& network :
       {Network{"softmax", 7850}, {"sigmoid", 79510}, {"relu", 79510}, {"dropout", 79510}, {"cnn", 333526}}) {
    CAPTURE(network.name);
    const Recipe* recipe = find_recipe(network.name);
    REQUIRE(recipe != nullptr);
    Sequential model = recipe->network();
    model.build(Shape(recipe->image));
    CHECK(model.count_params() == network.parameters);
  }
  CHECK(find_recipe("mlp") == nullptr);
}
