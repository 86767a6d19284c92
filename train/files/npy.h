// NumPy's files: an array in a .npy, several with names in a .npz.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "train/files/named_tensor.h"
#include "train/files/source.h"

namespace hekla {

/// Computes a tensor and writes it as np.save does, atomically (see AtomicFile). Throws hekla::Error naming
/// the file when it cannot be written or the tensor is bf16, which NumPy does not have.
void save_npy(const std::filesystem::path& path, const Tensor& tensor);

/// Reads an array of any byte order, row-major or Fortran order. f4, f2, i4, u4, u1 and b1 become f32, f16,
/// i32, u32, u8 and bool; f8 is rounded to f32; i8, i2 and i1 become i32; u8 (of 64 bits) and u2 become u32.
/// Throws hekla::Error naming the file and the reason when it is damaged, or longer or shorter than its
/// header says. It also throws on elements other than numbers and booleans, on an integer that does not fit,
/// and on more than 12 axes.
Tensor load_npy(const std::filesystem::path& path);

/// Writes several arrays into one file as np.savez does: uncompressed, in the order given. Names must differ.
void save_npz(const std::filesystem::path& path, std::span<const NamedTensor> tensors);

/// Reads all arrays of a .npz, compressed or not, in the order of the file. Throws hekla::Error as load_npy
/// does. It also throws when the archive is damaged (each array carries a checksum), encrypted, compressed by
/// a method other than deflate, or holds other files.
std::vector<NamedTensor> load_npz(const std::filesystem::path& path);

namespace files {

/// Reads the array from `source`, which holds nothing else.
Tensor read_npy(Source& source);

/// Reads the arrays from the archive `source`.
std::vector<NamedTensor> read_npz(Source& source);

}  // namespace files

}  // namespace hekla
