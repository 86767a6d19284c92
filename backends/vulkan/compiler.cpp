// The glslang front end, through its C interface, which is stable across versions.
#include "backends/vulkan/compiler.h"

#include <fmt/format.h>
#include <glslang/Include/glslang_c_interface.h>
#include <glslang/Public/resource_limits_c.h>
#include <glslang/build_info.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "backends/common/cache_file.h"
#include "graph/error.h"

namespace hekla::vulkan {
namespace {

// Part of the cache key, because another compiler version or other options produce different SPIR-V.
std::string compiler_key() {
  return fmt::format("glslang {}.{}.{}, vulkan1.1, spirv1.3, options 1\n", GLSLANG_VERSION_MAJOR,
                     GLSLANG_VERSION_MINOR, GLSLANG_VERSION_PATCH);
}

constexpr uint32_t spirv_magic = 0x07230203;

// glslang is reference-counted; it is never finalised, because kernels may be compiled until the process
// ends.
void initialise() {
  static const int done = glslang_initialize_process();
  if (done == 0) throw Error("[compile] glslang could not be initialised; reinstall the program.");
}

// The place of an error message such as "ERROR: 0:12: 'x' : undeclared identifier", which is line 12 of text 0.
SourceMap::Place place_of(std::string_view log, const SourceMap& source_map) {
  constexpr std::string_view mark = "ERROR: ";
  const std::size_t at = log.find(mark);
  int text = 0, line = 0;
  if (at != std::string_view::npos) {
    const char* end = log.data() + log.size();
    const auto number = std::from_chars(log.data() + at + mark.size(), end, text);
    if (number.ptr != end) std::from_chars(number.ptr + 1, end, line);
  }
  return line == 0 ? SourceMap::Place{} : source_map.at(text, line);
}

[[noreturn]] void fail(const std::string& source, const std::string& label, std::string_view log,
                       const SourceMap& source_map) {
  while (!log.empty() && (log.back() == '\n' || log.back() == ' ')) log.remove_suffix(1);
  const SourceMap::Place place = place_of(log, source_map);
  const std::string_view line = place.line == 0 ? std::string_view() : line_of(source, place.line);
  std::string where;
  if (!line.empty()) {
    where = fmt::format("; line {}{} is `{}`", place.line_of_text,
                        place.part.empty() ? "" : fmt::format(" of its {}", place.part), line);
  }
  const std::string what = place.op == nullptr ? fmt::format("[compile] the GLSL of '{}'", label)
                                               : fmt::format("[{}] its GLSL", place.op->name);
  throw Error(fmt::format(
      "{} does not compile: {}{}; it must be GLSL 4.60 for Vulkan (HEKLA_DEBUG=4 prints the whole "
      "text of a kernel).",
      what, log, where));
}

std::optional<std::vector<uint32_t>> from_disk(const std::filesystem::path& folder, const std::string& name) {
  auto content = read_cache_file(folder, name);
  if (!content || content->size() < 20 || content->size() % 4 != 0) return std::nullopt;
  std::vector<uint32_t> words(content->size() / 4);
  std::memcpy(words.data(), content->data(), content->size());
  if (words[0] != spirv_magic) return std::nullopt;
  return words;
}

}  // namespace

std::string spirv_file_name(const std::string& source) {
  return hash_text(compiler_key() + source).hex() + ".spv";
}

std::vector<uint32_t> compile_glsl_uncached(const std::string& source, const std::string& label,
                                            const SourceMap& source_map) {
  initialise();
  const glslang_messages_t messages =
      static_cast<glslang_messages_t>(GLSLANG_MSG_SPV_RULES_BIT | GLSLANG_MSG_VULKAN_RULES_BIT);
  glslang_input_t input{};
  input.language = GLSLANG_SOURCE_GLSL;
  input.stage = GLSLANG_STAGE_COMPUTE;
  input.client = GLSLANG_CLIENT_VULKAN;
  input.client_version = GLSLANG_TARGET_VULKAN_1_1;
  input.target_language = GLSLANG_TARGET_SPV;
  input.target_language_version = GLSLANG_TARGET_SPV_1_3;
  input.code = source.c_str();
  input.default_version = 460;
  input.default_profile = GLSLANG_NO_PROFILE;
  input.messages = messages;
  input.resource = glslang_default_resource();

  std::unique_ptr<glslang_shader_t, decltype(&glslang_shader_delete)> shader(glslang_shader_create(&input),
                                                                             glslang_shader_delete);
  if (!shader) fail(source, label, "glslang gave no shader object", source_map);
  if (glslang_shader_preprocess(shader.get(), &input) == 0 || glslang_shader_parse(shader.get(), &input) == 0)
    fail(source, label, glslang_shader_get_info_log(shader.get()), source_map);
  std::unique_ptr<glslang_program_t, decltype(&glslang_program_delete)> program(glslang_program_create(),
                                                                                glslang_program_delete);
  glslang_program_add_shader(program.get(), shader.get());
  if (glslang_program_link(program.get(), messages) == 0)
    fail(source, label, glslang_program_get_info_log(program.get()), source_map);
  glslang_spv_options_t options{};
  // The driver optimises anyway: spirv-opt would only add compile time, and it unrolls loops that must stay
  // rolled.
  options.disable_optimizer = true;
  glslang_program_SPIRV_generate_with_options(program.get(), GLSLANG_STAGE_COMPUTE, &options);
  std::vector<uint32_t> words(glslang_program_SPIRV_get_size(program.get()));
  if (words.empty()) fail(source, label, "glslang produced no code", source_map);
  glslang_program_SPIRV_get(program.get(), words.data());
  return words;
}

std::vector<uint32_t> SpirvCache::get(const std::string& source, const std::string& label,
                                      const SourceMap& source_map, bool* was_cached) {
  if (was_cached != nullptr) *was_cached = true;
  std::string name = spirv_file_name(source);
  {
    std::lock_guard lock(mutex_);
    if (const std::vector<uint32_t>* found = known_.find(name)) return *found;
  }
  std::optional<std::vector<uint32_t>> words = from_disk(folder_, name);
  bool compiled = !words;
  if (was_cached != nullptr) *was_cached = !compiled;
  if (compiled) {
    words = compile_glsl_uncached(source, label, source_map);
    write_cache_file(folder_, name, std::as_bytes(std::span(*words)));
  }
  std::lock_guard lock(mutex_);
  compiled_ += compiled ? 1 : 0;
  if (known_.find(name) == nullptr) known_.insert(name, *words, words->size() * sizeof(uint32_t));
  return *words;
}

int SpirvCache::compiled() const {
  std::lock_guard lock(mutex_);
  return compiled_;
}

std::vector<uint32_t> compile_glsl(const std::string& source, const std::string& label,
                                   const SourceMap& source_map, bool* was_cached) {
  // Never destroyed, because other threads may compile while the process ends.
  static SpirvCache& cache = *new SpirvCache(default_cache_folder());
  return cache.get(source, label, source_map, was_cached);
}

}  // namespace hekla::vulkan
