// See zip_stream.h.
#include "train/files/zip_stream.h"

#include <zip.h>

#include <algorithm>
#include <new>

namespace hekla::files {

struct ZipStream::Calls {
  static zip_int64_t run(void* state, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    ZipStream& stream = *static_cast<ZipStream*>(state);
    try {
      return answer(stream, data, length, command);
    } catch (...) {
      stream.failure_ = std::current_exception();
      return -1;
    }
  }

  static zip_int64_t answer(ZipStream& stream, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    switch (command) {
      case ZIP_SOURCE_OPEN:
      case ZIP_SOURCE_BEGIN_WRITE:
        stream.position_ = 0;
        stream.open();
        return 0;
      case ZIP_SOURCE_CLOSE:
        stream.close();
        return 0;
      case ZIP_SOURCE_READ: {
        const std::uint64_t left = stream.size() - std::min(stream.size(), stream.position_);
        const std::uint64_t count = std::min<std::uint64_t>(length, left);
        stream.read(stream.position_, {static_cast<std::byte*>(data), static_cast<std::size_t>(count)});
        stream.position_ += count;
        return static_cast<zip_int64_t>(count);
      }
      case ZIP_SOURCE_WRITE:
        stream.write(stream.position_,
                     {static_cast<const std::byte*>(data), static_cast<std::size_t>(length)});
        stream.position_ += length;
        return static_cast<zip_int64_t>(length);
      case ZIP_SOURCE_SEEK:
      case ZIP_SOURCE_SEEK_WRITE: {
        const zip_int64_t position =
            zip_source_seek_compute_offset(stream.position_, stream.size(), data, length, nullptr);
        if (position < 0) return -1;
        stream.position_ = static_cast<std::uint64_t>(position);
        return 0;
      }
      case ZIP_SOURCE_TELL:
      case ZIP_SOURCE_TELL_WRITE:
        return static_cast<zip_int64_t>(stream.position_);
      case ZIP_SOURCE_STAT: {
        auto& status = *static_cast<zip_stat_t*>(data);
        zip_stat_init(&status);
        status.size = stream.size();
        status.valid = ZIP_STAT_SIZE;
        return sizeof(status);
      }
      case ZIP_SOURCE_ERROR: {
        zip_error_t error;
        zip_error_init_with_code(&error, stream.failure_ ? ZIP_ER_INTERNAL : ZIP_ER_INVAL);
        return zip_error_to_data(&error, data, length);
      }
      case ZIP_SOURCE_SUPPORTS:
        return (stream.is_writable() ? ZIP_SOURCE_SUPPORTS_WRITABLE : ZIP_SOURCE_SUPPORTS_SEEKABLE) |
               ZIP_SOURCE_MAKE_COMMAND_BITMASK(ZIP_SOURCE_ACCEPT_EMPTY);
      case ZIP_SOURCE_ACCEPT_EMPTY:  // as an archive
      case ZIP_SOURCE_FREE:
      case ZIP_SOURCE_COMMIT_WRITE:
      case ZIP_SOURCE_ROLLBACK_WRITE:
        return 0;
      default:
        return -1;
    }
  }
};

zip_source* ZipStream::source() {
  zip_source_t* source = zip_source_function_create(Calls::run, this, nullptr);
  if (source == nullptr) throw std::bad_alloc();
  return source;
}

void ZipStream::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace hekla::files
