// The number of steps in one run.
#include "train/data/pace.h"

#include <doctest/doctest.h>

using hekla::Pace;

TEST_CASE("pace: runs grow from one step to the time they should take") {
  Pace pace(0.06);
  CHECK(pace.next(1000) == 1);
  pace.ran(1, 0.001);
  CHECK(pace.next(1000) == 4);
  pace.ran(4, 0.004);
  CHECK(pace.next(1000) == 16);
  pace.ran(16, 0.016);
  CHECK(pace.next(1000) == 60);
  CHECK(pace.next(7) == 7);
}

TEST_CASE("pace: a slow first run, which compiles, does not hold back") {
  Pace pace(0.06);
  pace.ran(1, 3.0);
  CHECK(pace.next(1000) == 1);
  pace.ran(1, 0.001);
  CHECK(pace.next(1000) == 4);
}

TEST_CASE("pace: the short run at the end of an epoch does not shorten the next") {
  Pace pace(0.06);
  for (int i = 0; i < 5; ++i) pace.ran(pace.next(1000), 0.001 * static_cast<double>(pace.next(1000)));
  CHECK(pace.next(1000) == 60);
  pace.ran(pace.next(3), 0.003);
  CHECK(pace.next(1000) == 60);
}

TEST_CASE("pace: slower steps make shorter runs, and no run is endless") {
  Pace pace(0.06);
  for (int i = 0; i < 20; ++i) pace.ran(pace.next(1'000'000), 0);
  CHECK(pace.next(1'000'000) == 4096);
  pace.ran(4096, 40.96);
  CHECK(pace.next(1'000'000) == 6);
  pace.ran(6, 600);
  CHECK(pace.next(1'000'000) == 1);
}
