// The networks of the chapter.
#include "examples/fashion_mnist/recipe.h"

#include <doctest/doctest.h>

using namespace hekla;
using namespace hekla::fashion_mnist;

TEST_CASE("fashion_mnist recipes: the networks have the book's numbers of parameters") {
  for (const auto& [name, parameters] : {std::pair{"softmax", 7850},
                                         {"sigmoid", 79510},
                                         {"relu", 79510},
                                         {"dropout", 79510},
                                         {"cnn", 333526}}) {
    CAPTURE(name);
    const Recipe* recipe = find_recipe(name);
    REQUIRE(recipe != nullptr);
    Sequential model = recipe->network();
    model.build(Shape(recipe->image));
    CHECK(model.count_params() == parameters);
  }
  CHECK(find_recipe("mlp") == nullptr);
}
