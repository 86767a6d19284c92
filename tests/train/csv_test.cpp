// CSV files: RFC 4180, and the columns made of them.
#include "train/data/csv.h"

#include <doctest/doctest.h>

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"
#include "train/files/csv.h"

namespace hekla::testing {

namespace {

using Record = std::vector<std::string>;
using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

std::vector<Record> records(std::string_view text, char delimiter = ',') {
  files::CsvReader reader("[csv] file", text, delimiter);
  std::vector<Record> all;
  std::vector<files::CsvField> fields;
  while (reader.next(fields)) {
    Record& record = all.emplace_back();
    for (const files::CsvField& field : fields) record.push_back(field.text);
  }
  return all;
}

// A file with a text.
class File {
 public:
  explicit File(const std::string& text)
      : path_(folder_.write("table.csv", {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})) {
  }
  const std::filesystem::path& path() const { return path_; }
  std::string error(const CsvOptions& options = {}) const {
    return error_of([&] { read_csv(path_, options); });
  }
  std::string start() const { return "[csv] " + path_.string(); }

 private:
  test::TemporaryFolder folder_;
  std::filesystem::path path_;
};

}  // namespace

TEST_SUITE("data") {
  TEST_CASE("csv: records as RFC 4180 has them") {
    using All = std::vector<Record>;
    // The examples of section 2.
    CHECK(records("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n") == All{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(records("aaa,bbb,ccc\r\nzzz,yyy,xxx") == All{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(records("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx") ==
          All{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(records("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx") ==
          All{{"aaa", "b\r\nbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(records("\"aaa\",\"b\"\"bb\",\"ccc\"") == All{{"aaa", "b\"bb", "ccc"}});
    // Lines that end with a line feed alone, empty fields, spaces, and commas in quotes.
    CHECK(records("a,b\n1,2\n") == All{{"a", "b"}, {"1", "2"}});
    CHECK(records(",\n a , b\n\"1,2\",\"\"") == All{{"", ""}, {" a ", " b"}, {"1,2", ""}});
    CHECK(records("a,") == All{{"a", ""}});
    CHECK(records("\"\"") == All{{""}});
    CHECK(records("").empty());
    CHECK(records("\r\n\na\n\n\nb\n\n") == All{{"a"}, {"b"}});
    CHECK(records("\xEF\xBB\xBF"
                  "a;\"b;c\"",
                  ';') == All{{"a", "b;c"}});
    CHECK(records("a\rb,c") == All{{"a\rb", "c"}});
    CHECK(records("\"\"\"\"") == All{{"\""}});
  }

  TEST_CASE("csv: broken quotes are told with their line and column") {
    CHECK(error_of([] { records("a,b\n1,2\"3"); }) ==
          "[csv] file, line 2, column 3: a quote inside a field; a field with quotes is put in quotes, and "
          "they are "
          "doubled.");
    CHECK(error_of([] { records("a,b\n\"x\ny\",\"1\"2"); }) ==
          "[csv] file, line 3, column 4: text follows the quote that closes this field; a quote inside of it "
          "is "
          "doubled.");
    CHECK(error_of([] { records("a\n\n\"x\n\n"); }) ==
          "[csv] file, line 3, column 1: the quote that begins here is not closed.");
  }

  TEST_CASE("csv: columns of whole numbers, of numbers, and of categories") {
    reference();
    const File file("count,size,name,all\r\n1,1.5,\"Smith, John\",\r\n-2,,Ada,\r\n+3,2e1,Ada,\r\n");
    const std::vector<CsvColumn> table = read_csv(file.path());
    REQUIRE(table.size() == 4);
    CHECK(table[0].name == "count");
    CHECK(table[0].values.dtype() == i32);
    CHECK(table[0].values.to_vector<double>() == Numbers{1, -2, 3});
    CHECK(table[1].values.dtype() == f32);
    const Numbers sizes = table[1].values.to_vector<double>();
    CHECK((sizes[0] == 1.5 && std::isnan(sizes[1]) && sizes[2] == 20));
    CHECK(table[2].values.dtype() == i32);
    CHECK(table[2].vocabulary == Texts{"Ada", "Smith, John"});
    CHECK(table[2].values.to_vector<double>() == Numbers{1, 0, 0});
    CHECK(table[3].values.dtype() == f32);
    CHECK(std::isnan(table[3].values.to_vector<double>()[2]));

    const std::vector<CsvColumn> chosen =
        read_csv(file.path(), {.columns = {"size", "count"}, .missing = {"", "-2"}});
    CHECK(chosen[0].name == "size");
    CHECK(std::isnan(chosen[1].values.to_vector<double>()[1]));

    const std::vector<CsvColumn> known =
        read_csv(file.path(), {.vocabularies = {{"name", {"Smith, John", "Bob", "Ada"}}, {"count", {}}}});
    CHECK(known[2].values.to_vector<double>() == Numbers{0, 2, 2});
    CHECK(known[0].vocabulary == Texts{"+3", "-2", "1"});
    CHECK(read_csv(File("x\n3000000000\n").path())[0].values.dtype() == f32);
    CHECK(read_csv(File("x\n1e-400\ninf\nnan\n").path())[0].values.to_vector<double>()[1] == INFINITY);
  }

  TEST_CASE("csv: a data set") {
    reference();
    const File file("age,sex,class,survived\n22,male,third,0\n38,female,first,1\n26.5,female,third,1\n");
    const CsvDataset read = csv_dataset(file.path(), {.target = "survived"});
    CHECK(read.numbers == Texts{"age"});
    CHECK(read.categories == Texts{"sex", "class"});
    CHECK(read.vocabularies == Vocabularies{{"sex", {"female", "male"}}, {"class", {"first", "third"}}});
    REQUIRE(read.dataset.inputs().size() == 3);
    CHECK(read.dataset.inputs()[0].shape() == Shape{3, 1});
    CHECK(read.dataset.inputs()[0].to_vector<double>() == Numbers{22, 38, 26.5});
    CHECK(read.dataset.inputs()[1].to_vector<double>() == Numbers{1, 0, 0});
    CHECK(read.dataset.targets()[0].dtype() == i32);
    CHECK(read.dataset.targets()[0].to_vector<double>() == Numbers{0, 1, 1});

    const CsvDataset chosen = csv_dataset(file.path(), {.target = "sex", .columns = {"survived", "age"}});
    CHECK(chosen.dataset.inputs()[0].to_vector<double>() == Numbers{0, 22, 1, 38, 1, 26.5});
    CHECK(chosen.vocabularies == Vocabularies{{"sex", {"female", "male"}}});
    CHECK(csv_dataset(file.path(), {.columns = {"age"}}).dataset.targets().empty());
    CHECK(error_of([&] { csv_dataset(file.path(), {.target = "fare"}); }) ==
          file.start() + ": there is no column 'fare'; the columns are age, sex, class, survived.");
    CHECK(error_of([&] {
            csv_dataset(File("x\n1\n").path(), {.target = "x"});
          }).ends_with("table.csv: no column is left for the inputs."));
  }

  TEST_CASE("csv: errors of tables") {
    reference();
    CHECK(error_of([] { read_csv("/nowhere/table.csv"); }) == "[csv] /nowhere/table.csv: no such file.");
    const File empty(""), names("a,b\n"), twice("a,a\n1,2\n"), short_row("a,b\n1,2\n3\n"),
        words("a,b\n1,2\n3,x y\n"), large("a\n1e39\n");
    CHECK(empty.error() == empty.start() + ": is empty; its first line is to name the columns.");
    CHECK(names.error() == names.start() + ": no row follows the names of the columns.");
    CHECK(twice.error() ==
          twice.start() + ", line 1, column 3: a second column is named 'a'; names tell columns apart.");
    CHECK(short_row.error() ==
          short_row.start() + ", line 3, column 1: the row ends with field 1, but there are 2 columns.");
    CHECK(words.error() ==
          words.start() +
              ", line 3, column 3: 'x y' is no number, as those above it in column 'b' are; missing = "
              "{..} names texts for numbers that are missing.");
    CHECK(large.error() ==
          large.start() + ", line 2, column 1: 1e39 in column 'a' is beyond the range of f32.");
    CHECK(names.error({.columns = {"c"}}) ==
          names.start() + ": there is no column 'c'; the columns are a, b.");
    CHECK(words.error({.vocabularies = {{"c", {}}}}) ==
          words.start() + ": there is no column 'c'; the columns are a, b.");
    CHECK(words.error({.vocabularies = {{"b", {"2", "3"}}}}) ==
          words.start() + ", line 3, column 3: 'x y' is not in the vocabulary of column 'b': 2, 3.");
  }
}

}  // namespace hekla::testing
