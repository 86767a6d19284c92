// NumPy's files: an array in a .npy, several with names in a .npz.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "train/files/named_tensor.h"
#include "train/files/source.h"

namespace hekla {

/// Computes a tensor and writes it as np.save does, whole or not at all (see AtomicFile). Throws hekla::Error
/// naming the file when it cannot be written or the tensor is bf16, which NumPy does not have.
void save_npy(const std::filesystem::path& path, const Tensor& tensor);

/// Reads an array of any byte order, row-major or Fortran order. f4, f2, i4, u4, u1 and b1 become f32, f16,
/// i32, u32, u8 and bool; f8 is rounded to f32, i8, i2 and i1 become i32, u8 (of 64 bits) and u2 become u32.
/// Throws hekla::Error naming the file and the reason when it is damaged, longer or shorter than its header
/// says, holds other things than numbers and truth values, an integer that does not fit, or more than 12
/// axes.
Tensor load_npy(const std::filesystem::path& path);

/// The same for several arrays in one file, as np.savez writes them; without compression, in the order given.
/// Names must differ.
void save_npz(const std::filesystem::path& path, std::span<const NamedTensor> tensors);

/// Reads all arrays of a .npz, packed or not, in the order of the file. Throws hekla::Error as load_npy does,
/// and when the archive is damaged (each array carries a checksum), encrypted, packed by another method than
/// deflate, or holds other files.
std::vector<NamedTensor> load_npz(const std::filesystem::path& path);

namespace files {

/// The array that is all of `source`.
Tensor read_npy(Source& source);

/// The arrays of the archive `source`.
std::vector<NamedTensor> read_npz(Source& source);

}  // namespace files

}  // namespace hekla
