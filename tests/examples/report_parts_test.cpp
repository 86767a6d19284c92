// The parts of reports: predictions, pictures, charts, HTML.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

#include "examples/fashion_mnist/charts.h"
#include "examples/fashion_mnist/data.h"
#include "examples/fashion_mnist/pictures.h"
#include "examples/fashion_mnist/report.h"
#include "graph/error.h"

using namespace hekla;
using namespace hekla::fashion_mnist;

TEST_CASE("fashion_mnist predictions: are counted, the most confident mistakes first") {
  const Predictions predictions({.2f, .8f, .9f, .1f, .3f, .7f, .6f, .4f}, {1, 1, 0, 0}, 2);
  CHECK(predictions.count(1, 1) == 1);
  CHECK(predictions.count(1, 0) == 1);
  CHECK(predictions.count(0, 1) == 1);
  CHECK(predictions.count(0) == 2);
  const auto worst = predictions.worst(5);
  REQUIRE(worst.size() == 2);
  CHECK(worst[0].image == 1);
  CHECK(worst[0].truth == 1);
  CHECK(worst[0].taken_for == 0);
  CHECK(worst[0].confidence == .9f);
  CHECK(predictions.worst(1).size() == 1);
  CHECK_THROWS_WITH_AS(Predictions({.5f, .5f}, {0, 1}, 2), doctest::Contains("2 probabilities for 2 images"),
                       Error);
  CHECK_THROWS_WITH_AS(Predictions({.5f, .5f}, {2}, 2), doctest::Contains("label 0 is 2"), Error);
}

TEST_CASE("fashion_mnist words") {
  CHECK(duration_words(12.34) == "12.3 s");
  CHECK(duration_words(59.97) == "1 min 0 s");
  CHECK(duration_words(125) == "2 min 5 s");
}

TEST_CASE("fashion_mnist html: bytes and texts") {
  // RFC 4648, section 10.
  for (const auto& [bytes, coded] : {std::pair{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"foobar", "Zm9vYmFy"}})
    CHECK(data_url("text/plain", bytes) == std::string("data:text/plain;base64,") + coded);
  CHECK(data_url("image/png", std::string_view("\xff\x00\xfe", 3)) == "data:image/png;base64,/wD+");
  CHECK(escaped("a<b & \"c\"") == "a&lt;b &amp; &quot;c&quot;");
}

TEST_CASE("fashion_mnist pictures: on a terminal and as PNG") {
  Picture picture(3, 2, 0);
  picture.at(0, 0) = picture.at(0, 1) = 255;
  picture.at(1, 0) = 255;
  CHECK(draw(picture, Drawing::ascii) == "@=\n");
  CHECK(draw(picture, Drawing::shades) == "█░\n");
  CHECK(draw(picture, Drawing::half_blocks) ==
        "\x1b[38;5;255;48;5;255m▀\x1b[38;5;255;48;5;232m▀\x1b[38;5;232;48;5;232m▀\x1b[0m\n");
  CHECK(halved(Picture(4, 2, 7)).pixels == std::vector<std::uint8_t>{7, 7});
  CHECK(enlarged(picture, 2).at(3, 3) == 0);
  CHECK(inverted(picture).at(2, 0) == 255);
  CHECK(to_png(picture).substr(0, 8) == "\x89PNG\r\n\x1a\n");
  const Picture sheet =
      image_sheet({{Picture(28, 28, 9), {"Ankle boot"}}, {Picture(28, 28, 9), {"Bag"}}}, 6, 4);
  CHECK(sheet.width > 2 * 28 * 4);
  CHECK(image_sheet({}, 6, 4).width > 0);
}

TEST_CASE("fashion_mnist charts: gnuplot draws them" * doctest::skip(!has_gnuplot())) {
  const std::vector<EpochNumbers> history{{0, .5, 1.5, .6, .9}, {1, .7, .9, .8, .4}, {2, .8, .5, .7, .5}};
  const Predictions predictions({.2f, .8f, .9f, .1f}, {1, 1}, 2);
  constexpr std::array<std::string_view, 2> classes{"T-shirt/top", "Bag"};
  for (const std::string& script :
       {learning_curve(history, history[1]), learning_curve({history[0]}, history[0]),
        confusion_chart(predictions, classes), comparison_chart({{"sgd", history}, {"adam", history}})}) {
    const std::string svg = run_gnuplot(script);
    CHECK(svg.find("<svg") != std::string::npos);
    CHECK(inline_svg(svg).find("http") == std::string::npos);
  }
  CHECK(run_gnuplot(confusion_chart(predictions, classes)).find("T-shirt/top") != std::string::npos);
  CHECK_THROWS_WITH_AS(run_gnuplot("plot nonsense of this kind\n"),
                       doctest::Contains("[gnuplot] no chart was drawn"), Error);
}
