// Pixel shuffles, unfold and fold against PyTorch in double precision, with axes moved, and errors.
#include <doctest/doctest.h>

#include <cstdint>

#include "ops/create.h"
#include "ops/nn/patches.h"
#include "tests/ops/images.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

TEST_SUITE("ops") {
  TEST_CASE("pixel_shuffle, pixel_unshuffle") {
    // torch.nn.functional.pixel_shuffle(x, 2), pixel_unshuffle(x, 2).
    expect(
        [] {
          return pixel_shuffle(counted({1, 2, 1, 8}), 2);
        },
        {1, 4, 2, 2}, f32, {0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15});
    expect(
        [] {
          return pixel_unshuffle(counted({1, 4, 2, 2}), 2);
        },
        {1, 2, 1, 8}, f32, {0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15});
    // More axes before, and another dtype.
    expect(
        [] {
          return pixel_shuffle(tensor({1, 2, 3, 4, 5, 6, 7, 8}, {2, 1, 1, 1, 4}), 2);
        },
        {2, 1, 2, 2, 1}, i32, {1, 2, 3, 4, 5, 6, 7, 8});
  }

  TEST_CASE("unfold, fold") {
    // torch.nn.functional.unfold(x, (2, 3)) and unfold(x, (2, 2), dilation=(1, 2), padding=(1, 0), stride=(2, 1)).
    expect(
        [] {
          return unfold(image({1, 3, 4, 2}), {2, 3});
        },
        {1, 4, 12}, f32,
        {-5, -2, 1, -4, -1, 2, 2, 5,  -3, 3, -5, -2, -2, 1, 4, -1, 2, 5,  5,  -3, 0, -5, -2, 1,
         -4, -1, 2, -3, 0,  3, 3, -5, -2, 4, -4, -1, -1, 2, 5, 0,  3, -5, -5, -2, 1, -4, -1, 2});
    expect(
        [] {
          return unfold(image({1, 3, 4, 2}), {2},
                        {.strides = {2, 1}, .padding = {1, 0}, .dilation_rate = {1, 2}});
        },
        {1, 4, 8}, f32, {0,  0, -5, 1, 0, 0,  2, -3, 0,  0, -2, 4,  0,  0, 5,  0,
                         -4, 2, -3, 3, 3, -2, 4, -1, -1, 5, 0,  -5, -5, 1, -4, 2});
    // torch.nn.functional.fold(x, (3, 3), (2, 2)) and
    // fold(x, (3, 4), (2, 2), dilation=(1, 2), padding=(1, 0), stride=(2, 1)).
    expect(
        [] {
          return fold(image({1, 4, 8}), {3, 3}, {2});
        },
        {1, 3, 3, 2}, f32, {-5, 1, -2, -1, 3, -2, -5, 7, 6, 8, 0, 1, 0, -5, -3, -2, -3, 3});
    expect(
        [] {
          return fold(image({1, 4, 8}), {3, 4}, {2},
                      {.strides = {2, 1}, .padding = {1, 0}, .dilation_rate = {1, 2}});
        },
        {1, 3, 4, 2}, f32,
        {-2, 4, -1, 5, 5, 0, -5, 1, -3, 3, -2, 4, 4, -1, 5, 0, 0, -5, 1, -4, -4, 2, -3, 3});
  }

  TEST_CASE("unfold, fold, pixel shuffles: errors") {
    reference();
    const Tensor x = zeros({2, 5, 4, 3});
    CHECK(error_of([&] { pixel_shuffle(x, 2); }) ==
          "[pixel_shuffle] f32[2,5,4,3] has 3 channels; they must be a multiple of 2 squared.");
    CHECK(error_of([&] { pixel_shuffle(x, 0); }) ==
          "[pixel_shuffle] factor 0 for f32[2,5,4,3]; it takes a positive one and [.., height, width, "
          "channels].");
    CHECK(error_of([] {
            pixel_unshuffle(zeros({4, 4}), 2);
          }) ==
          "[pixel_unshuffle] factor 2 for f32[4,4]; it takes a positive one and [.., height, width, "
          "channels].");
    CHECK(error_of([&] { pixel_unshuffle(x, 2); }) ==
          "[pixel_unshuffle] f32[2,5,4,3] has 5 by 4 pixels; both must be multiples of 2.");
    CHECK(error_of([&] {
            unfold(x, {6, 2});
          }) ==
          "[unfold] a window of 6 with dilation 1 spans 6 and axis 1 of f32[2,5,4,3] has 5; a window must "
          "fit.");
    CHECK(error_of([&] { unfold(x, {2}, {.padding = {-1}}); }) ==
          "[unfold] padding (-1); give one number for both axes or one for each, none of them negative.");
    CHECK(error_of([] {
            unfold(zeros({5, 4, 3}), {2});
          }) == "[unfold] x is f32[5,4,3] of rank 3; it must have rank 4: batch, 2 spatial, channels.");
    CHECK(error_of([] {
            fold(zeros({1, 0, 8}), {3, 4}, {4});
          }) == "[fold] windows of (4) do not fit an image of 3 by 4 with padding (0,0); they must.");
    CHECK(error_of([] {
            fold(zeros({1, 4, 8}), {3}, {2});
          }) == "[fold] output_size (3); it must be a height and a width, both positive.");
    CHECK(error_of([] {
            fold(zeros({1, 4, 8}), {3, 4}, {2});
          }) ==
          "[fold] x is f32[1,4,8]; for an image of 3 by 4 it must be f32 [batch, 6 windows, a multiple of 4 "
          "elements].");
  }
}

}  // namespace hekla::testing
