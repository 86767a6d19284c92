// The public functions and types that headers declare, with their docstrings: the source of
// docs/operations.md and docs/training.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hekla::testing {

/// A type, or functions or aliases that share a docstring: overloads, and what follows without a blank line
/// or a docstring of its own.
struct Declaration {
  std::vector<std::string> names;
  std::string result;  // of a function: its type; empty for a type
  std::vector<std::string> signatures;
  std::string text;     // the docstring
  std::string section;  // the plain comment above its group
};

struct Header {
  std::string path;   // relative to the repository's root
  std::string intro;  // the opening comment
  std::vector<Declaration> declarations;
};

/// What one header declares in namespace hekla: functions, structs, classes, enums and names of a template's
/// cases, but not operators, members, other aliases and variables.
Header read_header(const std::filesystem::path& root, const std::string& path);

/// All headers of a folder, followed by those of its subfolders, without headers that only include others.
std::vector<Header> headers_of(const std::filesystem::path& root, const std::string& folder);

/// The page: a table per header.
std::string page_of(const std::string& title, const std::string& intro, const std::vector<Header>& headers);

}  // namespace hekla::testing
