// What libzip reads from and writes to. libzip is C: an exception is kept while it returns, and thrown again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>

struct zip_source;

namespace hekla::files {

/// Bytes that libzip reads or writes at a position of its own. It must outlive the archive.
class ZipStream {
 public:
  ZipStream() = default;
  virtual ~ZipStream() = default;
  ZipStream(const ZipStream&) = delete;
  ZipStream& operator=(const ZipStream&) = delete;

  /// This as libzip's source, which the archive that takes it frees. Throws std::bad_alloc.
  zip_source* source();
  /// Throws what a function below threw inside libzip.
  void rethrow() const;

 protected:
  virtual std::uint64_t size() const = 0;
  virtual void open() {}
  virtual void close() {}
  /// Fills `to` with the bytes from `offset` on, which exist.
  virtual void read(std::uint64_t offset, std::span<std::byte> to) = 0;
  virtual bool is_writable() const { return false; }
  virtual void write(std::uint64_t, std::span<const std::byte>) {}

 private:
  struct Calls;

  std::uint64_t position_ = 0;
  std::exception_ptr failure_;
};

}  // namespace hekla::files
