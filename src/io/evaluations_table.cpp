#include "io/evaluations_table.hpp"

#include <fstream>
#include <limits>

#include "io/csv.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::size_t own_columns = 10;

/// Takes the fields of a line one after the other.
class FieldReader {
 public:
  explicit FieldReader(const std::vector<std::string>& fields) : fields_(fields) {}

  template <class Number>
  void take(Number& target, bool may_be_empty = false) {
    const std::string& field = fields_[next_++];
    if constexpr (std::is_floating_point_v<Number>) {
      target = std::numeric_limits<Number>::quiet_NaN();
    }
    if (field.empty() && may_be_empty) return;
    const std::optional<Number> number = parse_number<Number>(field);
    good_ = good_ && number;
    target = number.value_or(target);
  }
  bool good() const { return good_; }

 private:
  const std::vector<std::string>& fields_;
  std::size_t next_ = 0;
  bool good_ = true;
};

}  // namespace

std::string EvaluationsTable::header() const {
  return "agent,environment_steps,updates,seconds,episodes,mean_return,standard_error,"
         "median_return,worst_return,mean_regret" +
         varied_columns(varied_) + "\n";
}

std::string EvaluationsTable::lines(std::span<const EvaluationRow> rows) const {
  std::string text;
  for (const EvaluationRow& row : rows) {
    CsvLine line;
    line.add(row.agent)
        .add(row.environment_steps)
        .add(row.updates)
        .add(row.seconds)
        .add(row.episodes)
        .add(row.mean_return)
        .add(row.standard_error)
        .add(row.median_return)
        .add(row.worst_return)
        .add(row.mean_regret);
    text += line.str();
    text.pop_back();  // the line goes on
    text += varied_cells(varied_, static_cast<std::size_t>(row.agent)) + "\n";
  }
  return text;
}

std::optional<EvaluationRow> EvaluationsTable::parse(const std::string& line) const {
  const std::vector<std::string> fields = split_text(line, ',');
  if (fields.size() != own_columns + varied_.size()) return {};
  EvaluationRow row{};
  FieldReader reader(fields);
  reader.take(row.agent);
  reader.take(row.environment_steps);
  reader.take(row.updates);
  reader.take(row.seconds);
  reader.take(row.episodes);
  reader.take(row.mean_return);
  reader.take(row.standard_error, true);
  reader.take(row.median_return);
  reader.take(row.worst_return);
  reader.take(row.mean_regret, true);
  if (!reader.good()) return {};
  return row;
}

EvaluationsUntil EvaluationsTable::read(const std::filesystem::path& path,
                                        std::int64_t environment_steps) const {
  if (!begins_with(path, header())) {
    throw UsageError(path.string() + ": is not that of the checkpoint");
  }
  std::ifstream file(path, std::ios::binary);
  std::string line;
  std::getline(file, line);
  EvaluationsUntil until{{}, static_cast<std::int64_t>(line.size() + 1)};
  std::vector<EvaluationRow> evaluation;
  std::int64_t bytes = until.bytes;
  for (int number = 2; std::getline(file, line) && !file.eof(); ++number) {
    const std::optional<EvaluationRow> row = parse(line);
    if (!row || row->agent != static_cast<int>(evaluation.size())) {
      throw UsageError(path.string() + ": line " + std::to_string(number) +
                       " is no row of this training's");
    }
    if (row->environment_steps > environment_steps) break;
    bytes += static_cast<std::int64_t>(line.size() + 1);
    evaluation.push_back(*row);
    if (row->agent < agents_ - 1) continue;
    until.rows.insert(until.rows.end(), evaluation.begin(), evaluation.end());
    until.bytes = bytes;
    evaluation.clear();
  }
  return until;
}

}  // namespace polyak
