// See image_folder.h.
#include "train/data/image_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <system_error>

#include "graph/error.h"

namespace hekla::data {

namespace {

constexpr std::int64_t side = 28;
constexpr std::int64_t class_count = 10;

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::filesystem::path find_folder(const ImageFolder& kind, const std::filesystem::path& asked) {
  if (!asked.empty()) {
    if (!is_there(asked))
      throw Error(
          fmt::format("[{}] there is no folder {}; {}.", kind.reader, asked.string(), kind.how_to_get_it));
    return asked;
  }
  // An empty variable counts as unset, as in most programs.
  if (const char* variable = std::getenv(kind.variable); variable != nullptr && *variable != '\0') {
    if (!is_there(variable))
      throw Error(fmt::format("[{}] there is no folder {}, which {} names; {}.", kind.reader, variable,
                              kind.variable, kind.how_to_get_it));
    return variable;
  }
  for (const auto place : kind.places)
    if (is_there(place)) return place;
  throw Error(fmt::format("[{}] the data was not found; sought in {}; {}.", kind.reader,
                          fmt::join(kind.places, ", "), kind.how_to_get_it));
}

LabeledImages load_part(const ImageFolder& kind, const std::filesystem::path& folder, bool train) {
  const char* part = train ? "train" : "t10k";
  const auto find = [&](const char* content) {
    return find_image_file(kind.reader, folder, fmt::format("{}-{}", part, content), kind.how_to_get_it);
  };
  const auto images = find("images-idx3-ubyte");
  const auto labels = find("labels-idx1-ubyte");
  LabeledImages result = load_labeled_images(images, labels, class_count);
  if (result.height != side || result.width != side)
    throw Error(fmt::format("[{}] {}: images are {} x {}; those of {} are {} x {}.", kind.reader,
                            images.string(), result.height, result.width, kind.title, side, side));
  const auto refuse = [&](const std::filesystem::path& path, std::string_view text) {
    throw Error(
        fmt::format("[{}] {}: {}; it is not that of {} or is damaged. Fetch it again, or read data of your "
                    "own with load_labeled_images_folder.",
                    kind.reader, path.string(), text, kind.title));
  };
  if (const std::int64_t count = train ? 60'000 : 10'000; result.count != count)
    refuse(images, fmt::format("holds {} images and {} are expected", result.count, count));
  if (const std::string wrong = kind.wrong_images(result, train); !wrong.empty()) refuse(images, wrong);
  if (const std::string wrong = kind.wrong_labels(result, train); !wrong.empty()) refuse(labels, wrong);
  return result;
}

}  // namespace

std::filesystem::path find_image_file(std::string_view reader, const std::filesystem::path& folder,
                                      std::string_view name, std::string_view advice) {
  const auto plain = folder / name;
  if (is_there(plain)) return plain;
  const auto packed = folder / fmt::format("{}.gz", name);
  if (is_there(packed)) return packed;
  throw Error(
      fmt::format("[{}] {} holds neither {} nor {}.gz; {}.", reader, folder.string(), name, name, advice));
}

ImageSets load_image_folder(const ImageFolder& kind, const std::filesystem::path& folder) {
  const auto place = find_folder(kind, folder);
  return {.train = load_part(kind, place, true), .test = load_part(kind, place, false)};
}

}  // namespace hekla::data
