#include "search/search_record.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "io/config_text.hpp"
#include "io/parse_json.hpp"
#include "io/read_file.hpp"
#include "io/run_files.hpp"
#include "io/text_table.hpp"
#include "polyak/core/error.hpp"
#include "search/search_directory.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_json = std::uint64_t{256} << 20;
constexpr std::array statuses = {TrialStatus::waiting, TrialStatus::running, TrialStatus::stopped,
                                 TrialStatus::finished, TrialStatus::failed};
constexpr std::array<std::string_view, 9> trial_columns = {
    "trial", "status",         "rung", "environment_steps", "updates", "seeds",
    "score", "standard_error", "worst"};
constexpr std::array<std::string_view, 7> rung_columns = {
    "rung", "environment_steps", "trial", "score", "standard_error", "worst", "kept"};
constexpr std::array<std::string_view, 12> confirmation_columns = {
    "rank",           "trial",
    "search_score",   "search_standard_error",
    "again_score",    "again_standard_error",
    "seeds",          "score",
    "standard_error", "worst",
    "regret",         "regret_standard_error"};
constexpr std::array<std::string_view, 5> generation_columns = {"generation", "environment_steps",
                                                                "member", "score", "copied_from"};

/// Takes the fields of a row one after the other.
class RowReader {
 public:
  RowReader(const TextTable& table, std::size_t row) : table_(table), row_(row) {}

  double number() { return table_.number(row_, next_++); }
  std::int64_t count() { return table_.count(row_, next_++); }
  std::int64_t count_or(std::int64_t if_empty) {
    if (!table_.rows[row_][next_].empty()) return count();
    ++next_;
    return if_empty;
  }
  SearchScore score() {
    const double mean = number(), error = number();
    return {mean, error, number()};
  }
  TrialStatus status() {
    const std::string& text = table_.rows[row_][next_];
    const auto found = std::find_if(statuses.begin(), statuses.end(),
                                    [&](TrialStatus status) { return to_string(status) == text; });
    if (found == statuses.end()) table_.refuse(row_, next_);
    ++next_;
    return *found;
  }
  /// 1, 0 or empty.
  std::optional<bool> truth() {
    const std::string& text = table_.rows[row_][next_];
    if (!text.empty() && text != "0" && text != "1") table_.refuse(row_, next_);
    ++next_;
    return text.empty() ? std::nullopt : std::optional(text == "1");
  }
  /// All that is behind it.
  std::vector<std::string> rest() const {
    const std::vector<std::string>& row = table_.rows[row_];
    return {row.begin() + static_cast<std::ptrdiff_t>(next_), row.end()};
  }

 private:
  const TextTable& table_;
  std::size_t row_, next_ = 0;
};

using TrialIndices = std::map<std::int64_t, std::size_t>;

/// The table of a search's directory, without columns if there is none.
TextTable read_if_there(const fs::path& file, std::span<const std::string_view> beginning) {
  std::error_code error;
  return fs::exists(file, error) ? read_text_table(file, beginning) : TextTable{};
}

/// What the columns behind its own are called, as options.
std::vector<std::string> fields_of(const TextTable& table, std::size_t own_columns) {
  std::vector<std::string> fields(table.columns.begin() + static_cast<std::ptrdiff_t>(own_columns),
                                  table.columns.end());
  for (std::string& field : fields) std::replace(field.begin(), field.end(), '_', '-');
  return fields;
}

TrialIndices read_trial_records(const fs::path& directory, SearchRecord& search) {
  const TextTable table = read_text_table(directory / trials_file_name, trial_columns);
  search.fields = fields_of(table, trial_columns.size());
  TrialIndices indices;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    RowReader row(table, i);
    TrialRecord trial{};
    trial.trial = row.count();
    if (!indices.emplace(trial.trial, i).second) {
      throw UsageError(table.file + ": line " + std::to_string(i + 2) + ": trial " +
                       std::to_string(trial.trial) + " is there twice");
    }
    trial.status = row.status();
    trial.rung = row.count_or(-1);
    trial.environment_steps = row.count_or(-1);
    trial.updates = row.count_or(-1);
    trial.seeds = row.count();
    trial.score = row.score();
    trial.settings = row.rest();
    search.trials.push_back(std::move(trial));
  }
  return indices;
}

void read_rungs(const TextTable& table, const TrialIndices& trials, SearchRecord& search) {
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    RowReader row(table, i);
    RungRecord record{};
    record.rung = row.count();
    record.environment_steps = row.count();
    const auto trial = trials.find(row.count());
    record.score = row.score();
    record.kept = row.truth();
    // While a search writes, a trial may be at a rung that the other file does not know of yet.
    if (trial == trials.end()) continue;
    record.trial = trial->second;
    search.rungs.push_back(record);
  }
}

void require_same_fields(const TextTable& table, std::size_t own_columns,
                         const SearchRecord& search) {
  if (table.columns.empty() || fields_of(table, own_columns) == search.fields) return;
  throw UsageError(table.file + ": its options are not those of " + std::string(trials_file_name));
}

void read_confirmations(const TextTable& table, const TrialIndices& trials, SearchRecord& search) {
  require_same_fields(table, confirmation_columns.size(), search);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    RowReader row(table, i);
    ConfirmationRecord record{};
    record.rank = row.count();
    const auto trial = trials.find(row.count());
    if (trial == trials.end()) table.refuse(i, 1);
    record.trial = trial->second;
    record.search_score = row.number();
    record.search_standard_error = row.number();
    record.again_score = row.number();
    record.again_standard_error = row.number();
    record.seeds = row.count();
    record.score = row.score();
    record.regret = row.number();
    record.regret_standard_error = row.number();
    record.settings = row.rest();
    search.confirmations.push_back(std::move(record));
  }
  std::sort(search.confirmations.begin(), search.confirmations.end(),
            [](const auto& a, const auto& b) {
              return std::pair(a.rank, a.trial) < std::pair(b.rank, b.trial);
            });
}

void read_generations(const TextTable& table, SearchRecord& search) {
  require_same_fields(table, generation_columns.size(), search);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    RowReader row(table, i);
    GenerationRecord record{};
    record.generation = row.count();
    record.environment_steps = row.count();
    record.member = row.count();
    record.score = row.number();
    record.copied_from = row.count_or(-1);
    record.settings = row.rest();
    search.generations.push_back(std::move(record));
  }
}

nlohmann::json read_object(const fs::path& file) {
  nlohmann::json value = parse_json(read_whole_file(file, largest_json), file.string() + ": it");
  if (!value.is_object()) throw UsageError(file.string() + ": is no JSON object");
  return value;
}

/// UsageError unless both files without which it is no search are there.
void require_search(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    throw UsageError(directory.string() + ": is no directory; name the directory of a search");
  }
  for (const std::string_view name : {search_file_name, trials_file_name}) {
    if (fs::exists(directory / name, error)) continue;
    throw UsageError(directory.string() + ": holds no whole search of polyak: there is no " +
                     std::string(name) + " in it");
  }
}

}  // namespace

std::string SearchRecord::configured(std::string_view field) const {
  return configured_text(configuration, field);
}

std::vector<std::size_t> ranked_trials(const SearchRecord& search) {
  std::vector<std::size_t> order(search.trials.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) {
    const TrialRecord& trial = search.trials[i];
    return std::isnan(trial.score.mean) ? std::pair<std::int64_t, double>(-1, 0.0)
                                        : std::pair(trial.rung, trial.score.mean);
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return key(a) != key(b) ? key(a) > key(b) : a < b;
  });
  return order;
}

bool SearchRecord::is_finished() const {
  if (!summary.is_object()) return false;
  const auto finished = summary.find("finished");
  return finished != summary.end() && *finished == true;
}

std::string SearchRecord::option(std::string_view name) const {
  const auto options = search.find("options");
  if (options == search.end() || !options->is_object()) return "";
  const auto found = options->find(name);
  return found != options->end() && found->is_string() ? found->get<std::string>() : "";
}

bool holds_part_of_search(const fs::path& directory) {
  std::error_code error;
  return holds_search(directory) || fs::exists(directory / trials_file_name, error);
}

SearchRecord read_search(const fs::path& directory) {
  require_search(directory);
  SearchRecord search;
  search.directory = directory;
  search.search = read_object(directory / search_file_name);
  const TrialIndices trials = read_trial_records(directory, search);
  read_rungs(read_if_there(directory / rungs_file_name, rung_columns), trials, search);
  read_confirmations(read_if_there(directory / confirmations_file_name, confirmation_columns),
                     trials, search);
  read_generations(read_if_there(directory / generations_file_name, generation_columns), search);
  std::error_code error;
  const fs::path summary = directory / summary_file_name, config = directory / config_file_name;
  if (fs::exists(summary, error)) search.summary = read_object(summary);
  if (fs::exists(config, error)) {
    search.configuration =
        parse_config_file(read_whole_file(config, largest_config_file), config.string());
  }
  const fs::path space = directory / space_file_name;
  if (fs::exists(space, error) && fs::exists(config, error)) {
    const Config base =
        config_from_toml(read_whole_file(config, largest_config_file), config.string());
    search.space = parse_space(read_whole_file(space, largest_config_file), space.string(), base);
  }
  search.has_best_config = fs::exists(directory / best_config_file_name, error);
  search.has_lineage = fs::exists(directory / lineage_file_name, error);
  return search;
}

}  // namespace polyak
