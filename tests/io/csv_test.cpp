#include "io/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;
using test::write_text;

const std::vector<std::string> columns = {"theta", "action"};

std::string csv_refusal(const std::string& content) {
  const TemporaryDirectory directory;
  write_text(directory / "table.csv", content);
  try {
    read_csv(directory / "table.csv", columns);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Csv, LinesHaveExactNumbersAndEmptyFieldsForNaN) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(CsvLine().add(nan).add(3).add(0.1f).add(nan).str(), ",3,0.1,\n");
  const std::vector<float> values = {1.5f, -2.0f};
  EXPECT_EQ(CsvLine().add(std::span<const float>(values)).str(), "1.5,-2\n");
}

TEST(Csv, ReadsWhatWasWritten) {
  const TemporaryDirectory directory;
  const std::vector<float> values = {0.1f, 1e-30f, -3.4028235e38f, 16777216.0f};
  std::string text = "theta,action\n";
  text += CsvLine().add(values[0]).add(values[1]).str();
  text += CsvLine().add(values[2]).add(values[3]).str();
  write_text(directory / "table.csv", text);
  const CsvTable table = read_csv(directory / "table.csv", columns);
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.values, values);
}

TEST(Csv, ReadsWindowsLinesAndBlanks) {
  const TemporaryDirectory directory;
  write_text(directory / "table.csv", "theta, action\r\n1, 2\r\n3,4");
  EXPECT_EQ(read_csv(directory / "table.csv", columns).values, (std::vector<float>{1, 2, 3, 4}));
}

TEST(Csv, ReadsAByteOrderMark) {
  EXPECT_EQ(parse_csv("\xEF\xBB\xBFtheta,action\n1,2\n", "t", columns).values,
            (std::vector<float>{1, 2}));
}

TEST(Csv, LinesHaveAnEnd) {
  const std::string zeros(4093, '0');
  EXPECT_EQ(csv_refusal("theta,action\n" + zeros + "1,2\n"), "");
  EXPECT_THAT(csv_refusal("theta,action\n" + zeros + "01,2\n"),
              testing::HasSubstr("4097 characters"));
  EXPECT_THAT(csv_refusal("theta,action\n1,2\n" + std::string(100'000, ',')),
              testing::HasSubstr("line 3: has 100000 characters"));
  EXPECT_THAT(csv_refusal(std::string(100'000, ',')), testing::HasSubstr("header theta,action"));
}

TEST(Csv, ATableMayBeEmpty) {
  const TemporaryDirectory directory;
  write_text(directory / "table.csv", "theta,action\n");
  EXPECT_EQ(read_csv(directory / "table.csv", columns).rows(), 0u);
}

TEST(Csv, RefusalsSayWhere) {
  EXPECT_THAT(csv_refusal("theta,torque\n1,2\n"), testing::HasSubstr("header theta,action"));
  EXPECT_THAT(csv_refusal(""), testing::HasSubstr("header theta,action"));
  EXPECT_THAT(csv_refusal("theta,action\n1,2\n3\n"), testing::HasSubstr("line 3: 1 values"));
  EXPECT_THAT(csv_refusal("theta,action\n1,2,3\n"), testing::HasSubstr("line 2: 3 values"));
  EXPECT_THAT(csv_refusal("theta,action\n1,x\n"), testing::HasSubstr("line 2: 'x'"));
  EXPECT_THAT(csv_refusal("theta,action\n1,nan\n"), testing::HasSubstr("line 2: 'nan'"));
  EXPECT_THAT(csv_refusal("theta,action\n1,1e60\n"), testing::HasSubstr("line 2: '1e60'"));
  EXPECT_THAT(csv_refusal("theta,action\n\n1,2\n"), testing::HasSubstr("line 2"));
}

TEST(Csv, NamesColumns) {
  EXPECT_EQ(column_names("action", 1), (std::vector<std::string>{"action"}));
  EXPECT_EQ(column_names("action", 2), (std::vector<std::string>{"action_0", "action_1"}));
  EXPECT_EQ(column_names("observation", 1, true), (std::vector<std::string>{"observation_0"}));
}

}  // namespace
}  // namespace polyak
