// Uploads and downloads: direct copies where device memory is host-visible, else through a staging buffer.
// Copies are split into chunks, so that a large data set needs no second copy of itself.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/vulkan/buffer.h"
#include "backends/vulkan/commands.h"
#include "graph/error.h"

namespace hekla::vulkan {
namespace {

constexpr VkDeviceSize staging_bytes = VkDeviceSize{32} << 20;
// Uncached memory is read over the bus, one read at a time: faster than a copy only below this size.
constexpr VkDeviceSize few_bytes = 256;

void check_range(const Buffer& buffer, VkDeviceSize offset, VkDeviceSize bytes, const char* what) {
  if (offset <= buffer.capacity && bytes <= buffer.capacity - offset) return;
  throw Error(fmt::format("[{}] bytes {} to {} of '{}', which has {}; the range must lie inside.", what,
                          offset, offset + bytes, buffer.label, buffer.capacity));
}

VkMappedMemoryRange atom_range(const Buffer& buffer, VkDeviceSize offset, VkDeviceSize bytes) {
  VkDeviceSize atom = std::max<VkDeviceSize>(1, buffer.context->limits.nonCoherentAtomSize);
  VkMappedMemoryRange range{};
  range.sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE;
  range.memory = buffer.place->memory();
  VkDeviceSize start = offset / atom * atom;
  range.offset = buffer.place->offset() + start;
  range.size = (offset + bytes + atom - 1) / atom * atom - start;
  return range;
}

void write_host(Buffer& buffer, std::span<const std::byte> data, VkDeviceSize offset) {
  std::memcpy(buffer.host + offset, data.data(), data.size());
  if (buffer.coherent) return;
  VkMappedMemoryRange range = atom_range(buffer, offset, data.size());
  check(vkFlushMappedMemoryRanges(buffer.context->device, 1, &range), "vkFlushMappedMemoryRanges",
        buffer.label);
}

void read_host(Buffer& buffer, std::span<std::byte> data, VkDeviceSize offset) {
  if (!buffer.coherent) {
    VkMappedMemoryRange range = atom_range(buffer, offset, data.size());
    check(vkInvalidateMappedMemoryRanges(buffer.context->device, 1, &range), "vkInvalidateMappedMemoryRanges",
          buffer.label);
  }
  std::memcpy(data.data(), buffer.host + offset, data.size());
}

void barrier(VkCommandBuffer commands, VkPipelineStageFlags from, VkAccessFlags wrote,
             VkPipelineStageFlags to, VkAccessFlags uses) {
  VkMemoryBarrier memory{};
  memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
  memory.srcAccessMask = wrote;
  memory.dstAccessMask = uses;
  vkCmdPipelineBarrier(commands, from, to, 0, 1, &memory, 0, nullptr, 0, nullptr);
}

void copy_and_wait(const Buffer& from, VkDeviceSize from_offset, const Buffer& to, VkDeviceSize to_offset,
                   VkDeviceSize bytes, const std::string& what) {
  run_commands(*from.context, what, [&](VkCommandBuffer commands) {
    barrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_WRITE_BIT,
            VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
    VkBufferCopy region{from_offset, to_offset, bytes};
    vkCmdCopyBuffer(commands, from.handle, to.handle, 1, &region);
    barrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
            VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT);
    host_read_barrier(commands);
  });
}

}  // namespace

void host_read_barrier(VkCommandBuffer commands) {
  barrier(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
          VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
          VK_ACCESS_HOST_READ_BIT);
}

void upload(Buffer& buffer, std::span<const std::byte> data, VkDeviceSize offset) {
  if (data.empty()) return;
  check_range(buffer, offset, data.size(), "upload");
  buffer.context->submissions.wait(buffer.last_use);
  if (buffer.host != nullptr) return write_host(buffer, data, offset);
  auto staging = buffer.pool->acquire(std::min<VkDeviceSize>(staging_bytes, data.size()),
                                      "staging for an upload", MemoryUse::upload);
  for (VkDeviceSize done = 0; done < data.size(); done += staging_bytes) {
    VkDeviceSize piece = std::min(staging_bytes, data.size() - done);
    write_host(*staging, data.subspan(done, piece), 0);
    copy_and_wait(*staging, 0, buffer, offset + done, piece, "upload of " + buffer.label);
  }
}

void download(Buffer& buffer, std::span<std::byte> data, VkDeviceSize offset) {
  if (data.empty()) return;
  check_range(buffer, offset, data.size(), "download");
  buffer.context->submissions.wait(buffer.last_use);
  if (buffer.host != nullptr && (buffer.cached || data.size() <= few_bytes))
    return read_host(buffer, data, offset);
  auto staging = buffer.pool->acquire(std::min<VkDeviceSize>(staging_bytes, data.size()),
                                      "staging for a download", MemoryUse::readback);
  for (VkDeviceSize done = 0; done < data.size(); done += staging_bytes) {
    VkDeviceSize piece = std::min(staging_bytes, data.size() - done);
    copy_and_wait(buffer, offset + done, *staging, 0, piece, "download of " + buffer.label);
    read_host(*staging, data.subspan(done, piece), 0);
  }
}

}  // namespace hekla::vulkan
