// Event files, from which TensorBoard draws its curves.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace hekla {

/// Writes scalars into a file of its own in a folder. `tensorboard --logdir` of that folder, or of one above
/// it, shows them during the training. The file grows as events are flushed and is not written atomically.
/// What a killed run has written is worth keeping, and TensorBoard reads up to the first incomplete record.
class EventWriter {
 public:
  /// Creates a new file `events.out.tfevents.<seconds>.<host>.<process>.<number>`, and the folder where it is
  /// missing. Throws hekla::Error when the folder cannot be made or written to.
  explicit EventWriter(const std::filesystem::path& folder);
  /// Flushes; an error at this point is lost, so call flush() to see it.
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  /// Adds the value of a curve at a step. Curves whose names share the part before the last slash are shown
  /// together ("loss/train"). `wall_time` is in seconds since 1970; the default is now. Throws hekla::Error
  /// when `tag` is empty or not UTF-8, or the file cannot be written.
  void add_scalar(std::string_view tag, std::int64_t step, double value,
                  std::optional<double> wall_time = std::nullopt);

  /// Flushes: what was added so far becomes visible to readers. Throws hekla::Error when the disk is full or
  /// fails.
  void flush();

  const std::filesystem::path& path() const { return path_; }

 private:
  void write_record(std::string_view payload);
  [[noreturn]] void fail(int error) const;

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace hekla
