// See zip_writer.h. Files get no times, so that the same content gives the same bytes.
#include "train/files/zip_writer.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <deque>
#include <new>
#include <string_view>

#include "graph/error.h"
#include "train/files/source.h"
#include "train/files/zip_stream.h"

namespace hekla::files {

namespace {

constexpr std::size_t longest_name = 0xffff;
constexpr zip_uint16_t no_date = 1 << 5 | 1;  // 1 January 1980, the earliest there is
// libzip writes no file where nothing is in it.
constexpr std::string_view empty_archive("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);

class Output : public ZipStream {
 public:
  explicit Output(AtomicFile& file) : file_(file) {}

 protected:
  std::uint64_t size() const override { return file_.size(); }
  // Nothing is read of an archive that is made anew.
  void read(std::uint64_t, std::span<std::byte> to) override { std::ranges::fill(to, std::byte{}); }
  bool is_writable() const override { return true; }
  void write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    file_.seek(offset);
    file_.write(bytes);
  }

 private:
  AtomicFile& file_;
};

class Content : public ZipStream {
 public:
  explicit Content(const ZipPart& part) : part_(part) {}

 protected:
  std::uint64_t size() const override { return part_.size; }
  void open() override {
    bytes_ = part_.content();
    if (bytes_.size() != part_.size)
      throw Error(fmt::format("[zip] the content of {} has {} bytes; {} were announced.",
                              in_quotes(part_.name), bytes_.size(), part_.size));
  }
  void close() override { bytes_ = {}; }
  void read(std::uint64_t offset, std::span<std::byte> to) override {
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
  }

 private:
  const ZipPart& part_;
  std::vector<std::byte> bytes_;
};

void check_name(const AtomicFile& file, const std::string& name) {
  const auto fail = [&](const std::string& text) {
    throw Error(fmt::format("[zip] {}: the name {} {}", file.path().string(), in_quotes(name), text));
  };
  if (name.size() > longest_name)
    fail(fmt::format("has {} bytes; a zip archive takes {}.", name.size(), longest_name));
  if (name.find('\0') != std::string::npos) fail("has a zero byte; choose another name.");
}

// An archive that is not closed is discarded.
struct Archive {
  zip_t* handle;
  ~Archive() {
    if (handle != nullptr) zip_discard(handle);
  }
};

bool add(zip_t* archive, const std::string& name, Content& content) {
  zip_source_t* source = content.source();
  const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  return zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) == 0 &&
         zip_file_set_dostime(archive, entry, 0, no_date, 0) == 0;
}

}  // namespace

void write_zip(AtomicFile& file, std::span<const ZipPart> parts) {
  for (const ZipPart& part : parts) check_name(file, part.name);
  if (parts.empty()) return file.write(empty_archive);
  Output output(file);
  std::deque<Content> contents;  // which stay where they are
  zip_source_t* target = output.source();
  Archive archive{zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, nullptr)};
  if (archive.handle == nullptr) {
    zip_source_free(target);
    throw std::bad_alloc();
  }
  bool written = true;
  for (const ZipPart& part : parts)
    written = written && add(archive.handle, part.name, contents.emplace_back(part));
  if (written && zip_close(archive.handle) == 0) {
    archive.handle = nullptr;
    return;
  }
  output.rethrow();
  for (const Content& content : contents) content.rethrow();
  throw Error(fmt::format("[zip] {}: cannot be written ({}); what was there before is unchanged.",
                          file.path().string(), zip_strerror(archive.handle)));
}

}  // namespace hekla::files
