// See image_directory.h.
#include "train/data/image_directory.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/gather.h"
#include "train/data/image_file.h"
#include "train/data/split.h"

namespace hekla {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view reader = "image_dataset_from_directory";
constexpr std::array<std::string_view, 5> extensions{".bmp", ".gif", ".jpeg", ".jpg", ".png"};
constexpr std::array<std::pair<std::string_view, int>, 3> color_modes{
    {{"grayscale", 1}, {"rgb", 3}, {"rgba", 4}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> interpolations{
    {{"bilinear", false}, {"nearest", true}}};
enum class LabelMode { integer, categorical, none };
constexpr std::array<std::pair<std::string_view, LabelMode>, 3> label_modes{
    {{"int", LabelMode::integer}, {"categorical", LabelMode::categorical}, {"none", LabelMode::none}}};
enum class Subset { all, training, validation };
constexpr std::array<std::pair<std::string_view, Subset>, 2> subsets{
    {{"training", Subset::training}, {"validation", Subset::validation}}};

[[noreturn]] void fail(const std::string& text) { throw Error(fmt::format("[{}] {}", reader, text)); }

// The files of a data set, and the class of each.
struct Files {
  std::vector<fs::path> paths;
  std::vector<std::int32_t> labels;
};

bool is_image(const fs::path& path) {
  return std::ranges::find(extensions, lower_case(path.extension().string())) != extensions.end();
}

std::vector<std::string> classes_in(const fs::path& directory, const std::vector<std::string>& wanted) {
  if (!fs::is_directory(directory)) fail(fmt::format("{}: there is no such folder.", directory.string()));
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && !name.starts_with('.')) names.push_back(name);
  }
  std::ranges::sort(names);
  for (const std::string& name : wanted) {
    if (std::ranges::find(names, name) == names.end())
      fail(fmt::format("{}: there is no folder for class '{}'; the folders are {}.", directory.string(), name,
                       fmt::join(names, ", ")));
  }
  return wanted.empty() ? names : wanted;
}

// Appends the images in a folder and in those inside of it; folders are sorted by their paths, images in each by names.
void add_files(const fs::path& folder, std::int32_t label, Files& files) {
  std::vector<std::string> folders{folder.string()};
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_directory() && !entry.is_symlink()) folders.push_back(entry.path().string());
  std::ranges::sort(folders);
  for (const std::string& each : folders) {
    std::vector<fs::path> images;
    for (const fs::directory_entry& entry : fs::directory_iterator(each))
      if (entry.is_regular_file() && is_image(entry.path())) images.push_back(entry.path());
    std::ranges::sort(images);
    files.paths.insert(files.paths.end(), images.begin(), images.end());
  }
  files.labels.resize(files.paths.size(), label);
}

Files at(const Files& files, const std::vector<std::int32_t>& positions) {
  Files picked;
  for (const std::int32_t position : positions) {
    picked.paths.push_back(files.paths[static_cast<std::size_t>(position)]);
    picked.labels.push_back(files.labels[static_cast<std::size_t>(position)]);
  }
  return picked;
}

// The part of the files that a subset is.
Files subset_of(const Files& files, const ImageDirectoryOptions& options) {
  if (options.subset.empty()) return files;
  const Subset subset = choose(reader, options.subset, subsets, "subset");
  const std::size_t all = files.paths.size();
  const std::size_t middle =
      all - static_cast<std::size_t>(options.validation_split * static_cast<double>(all));
  std::vector<std::int32_t> positions;
  for (std::size_t i = subset == Subset::training ? 0 : middle;
       i < (subset == Subset::training ? middle : all); ++i)
    positions.push_back(static_cast<std::int32_t>(i));
  if (positions.empty())
    fail(fmt::format("{} of {} images leave none for the {} subset.", options.validation_split, all,
                     options.subset));
  return at(files, positions);
}

void check_options(const ImageDirectoryOptions& options) {
  if (options.image_size.height < 1 || options.image_size.width < 1)
    fail(fmt::format("image_size is {} by {}; both must be positive.", options.image_size.height,
                     options.image_size.width));
  if (options.batch_size && *options.batch_size < 1)
    fail(fmt::format("batch_size is {}; it must be positive.", *options.batch_size));
  if (!(options.validation_split >= 0 && options.validation_split < 1))
    fail(fmt::format("validation_split is {}; it lies between 0 and 1.", options.validation_split));
  if ((options.validation_split > 0) == options.subset.empty())
    fail(fmt::format("validation_split is {} and subset is '{}'; one needs the other.",
                     options.validation_split, options.subset));
}

// Calls `read` for each file, and throws one error for all that it fails at.
void for_each_file(const std::vector<fs::path>& paths, const std::function<void(std::size_t)>& read) {
  std::vector<std::string> failures;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    try {
      read(i);
    } catch (const Error& error) {
      failures.push_back(fmt::format("{} {}", paths[i].string(), error.what()));
    }
  }
  if (!failures.empty()) fail(fmt::format("{}; remove or replace these files.", fmt::join(failures, "; ")));
}

// Reads files and labels into tensors.
class Reading {
 public:
  explicit Reading(const ImageDirectoryOptions& options, std::int64_t classes)
      : mode_(choose(reader, options.label_mode, label_modes, "label_mode")),
        classes_(classes),
        image_{.size = options.image_size,
               .channels = choose(reader, options.color_mode, color_modes, "color_mode"),
               .is_nearest = choose(reader, options.interpolation, interpolations, "interpolation"),
               .is_cropped = options.crop_to_aspect_ratio} {}

  Batch read(const Files& files) const {
    const auto count = static_cast<std::int64_t>(files.paths.size());
    const Shape shape{count, image_.size.height, image_.size.width, image_.channels};
    const auto each = static_cast<std::size_t>(shape.count() / count);
    std::vector<std::uint8_t> pixels(each * files.paths.size());
    for_each_file(files.paths, [&](std::size_t i) {
      data::read_image(files.paths[i], image_, std::span(pixels).subspan(i * each, each));
    });
    Batch batch{.inputs = {tensor(pixels, shape).label("images")}};
    if (mode_ != LabelMode::none) batch.targets = {labels(files.labels).label("labels")};
    return batch;
  }

  std::int64_t bytes(std::size_t files) const {
    return static_cast<std::int64_t>(files) * image_.size.height * image_.size.width * image_.channels;
  }

 private:
  Tensor labels(const std::vector<std::int32_t>& all) const {
    if (mode_ == LabelMode::integer) return tensor(all);
    std::vector<float> one_hot(all.size() * static_cast<std::size_t>(classes_));
    for (std::size_t i = 0; i < all.size(); ++i)
      one_hot[i * static_cast<std::size_t>(classes_) + static_cast<std::size_t>(all[i])] = 1;
    return tensor(one_hot, {static_cast<std::int64_t>(all.size()), classes_});
  }

  LabelMode mode_;
  std::int64_t classes_;
  data::ImageReading image_;
};

// The files in batches, in another order in each pass.
Dataset streamed(const Reading& reading, const Files& files, const ImageDirectoryOptions& options) {
  const auto passes = std::make_shared<std::uint32_t>(0);
  const auto size = static_cast<std::size_t>(*options.batch_size);
  return Dataset::from_generator([=, shuffle = options.shuffle, seed = options.seed] {
    const auto count = static_cast<std::int64_t>(files.paths.size());
    const Files order = shuffle ? at(files, data::permutation(count, seed + ++*passes)) : files;
    return [=, done = std::size_t{0}]() mutable -> std::optional<Batch> {
      std::vector<std::int32_t> positions;
      for (; positions.size() < size && done < order.paths.size(); ++done)
        positions.push_back(static_cast<std::int32_t>(done));
      if (positions.empty()) return std::nullopt;
      return reading.read(at(order, positions));
    };
  });
}

}  // namespace

ImageDirectory image_dataset_from_directory(const fs::path& directory, const ImageDirectoryOptions& options) {
  check_options(options);
  const std::vector<std::string> names = classes_in(directory, options.class_names);
  Files files;
  for (std::size_t i = 0; i < names.size(); ++i)
    add_files(directory / names[i], static_cast<std::int32_t>(i), files);
  if (files.paths.empty())
    fail(fmt::format("{}: no images in folders, one for each class; they end in {}.", directory.string(),
                     fmt::join(extensions, ", ")));
  if (options.shuffle)
    files = at(files, data::permutation(static_cast<std::int64_t>(files.paths.size()), options.seed));
  files = subset_of(files, options);

  const Reading reading(options, static_cast<std::int64_t>(names.size()));
  if (options.batch_size) {
    for_each_file(files.paths, [&](std::size_t i) { data::check_image(files.paths[i]); });
    return {.dataset = streamed(reading, files, options), .class_names = names, .file_paths = files.paths};
  }
  if (reading.bytes(files.paths.size()) > std::numeric_limits<std::int32_t>::max())
    fail(fmt::format(
        "{} images take {} bytes, and a tensor holds 2^31 - 1 elements at most; with a batch_size, files are "
        "read during the training.",
        files.paths.size(), reading.bytes(files.paths.size())));
  Batch all = reading.read(files);
  return {.dataset = Dataset(std::move(all.inputs), std::move(all.targets)),
          .class_names = names,
          .file_paths = files.paths};
}

}  // namespace hekla
