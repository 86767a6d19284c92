// Errors for missing devices. The search paths of the loader follow LoaderDriverInterface.md of the
// Vulkan-Loader repository.
#include "backends/vulkan/no_device.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/error.h"

namespace hekla::vulkan {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::vector<std::filesystem::path> driver_folders() {
  std::vector<std::filesystem::path> folders{"/etc/vulkan/icd.d", "/usr/local/etc/vulkan/icd.d",
                                             "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"};
  const std::string_view home = environment("HOME");
  if (!home.empty()) folders.push_back(std::filesystem::path(home) / ".local/share/vulkan/icd.d");
  return folders;
}

// The driver manifests in the standard folders, separated by commas.
std::string listed_drivers() {
  std::string listed;
  for (const std::filesystem::path& folder : driver_folders()) {
    std::error_code ignored;
    for (std::filesystem::directory_iterator file(folder, ignored), end; !ignored && file != end;
         file.increment(ignored)) {
      if (file->path().extension() == ".json") listed += (listed.empty() ? "" : ", ") + file->path().string();
    }
  }
  return listed;
}

}  // namespace

void throw_no_device(std::string_view fact) {
  throw Error(
      fmt::format("[device] {}; install a Vulkan driver (Debian: libvulkan1 mesa-vulkan-drivers, which holds "
                  "a software driver too), or run without Vulkan with HEKLA_DEVICE=reference.",
                  fact));
}

void throw_no_driver() {
  // The first variable that is set overrides the standard folders.
  for (const char* name : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"}) {
    if (const std::string_view files = environment(name); !files.empty()) {
      throw Error(
          fmt::format("[device] the environment variable {} names '{}', and no driver there can be loaded; "
                      "unset it, or name one that is installed (Debian: mesa-vulkan-drivers; "
                      "VK_LOADER_DEBUG=all shows what the loader tries), or run without Vulkan with "
                      "HEKLA_DEVICE=reference.",
                      name, files));
    }
  }
  if (const std::string listed = listed_drivers(); !listed.empty()) {
    throw Error(
        fmt::format("[device] Vulkan drivers are listed ({}), but none of them can be loaded or finds a "
                    "device; install what they need, as a container often lacks the vendor's libraries "
                    "(VK_LOADER_DEBUG=all shows what the loader tries), or another (Debian: "
                    "mesa-vulkan-drivers), or run without Vulkan with HEKLA_DEVICE=reference.",
                    listed));
  }
  throw_no_device("no Vulkan driver is installed");
}

}  // namespace hekla::vulkan
