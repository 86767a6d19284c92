// See zip_bytes.h.
#include "tests/train/files/zip_bytes.h"

#include <cstddef>
#include <span>

#include "tests/train/file_content.h"
#include "tests/train/temporary_folder.h"
#include "train/files/zip_writer.h"

namespace hekla::test {

Bytes zip_bytes(const Files& texts) {
  const TemporaryFolder folder;
  std::vector<files::ZipPart> parts;
  for (const auto& [name, text] : texts)
    parts.push_back({.name = name, .size = text.size(), .content = [content = text] {
                       const auto bytes = std::as_bytes(std::span(content));
                       return std::vector(bytes.begin(), bytes.end());
                     }});
  AtomicFile file(folder.path() / "zip");
  files::write_zip(file, parts);
  file.commit();
  return content<Bytes>(folder.path() / "zip");
}

}  // namespace hekla::test
