// The hooks: operand rows are padded to a multiple of 4 along the axis that is contiguous in memory.
#include "tests/vulkan/matmul_harness.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/glsl.h"
#include "shaders/shaders.h"

namespace hekla::vulkan::test {
namespace {

uint64_t round4(uint64_t n) { return (n + 3) / 4 * 4; }

// One operand's hooks. `outer` is the axis other than k: rows of A, columns of B.
std::string operand_hooks(char name, bool along_k, bool texel, uint64_t outer, uint64_t inner,
                          const std::string& load_arguments) {
  std::string fetch =
      texel ? fmt::format("imageLoad(in_{}, int({{}}))", name) : fmt::format("in_{}[{{}}]", name);
  std::string upper = name == 'a' ? "A" : "B";
  std::string text = fmt::format(
      "uint {}_base[{}_SLOTS];\nvoid prepare_{}(uint slot, uint batch, uint place) {{\n", name, upper, name);
  if (along_k)
    text += fmt::format("  {}_base[slot] = (batch * {}u + min(place, {}u)) * {}u;\n", name, outer, outer - 1,
                        round4(inner) / 4);
  else
    text += fmt::format("  {}_base[slot] = batch * {}u + place / 4u;\n", name, inner * round4(outer) / 4);
  text += fmt::format("}}\nvec4 load_{}(uint slot, uint batch, {}) {{\n", name, load_arguments);
  std::string index = along_k ? fmt::format("{}_base[slot] + k / 4u", name)
                              : fmt::format("{}_base[slot] + k * {}u", name, round4(outer) / 4);
  std::string read = fmt::format(fmt::runtime(fetch), index);
  if (!along_k && inner % 4 != 0)
    text +=
        fmt::format("  vec4 zero = vec4(0.0);\n  if (k < {}u) zero = {};\n  return zero;\n}}\n", inner, read);
  else
    text += fmt::format("  return {};\n}}\n", read);
  return text;
}

std::string store_hook(const MatmulSizes& s) {
  std::string text = "void store(uint batch, uint row, uint column, vec4 value) {\n";
  if (s.columns % 4 == 0)
    return text + fmt::format("  result[((batch * {}u + row) * {}u + column) / 4u] = value;\n}}\n", s.rows,
                              s.columns);
  text += fmt::format("  uint at = (batch * {}u + row) * {}u + column;\n", s.rows, s.columns);
  for (int i = 0; i < 4; ++i)
    text += fmt::format("  if (column + {}u < {}u) result[at + {}u] = value[{}];\n", i, s.columns, i, i);
  return text + "}\n";
}

std::vector<float> pad(std::span<const float> values, uint64_t inner) {
  std::vector<float> padded(values.size() / inner * round4(inner), 0.0f);
  for (std::size_t row = 0; row < values.size() / inner; ++row)
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(row * inner), inner,
                padded.begin() + static_cast<std::ptrdiff_t>(row * round4(inner)));
  return padded;
}

}  // namespace

std::string matmul_source(const MatmulCase& matmul) {
  const MatmulSizes& s = matmul.sizes;
  const MatmulTiles& t = matmul.tiles;
  bool shuffle = t.family == &shuffle_matmul;
  bool texel = matmul.form == ReadForm::texel;
  std::string text = "#version 460\n#extension GL_EXT_control_flow_attributes : require\n";
  if (shuffle)
    text +=
        "#extension GL_KHR_shader_subgroup_basic : require\n"
        "#extension GL_KHR_shader_subgroup_shuffle : require\n";
  auto define = [&](const char* name, uint64_t value) {
    text += fmt::format("#define {} {}u\n", name, value);
  };
  define("M", s.rows);
  define("N", s.columns);
  define("K", s.inner);
  define("BATCHES", s.batches);
  define(shuffle ? "ROWS" : "TILE_M", t.rows);
  if (shuffle) text += fmt::format("#define DOWN_FIRST {:d}\n", s.rows > s.columns);
  define(shuffle ? "COLUMNS" : "TILE_N", t.columns);
  if (!shuffle) {
    define("TILE_K", t.depth);
    define("THREAD_M", t.thread_rows);
    define("THREAD_N", t.thread_columns);
    text += fmt::format("#define SLICES {}\n", t.slices);
  }
  define("A_SLOTS", t.family->a_slots(t));
  define("B_SLOTS", t.family->b_slots(t, s));
  text += fmt::format("#define A_ALONG_K {:d}\n#define B_ALONG_K {:d}\n", s.a_along_k, s.b_along_k);
  for (int i = 0; i < 2; ++i)
    text +=
        texel
            ? fmt::format("layout(binding = {}, rgba32f) uniform readonly imageBuffer in_{};\n", i, "ab"[i])
            : fmt::format("layout(binding = {}) readonly buffer In{} {{ vec4 in_{}[]; }};\n", i, i, "ab"[i]);
  text += fmt::format("layout(binding = 2) writeonly buffer Result {{ {} result[]; }};\n",
                      s.columns % 4 == 0 ? "vec4" : "float");
  text += operand_hooks('a', s.a_along_k, texel, s.rows, s.inner, "uint row, uint k");
  text += operand_hooks('b', s.b_along_k, texel, s.columns, s.inner, "uint k, uint column");
  text += store_hook(s);
  Code skeleton;
  skeleton += shader_text(shuffle ? "matmul_shuffle.comp" : "matmul_tiled.comp");
  return text + skeleton.with_prefix("").text() + one_group_each(local_size(t));
}

MatmulRun::MatmulRun(std::shared_ptr<BufferPool> pool, const MatmulCase& which,
                     std::span<const float> a_values, std::span<const float> b_values)
    : matmul(which), bindings(std::shared_ptr<Context>(pool, &pool->context())) {
  const MatmulSizes& s = matmul.sizes;
  auto context = std::shared_ptr<Context>(pool, &pool->context());
  a = make_buffer<float>(*pool, pad(a_values, s.a_along_k ? s.inner : s.rows), "a");
  b = make_buffer<float>(*pool, pad(b_values, s.b_along_k ? s.inner : s.columns), "b");
  uint64_t bytes = s.batches * s.rows * s.columns * 4;
  c = make_buffer<float>(*pool, std::vector<float>(s.batches * s.rows * s.columns, -999.0f), "c");
  BindingKind input =
      matmul.form == ReadForm::texel ? BindingKind::texel_buffer : BindingKind::storage_buffer;
  const BindingKind kinds[] = {input, input, BindingKind::storage_buffer};
  pipeline = make_pipeline(context, compile_glsl_uncached(matmul_source(matmul), "matmul"), kinds, "matmul");
  const BufferRange ranges[] = {{.buffer = a.get(), .offset = 0, .bytes = a->bytes},
                                {.buffer = b.get(), .offset = 0, .bytes = b->bytes},
                                {.buffer = c.get(), .offset = 0, .bytes = bytes}};
  set = bindings.add(*pipeline, ranges);
}

void MatmulRun::record(VkCommandBuffer commands) const {
  dispatch(commands, *pipeline, set, workgroups(matmul.tiles, matmul.sizes));
  host_read_barrier(commands);
}

std::vector<float> MatmulRun::result() const {
  const MatmulSizes& s = matmul.sizes;
  return read_buffer<float>(*c, s.batches * s.rows * s.columns);
}

}  // namespace hekla::vulkan::test
