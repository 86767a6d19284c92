// Reads the files that PyTorch's torch.save writes. Weights for a model: see weights.h.
//
//   auto file = hk::torch::load("model.pt");       // torch.save(model.state_dict(), "model.pt")
//   hk::torch::load_into(model, file.tensors);
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/files/named_tensor.h"

namespace hekla::torch {

/// The contents of a file of torch.save. What lies inside of dicts, lists and tuples is named by the keys and
/// positions that lead to it, joined by dots: {"model": {"fc.weight": ..}, "epoch": 3} holds a tensor
/// "model.fc.weight" and a value "epoch".
struct File {
  std::string name;                           ///< its path
  std::vector<NamedTensor> tensors;           ///< in the order of the file; a tensor by itself is "tensor"
  std::map<std::string, std::string> values;  ///< numbers, texts, None, True and False, as text

  /// The tensor of that name, or null.
  const Tensor* find(std::string_view tensor) const;
  /// The tensor of that name; throws hekla::Error naming those that are there.
  const Tensor& at(std::string_view tensor) const;
  /// The tensors of an inner dict by their names in it: under("model") of the above holds "fc.weight". Throws
  /// hekla::Error when there are none.
  std::vector<NamedTensor> under(std::string_view key) const;
};

/// Reads a file that torch.save of PyTorch 1.6 or later wrote: dicts, OrderedDicts, lists and tuples of dense
/// tensors and parameters, numbers and texts, with any strides and shared storages. No code is run. float32,
/// float16, bfloat16, int32, uint32, uint8 and bool keep their dtype; float64 is rounded to f32; int64, int16
/// and int8 become i32; uint64 and uint16 become u32.
///
/// Throws hekla::Error naming the file and the reason when it is damaged, of the older format, TorchScript, from
/// a big-endian machine or compressed, when it refers to a class or function other than those of tensors, which
/// it names, and where a tensor has more than 12 axes, an integer that does not fit, or elements outside of its
/// storage. A damaged or malicious file takes no more memory than a few times its size and some 300 MB.
File load(const std::filesystem::path& path);

/// Reads the bytes of such a file in memory; errors call it `name`.
File read(std::span<const std::byte> bytes, std::string name = "memory");

}  // namespace hekla::torch
