// The marks that graph walks keep for nodes, and the memory pool of nodes.
#include "graph/node_map.h"

#include <doctest/doctest.h>

#include <set>
#include <thread>
#include <vector>

#include "ops/ops.h"

namespace hekla {

TEST_SUITE("graph") {
  TEST_CASE("node map: each node has its value, however many there are") {
    std::vector<Tensor> tensors;
    for (int i = 0; i < 1000; ++i) tensors.push_back(constant(i));
    NodeMap<int> numbers;
    CHECK(numbers.find(tensors[0].get()) == nullptr);
    for (int i = 0; i < 1000; i += 2) {
      const auto [number, is_new] = numbers.add(tensors[static_cast<std::size_t>(i)].get());
      CHECK(is_new);
      CHECK(number == 0);
      number = i;
    }
    for (int i = 0; i < 1000; ++i) {
      const Node* node = tensors[static_cast<std::size_t>(i)].get();
      REQUIRE(numbers.contains(node) == (i % 2 == 0));
      if (i % 2 == 0) CHECK(*numbers.find(node) == i);
    }
    CHECK_FALSE(numbers.add(tensors[10].get()).second);
    NodeSet set;
    CHECK(set.add(tensors[0].get()));
    CHECK_FALSE(set.add(tensors[0].get()));
    CHECK(set.contains(tensors[0].get()));
    CHECK_FALSE(set.contains(tensors[1].get()));
  }

  TEST_CASE("nodes: a loop's graphs take the memory of those before, also when threads make and drop them") {
    std::set<const Node*> places;
    for (int step = 0; step < 100; ++step) {
      const Tensor x = constant(1) + 2;
      places.insert(x.get());
    }
#ifndef __SANITIZE_ADDRESS__
    CHECK(places.size() < 10);
#endif
    // Nodes allocated in one thread and freed in another, and the other way round.
    std::vector<Tensor> here(1000, constant(3) * 4);
    for (Tensor& x : here) x = x + 1;
    std::vector<Tensor> there;
    std::thread other([&] {
      here.clear();
      for (int i = 0; i < 1000; ++i) there.push_back(constant(i) + 1);
    });
    other.join();
    CHECK(there[999].shape().rank() == 0);
    there.clear();
    CHECK((constant(1) + 1).rank() == 0);
  }
}

}  // namespace hekla
