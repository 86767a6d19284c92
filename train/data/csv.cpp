// See csv.h.
#include "train/data/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include "graph/error.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/join.h"
#include "train/files/csv.h"
#include "train/files/source.h"

namespace hekla {

namespace {

using files::CsvField;
using files::CsvReader;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Whether a text is a number, which is written to `number`; beyond the range of a double it is the largest one, or 0.
bool reads_number(std::string_view text, double& number) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) {
    const bool is_tiny =
        text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    number = is_tiny ? 0 : std::numeric_limits<double>::max();
  }
  return error != std::errc::invalid_argument && end == text.data() + text.size();
}

// A column while it is read: of numbers or of texts, which its first field that is not missing decides.
class Column {
 public:
  Column(std::string name, const CsvOptions& options) : name_(std::move(name)), missing_(&options.missing) {
    const auto known = options.vocabularies.find(name_);
    if (known == options.vocabularies.end()) return;
    is_text_ = is_decided_ = true;
    vocabulary_ = known->second;
    known_.insert(vocabulary_.begin(), vocabulary_.end());
  }

  void add(const CsvField& field, const CsvReader& reader) {
    const bool is_missing = std::ranges::find(*missing_, field.text) != missing_->end();
    double number = std::numeric_limits<double>::quiet_NaN();
    const bool is_number = !is_text_ && !is_missing && reads_number(field.text, number);
    if (!is_decided_ && !is_missing) {
      is_text_ = !is_number;
      is_decided_ = true;
    }
    if (is_text_ || !is_decided_) texts_.push_back(field.text);
    if (is_text_) return check_known(field, reader);
    if (!is_missing && !is_number)
      reader.fail(
          field,
          fmt::format("'{}' is no number, as those above it in column '{}' are; missing = {{..}} names "
                      "texts for numbers that are missing.",
                      field.text, name_));
    if (std::isfinite(number) && std::abs(number) > std::numeric_limits<float>::max())
      reader.fail(field, fmt::format("{} in column '{}' is beyond the range of f32.", field.text, name_));
    numbers_.push_back(number);
  }

  CsvColumn done() && {
    if (is_text_) return {.name = name_, .values = positions(), .vocabulary = vocabulary_};
    const auto is_i32 = [](double x) {
      return x == std::trunc(x) && std::abs(x) <= std::numeric_limits<std::int32_t>::max();
    };
    if (!std::ranges::all_of(numbers_, is_i32))
      return {.name = name_, .values = tensor(numbers_).label(name_)};
    return {.name = name_,
            .values = tensor(std::vector<std::int32_t>(numbers_.begin(), numbers_.end())).label(name_)};
  }

 private:
  void check_known(const CsvField& field, const CsvReader& reader) const {
    if (!known_.empty() && !known_.contains(field.text))
      reader.fail(field, fmt::format("'{}' is not in the vocabulary of column '{}': {}.", field.text, name_,
                                     fmt::join(vocabulary_, ", ")));
  }

  Tensor positions() {
    if (vocabulary_.empty()) {
      const std::set<std::string> distinct(texts_.begin(), texts_.end());
      vocabulary_.assign(distinct.begin(), distinct.end());
    }
    std::map<std::string_view, std::int32_t> position;
    for (const std::string& text : vocabulary_)
      position.emplace(text, static_cast<std::int32_t>(position.size()));
    std::vector<std::int32_t> all;
    for (const std::string& text : texts_) all.push_back(position.at(text));
    return tensor(all).label(name_);
  }

  std::string name_;
  const std::vector<std::string>* missing_;
  bool is_decided_ = false, is_text_ = false;
  std::vector<double> numbers_;
  std::vector<std::string> texts_;
  std::vector<std::string> vocabulary_;
  std::set<std::string> known_;  // the vocabulary, where one is given
};

// The number of the column called `name` in the header.
std::size_t place_of(const std::string& name, const std::vector<std::string>& header,
                     const std::string& file) {
  const auto found = std::ranges::find(header, name);
  if (found == header.end())
    throw Error(
        fmt::format("{}: there is no column '{}'; the columns are {}.", file, name, fmt::join(header, ", ")));
  return static_cast<std::size_t>(found - header.begin());
}

std::vector<std::string> header_of(CsvReader& reader, const std::string& file) {
  std::vector<CsvField> fields;
  if (!reader.next(fields))
    throw Error(fmt::format("{}: is empty; its first line is to name the columns.", file));
  std::vector<std::string> names;
  for (const CsvField& field : fields) {
    if (std::ranges::find(names, field.text) != names.end())
      reader.fail(field, fmt::format("a second column is named '{}'; names tell columns apart.", field.text));
    names.push_back(field.text);
  }
  return names;
}

}  // namespace

std::vector<CsvColumn> read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  files::Source source("csv", path);
  const std::vector<std::byte> bytes = source.read(0, source.size());
  const std::string file = fmt::format("[csv] {}", path.string());
  CsvReader reader(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, options.delimiter);
  const std::vector<std::string> header = header_of(reader, file);

  const std::vector<std::string>& wanted = options.columns.empty() ? header : options.columns;
  std::vector<std::size_t> places;
  std::vector<Column> columns;
  for (const std::string& name : wanted) {
    places.push_back(place_of(name, header, file));
    columns.emplace_back(name, options);
  }
  for (const auto& [name, vocabulary] : options.vocabularies) place_of(name, header, file);

  std::int64_t rows = 0;
  std::vector<CsvField> fields;
  for (; reader.next(fields); ++rows) {
    if (fields.size() != header.size())
      reader.fail(fields.back(), fmt::format("the row ends with field {}, but there are {} columns.",
                                             fields.size(), header.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].add(fields[places[i]], reader);
  }
  if (rows == 0) throw Error(fmt::format("{}: no row follows the names of the columns.", file));
  std::vector<CsvColumn> table;
  for (Column& column : columns) table.push_back(std::move(column).done());
  return table;
}

CsvDataset csv_dataset(const std::filesystem::path& path, const CsvDatasetOptions& options) {
  std::vector<std::string> wanted = options.columns;
  if (!wanted.empty() && !options.target.empty()) wanted.push_back(options.target);
  std::vector<CsvColumn> table = read_csv(path, {.delimiter = options.delimiter,
                                                 .columns = wanted,
                                                 .vocabularies = options.vocabularies,
                                                 .missing = options.missing});
  std::vector<std::string> number_names, category_names;
  Vocabularies vocabularies;
  std::vector<Tensor> numbers, inputs, targets;
  for (const CsvColumn& column : table) {
    if (!column.vocabulary.empty()) vocabularies[column.name] = column.vocabulary;
    if (column.name == options.target) {
      targets = {column.values};
    } else if (column.vocabulary.empty()) {
      number_names.push_back(column.name);
      numbers.push_back(cast(column.values, f32));
    } else {
      category_names.push_back(column.name);
      inputs.push_back(column.values);
    }
  }
  if (!options.target.empty()) {
    std::vector<std::string> names;
    for (const CsvColumn& column : table) names.push_back(column.name);
    place_of(options.target, names, fmt::format("[csv] {}", path.string()));
  }
  if (!numbers.empty()) inputs.insert(inputs.begin(), stack(numbers, 1).detach().label("numbers"));
  if (inputs.empty()) throw Error(fmt::format("[csv] {}: no column is left for the inputs.", path.string()));
  return {.dataset = Dataset(std::move(inputs), std::move(targets)),
          .numbers = std::move(number_names),
          .categories = std::move(category_names),
          .vocabularies = std::move(vocabularies)};
}

}  // namespace hekla
