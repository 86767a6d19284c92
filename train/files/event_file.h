// Event files, from which TensorBoard draws its curves.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace hekla {

/// Writes scalars into a file of its own in a folder: `tensorboard --logdir` that folder, or one above it,
/// shows them while training goes on. The file grows as events are flushed; it is not a file that appears
/// whole, since what a killed run has written so far is worth keeping, and TensorBoard reads up to the first
/// record that is not complete.
class EventWriter {
 public:
  /// Begins a new file `events.out.tfevents.<seconds>.<host>.<process>.<number>`; the folder is made where it
  /// is missing. Throws hekla::Error when the folder cannot be made or written to.
  explicit EventWriter(const std::filesystem::path& folder);
  /// Flushes; an error at this point is lost, call flush() to see it.
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  /// The value of a curve at a step. The curves of a name before the last slash are shown together
  /// ("loss/train"). `wall_time` is in seconds since 1970, now unless given. Throws hekla::Error when `tag`
  /// is empty or not UTF-8, or the file cannot be written.
  void add_scalar(std::string_view tag, std::int64_t step, double value,
                  std::optional<double> wall_time = std::nullopt);

  /// Makes what was added so far visible to readers. Throws hekla::Error when the disk is full or fails.
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
