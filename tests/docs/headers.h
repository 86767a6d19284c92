// The public functions and types that headers declare, with their docstrings: what docs/operations.md and
// docs/training.md are made of.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hekla::testing {

/// A type, or functions that share a docstring: overloads, and what follows without a blank line or a
/// docstring of its own.
struct Declaration {
  std::vector<std::string> names;
  std::string result;  // of a function: its type; empty for a struct, class or enum
  std::vector<std::string> signatures;
  std::string text;     // the docstring
  std::string section;  // the plain comment above the group it stands in
};

struct Header {
  std::string path;   // from the repository's root
  std::string intro;  // the comment it opens with
  std::vector<Declaration> declarations;
};

/// What one header declares in namespace hekla: functions, structs, classes and enums, but not operators,
/// members, aliases and variables.
Header read_header(const std::filesystem::path& root, const std::string& path);

/// All headers of a folder, those of its folders after its own, without those that only include others.
std::vector<Header> headers_of(const std::filesystem::path& root, const std::string& folder);

/// The page: a table per header.
std::string page_of(const std::string& title, const std::string& intro, const std::vector<Header>& headers);

}  // namespace hekla::testing
