// Tables in CSV files: columns of numbers and of categories.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "train/data/dataset.h"

namespace hekla {

/// The texts that a column's categories stand for, by the column's name.
using Vocabularies = std::map<std::string, std::vector<std::string>>;

/// What read_csv takes.
struct CsvOptions {
  char delimiter = ',';
  std::vector<std::string> columns = {};  ///< which, and in which order; none: all, as in the file
  /// Columns of categories with a known vocabulary, such as that of the training file: a text outside of it is an error.
  /// An empty one is found, for columns of categories that look like numbers.
  Vocabularies vocabularies = {};
  /// Fields that stand for a missing number: NaN.
  std::vector<std::string> missing = {""};
};

/// A column of a table.
struct CsvColumn {
  std::string name;
  Tensor values;  ///< [rows]: i32 or f32; of categories, i32 positions in the vocabulary
  std::vector<std::string> vocabulary =
      {};  ///< of categories: the texts that occur, sorted; of numbers, empty
};

/// Reads a CSV file whose first line names the columns, as RFC 4180 has it: fields in quotes may hold delimiters, line
/// breaks and doubled quotes, lines end with or without a carriage return. A column holds numbers if its first field that
/// is not missing is one: i32 where all are whole numbers in its range and none is missing, f32 otherwise. Other columns
/// hold categories. Throws hekla::Error naming the file, and the line and column where that helps: on a file that is
/// missing or has no rows, a row with another number of fields, a field that is no number in a column of numbers, broken
/// quotes, and on columns that are unknown or named twice.
std::vector<CsvColumn> read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

/// What csv_dataset takes.
struct CsvDatasetOptions {
  std::string target = {};                ///< the column to predict; none: there are no targets
  char delimiter = ',';                   ///< this and the following as in CsvOptions
  std::vector<std::string> columns = {};  ///< the inputs; none: all columns but the target
  Vocabularies vocabularies = {};
  std::vector<std::string> missing = {""};
};

/// A data set read from a table.
struct CsvDataset {
  Dataset dataset;
  std::vector<std::string> numbers;     ///< the columns of the first input
  std::vector<std::string> categories;  ///< a column for each of the following inputs
  Vocabularies vocabularies;            ///< of the categories, and of the target where it is one
};

/// Reads a CSV file as read_csv does. Its inputs are the columns of numbers together, f32 [n, columns], and then each
/// column of categories, i32 [n]. The target is [n], f32 or i32. Throws hekla::Error as read_csv, and where no column is
/// left for the inputs.
///
///     auto train = hk::csv_dataset("train.csv", {.target = "survived"});
///     auto test = hk::csv_dataset("test.csv", {.target = "survived", .vocabularies = train.vocabularies});
CsvDataset csv_dataset(const std::filesystem::path& path, const CsvDatasetOptions& options = {});

}  // namespace hekla
