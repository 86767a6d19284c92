// Runs a baked model, and nothing of hekla, on the numbers of one .npy file; compares with those of another.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "net.h"

// The f32 elements of a file of version 1.0, whose header ends at byte 10 + its size.
static std::vector<float> elements(const char* path) {
  std::vector<unsigned char> bytes;
  if (std::FILE* file = std::fopen(path, "rb")) {
    for (int c; (c = std::fgetc(file)) != EOF;) bytes.push_back(static_cast<unsigned char>(c));
    std::fclose(file);
  }
  if (bytes.size() < 10) return {};
  const std::size_t start = 10 + bytes[8] + 256u * bytes[9];
  std::vector<float> numbers((bytes.size() - start) / sizeof(float));
  std::memcpy(numbers.data(), bytes.data() + start, numbers.size() * sizeof(float));
  return numbers;
}

int main(int, char** arguments) {
  const std::vector<float> images = elements(arguments[1]), expected = elements(arguments[2]);
  const std::size_t count = images.size() / (8 * 8 * 3);
  std::vector<float> probabilities(3 * count);
  const auto network = std::make_unique<net::Network>();
  network->predict(images.data(), probabilities.data(), count);
  if (count != 4 || expected.size() != probabilities.size()) return 2;
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!(std::fabs(probabilities[i] - expected[i]) <= 1e-5f)) return 1;
  return 0;
}
