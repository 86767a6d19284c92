// The pipeline cache: the driver's cache of compiled pipelines, kept on disk between runs.
#pragma once

namespace hekla::vulkan {

struct Context;

/// Creates the context's pipeline cache from the file that an earlier run wrote to the context's cache
/// folder.
void open_pipeline_cache(Context& context);

/// Writes the pipeline cache if it has changed since it was read; never throws.
void save_pipeline_cache(Context& context) noexcept;

/// Saves and destroys the pipeline cache.
void close_pipeline_cache(Context& context) noexcept;

}  // namespace hekla::vulkan
