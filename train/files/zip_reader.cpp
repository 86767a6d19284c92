// See zip_reader.h. Memory grows with what is read, never by what the archive announces.
#include "train/files/zip_reader.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <new>
#include <unordered_set>

#include "train/files/zip_stream.h"
#include "train/utf8.h"

namespace hekla::files {

class ZipReader::Input : public ZipStream {
 public:
  explicit Input(Source& source) : source_(source) {}

 protected:
  std::uint64_t size() const override { return source_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> to) override { source_.read(offset, to); }

 private:
  Source& source_;
};

struct ZipReader::Archive {
  zip_t* handle = nullptr;
  ~Archive() {
    if (handle != nullptr) zip_discard(handle);
  }
};

namespace {

struct Failure {
  zip_error_t value;
  Failure() { zip_error_init(&value); }
  ~Failure() { zip_error_fini(&value); }
};

struct File {
  zip_file_t* handle;
  ~File() {
    if (handle != nullptr) zip_fclose(handle);
  }
};

}  // namespace

ZipReader::ZipReader(Source& source)
    : source_(source), input_(std::make_unique<Input>(source)), archive_(std::make_unique<Archive>()) {
  Failure error;
  zip_source_t* bytes = input_->source();
  archive_->handle = zip_open_from_source(bytes, ZIP_RDONLY | ZIP_CHECKCONS, &error.value);
  if (archive_->handle == nullptr) {
    zip_source_free(bytes);
    input_->rethrow();
    switch (zip_error_code_zip(&error.value)) {
      case ZIP_ER_MEMORY:
        throw std::bad_alloc();
      case ZIP_ER_NOZIP:
        source_.fail("has no directory at its end; it is no zip archive or truncated.");
      case ZIP_ER_MULTIDISK:
        source_.fail("is a part of an archive of several volumes; join them first.");
      default:
        damaged(zip_error_strerror(&error.value));
    }
  }
  const auto count = static_cast<std::size_t>(zip_get_num_entries(archive_->handle, 0));
  std::unordered_set<std::string> known;
  std::uint64_t left = source.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t packed = check(i);
    const std::string& name = names_.back();
    if (!known.insert(name).second) source_.fail(fmt::format("{} is there twice.", in_quotes(name)));
    // Files over the same bytes make a small archive large without end.
    if (packed > left) damaged("its files overlap");
    left -= packed;
  }
}

ZipReader::~ZipReader() = default;

void ZipReader::damaged(const std::string& what) const {
  source_.fail(fmt::format("is damaged: {}; fetch it again.", what));
}

// Adds the name of a file that can be read; returns how many bytes it takes in the archive.
std::uint64_t ZipReader::check(std::size_t index) {
  zip_stat_t status;
  if (zip_stat_index(archive_->handle, index, ZIP_FL_ENC_RAW, &status) != 0)
    damaged(zip_strerror(archive_->handle));
  names_.emplace_back(status.name);
  if (!is_utf8(names_.back())) source_.fail("holds a name that is not UTF-8.");
  const std::string name = in_quotes(names_.back());
  if (status.encryption_method != ZIP_EM_NONE)
    source_.fail(fmt::format("{} is encrypted; unpack it first.", name));
  if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE)
    source_.fail(fmt::format("{} is packed by method {}; stored and deflated files are read.", name,
                             status.comp_method));
  return status.comp_size;
}

std::uint64_t ZipReader::size(std::size_t index) const {
  zip_stat_t status;
  if (zip_stat_index(archive_->handle, index, 0, &status) != 0) damaged(zip_strerror(archive_->handle));
  return status.size;
}

std::vector<std::byte> ZipReader::read(std::size_t index) {
  const std::string name = in_quotes(names_[index]);
  zip_stat_t status;
  const bool known = zip_stat_index(archive_->handle, index, 0, &status) == 0;
  const File file{zip_fopen_index(archive_->handle, index, 0)};
  if (!known || file.handle == nullptr) {
    input_->rethrow();
    damaged(fmt::format("{}: {}", name, zip_strerror(archive_->handle)));
  }
  std::vector<std::byte> content;
  content.reserve(static_cast<std::size_t>(std::min(status.size, source_.size())));
  std::array<std::byte, 1 << 16> piece;
  while (content.size() <= status.size) {
    const zip_int64_t count = zip_fread(file.handle, piece.data(), piece.size());
    if (count < 0) {
      input_->rethrow();
      damaged(fmt::format("{}: {}", name, zip_file_strerror(file.handle)));
    }
    if (count == 0) break;
    content.insert(content.end(), piece.begin(), piece.begin() + count);
  }
  if (content.size() != status.size)
    damaged(fmt::format("{} does not hold the {} bytes that it should", name, status.size));
  return content;
}

}  // namespace hekla::files
