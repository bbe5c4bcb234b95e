#include "trainer/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <type_traits>
#include <utility>

#include "agent/state_arrays.hpp"
#include "config/derived.hpp"
#include "io/config_text.hpp"
#include "io/program_version.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "trainer/replay_transfer.hpp"

namespace polyak {
namespace {

constexpr std::string_view format_key = "format", format_name = "polyak checkpoint",
                           version_key = "format_version", program_key = "program_version",
                           note_prefix = "note.", rows_tensor = "replay_rows",
                           counts_tensor = "unreported.counts", means_tensor = "unreported.means",
                           files_tensor = "kept_files", sizes_tensor = "kept_files.sizes";
constexpr std::int64_t format_version = 1;

// Of a report that is not finished, [agents, ..].
constexpr std::array report_counts = {&AgentMetrics::episodes, &AgentMetrics::updates,
                                      &AgentMetrics::actor_updates, &AgentMetrics::policy_actions};
constexpr std::array report_means = {&AgentMetrics::mean_return,
                                     &AgentMetrics::mean_episode_length,
                                     &AgentMetrics::critic_loss,
                                     &AgentMetrics::actor_loss,
                                     &AgentMetrics::mean_q,
                                     &AgentMetrics::actor_gradient_norm,
                                     &AgentMetrics::critic_gradient_norm,
                                     &AgentMetrics::saturated_share};

template <class T, std::size_t Columns>
std::vector<T> columns_of(const std::vector<AgentMetrics>& agents,
                          const std::array<T AgentMetrics::*, Columns>& columns) {
  std::vector<T> values;
  for (const AgentMetrics& agent : agents) {
    for (const auto column : columns) values.push_back(agent.*column);
  }
  return values;
}

template <class T, std::size_t Columns>
void set_columns(std::span<const T> values, const std::array<T AgentMetrics::*, Columns>& columns,
                 std::vector<AgentMetrics>& agents) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    agents[i / Columns].*columns[i % Columns] = values[i];
  }
}

FileMetadata metadata_of(const Config& config, const TrainerRecord& record,
                         const CheckpointNotes& notes) {
  const TrainingProgress& now = record.progress;
  const TrainingProgress& last = record.reports.last();
  FileMetadata metadata = {{std::string(format_key), std::string(format_name)},
                           {std::string(version_key), std::to_string(format_version)},
                           {std::string(program_key), std::string(program_version())},
                           {"configuration", config_to_toml(config)},
                           {"environment_steps", std::to_string(now.environment_steps)},
                           {"updates", std::to_string(now.updates)},
                           {"seconds", format_number(now.seconds)},
                           {"reported_environment_steps", std::to_string(last.environment_steps)},
                           {"reported_updates", std::to_string(last.updates)},
                           {"reported_seconds", format_number(last.seconds)}};
  for (const auto& [name, text] : notes.texts)
    metadata.emplace(std::string(note_prefix) + name, text);
  return metadata;
}

std::vector<std::int64_t> sizes_of(std::span<const std::string> files) {
  std::vector<std::int64_t> sizes;
  for (const std::string& file : files) sizes.push_back(static_cast<std::int64_t>(file.size()));
  return sizes;
}

void add_specs_of_files(const std::vector<std::int64_t>& sizes, std::vector<TensorSpec>& tensors) {
  if (sizes.empty()) return;
  const std::int64_t total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  tensors.push_back({std::string(sizes_tensor),
                     std::string(tensor_type<std::int64_t>()),
                     {static_cast<std::int64_t>(sizes.size())}});
  tensors.push_back({std::string(files_tensor), std::string(tensor_type<char>()), {total}});
}

/// Of everything but the rows and the files, which come last.
template <class Visitor>
void visit_tensors(const TrainingState& state, const std::vector<std::int64_t>& counts,
                   const std::vector<double>& means, const Visitor& visit) {
  visit_state_arrays(state, [&](const std::string& name, const auto& values) {
    if (name != rows_tensor) visit(name, values);
  });
  visit(std::string(counts_tensor), std::span(counts));
  visit(std::string(means_tensor), std::span(means));
}

std::int64_t write_state(const TrainingState& state, const FileDescriptor& file,
                         const std::filesystem::path& shown_as, const Config& config,
                         Backend& backend, const TrainerRecord& record,
                         const CheckpointNotes& notes) {
  const ReplayRows rows = written_rows(config, state.rows_written);
  const std::vector<std::int64_t> counts = columns_of(record.reports.since_last(), report_counts);
  const std::vector<double> means = columns_of(record.reports.since_last(), report_means);
  std::vector<TensorSpec> tensors;
  visit_tensors(state, counts, means, [&](const std::string& name, const auto& values) {
    using T = std::remove_cv_t<typename std::remove_cvref_t<decltype(values)>::element_type>;
    const auto size = static_cast<std::int64_t>(values.size());
    // The counters are everybody's.
    const bool shared = size == 1 && config.agents > 1;
    const std::int64_t agents = shared ? 1 : config.agents;
    tensors.push_back({name, std::string(tensor_type<T>()), {agents, size / agents}});
  });
  tensors.push_back({std::string(rows_tensor),
                     std::string(tensor_type<float>()),
                     {rows.total(), rows.row_floats}});
  const std::vector<std::int64_t> sizes = sizes_of(notes.files);
  add_specs_of_files(sizes, tensors);
  TensorFileWriter writer(file, shown_as, metadata_of(config, record, notes), tensors);
  visit_tensors(state, counts, means, [&](const std::string&, const auto& values) {
    using T = std::remove_cv_t<typename std::remove_cvref_t<decltype(values)>::element_type>;
    writer.append(std::span<const T>(values));
  });
  write_rows(rows, backend, writer);
  writer.append(std::span(sizes));
  for (const std::string& content : notes.files) writer.append(std::span(content));
  return writer.finish();
}

}  // namespace

std::int64_t write_checkpoint(const FileDescriptor& file, const std::filesystem::path& shown_as,
                              const Config& config, Backend& backend, const TrainerRecord& record,
                              const CheckpointNotes& notes) {
  std::int64_t bytes = 0;
  backend.look_at_state([&](const TrainingState& state) {
    bytes = write_state(state, file, shown_as, config, backend, record, notes);
  });
  return bytes;
}

Checkpoint::Checkpoint(const std::filesystem::path& path) : file_(path) {
  const FileMetadata& metadata = file_.metadata();
  const auto format = metadata.find(std::string(format_key));
  if (format == metadata.end() || format->second != format_name) {
    file_.refuse("is no checkpoint of polyak's");
  }
  const std::int64_t version = number(std::string(version_key));
  if (version > format_version) {
    const auto writer = metadata.find(std::string(program_key));
    file_.refuse("is a checkpoint of format " + std::to_string(version) + ", written by polyak " +
                 (writer == metadata.end() ? "of an unknown version" : writer->second) +
                 "; this one, " + std::string(program_version()) + ", reads formats up to " +
                 std::to_string(format_version));
  }
  file_.verify();
  const auto configuration = metadata.find("configuration");
  if (configuration == metadata.end()) file_.refuse("has no configuration");
  config_ = config_from_toml(configuration->second, path.string() + ": its configuration");
  validate(config_);
}

std::int64_t Checkpoint::number(const std::string& key) const {
  const auto entry = file_.metadata().find(key);
  if (entry == file_.metadata().end()) file_.refuse("has no '" + key + "'");
  const std::optional<std::int64_t> value = parse_number<std::int64_t>(entry->second);
  if (!value || *value < 0) file_.refuse("its '" + key + "' is no number: " + entry->second);
  return *value;
}

std::int64_t Checkpoint::environment_steps() const { return number("environment_steps"); }

std::string_view Checkpoint::note(std::string_view name) const {
  const auto entry = file_.metadata().find(std::string(note_prefix) + std::string(name));
  return entry == file_.metadata().end() ? std::string_view() : entry->second;
}

std::vector<std::string> Checkpoint::kept_files() const {
  const TensorSpec* const spec = file_.find(sizes_tensor);
  if (spec == nullptr) return {};
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(spec->count()));
  file_.read(sizes_tensor, 0, std::span(sizes));
  std::vector<std::string> files;
  std::int64_t position = 0;
  for (const std::int64_t size : sizes) {
    if (size < 0 || size > file_.bytes()) file_.refuse("its kept files have no such sizes");
    std::string& content = files.emplace_back(static_cast<std::size_t>(size), '\0');
    file_.read(files_tensor, position, std::span(content));
    position += size;
  }
  return files;
}

TrainerRecord Checkpoint::record() const {
  const auto seconds = [this](const char* key) {
    const auto entry = file_.metadata().find(key);
    if (entry == file_.metadata().end()) return 0.0;
    return parse_number<double>(entry->second).value_or(0.0);
  };
  const auto agents = static_cast<std::size_t>(config_.agents);
  std::vector<AgentMetrics> metrics(agents);
  std::vector<std::int64_t> counts(agents * report_counts.size());
  std::vector<double> means(agents * report_means.size());
  file_.read(counts_tensor, 0, std::span(counts));
  file_.read(means_tensor, 0, std::span(means));
  set_columns(std::span<const std::int64_t>(counts), report_counts, metrics);
  set_columns(std::span<const double>(means), report_means, metrics);
  return {{environment_steps(), number("updates"), seconds("seconds")},
          Reporter({number("reported_environment_steps"), number("reported_updates"),
                    seconds("reported_seconds")},
                   std::move(metrics))};
}

void Checkpoint::read_state(TrainingState& state) const {
  visit_state_arrays(state, [this](const std::string& name, const auto& values) {
    if (name == rows_tensor) return;
    const TensorSpec* const found = file_.find(name);
    if (found != nullptr && found->count() != static_cast<std::int64_t>(values.size())) {
      file_.refuse("its tensor '" + name + "' has " + std::to_string(found->count()) +
                   " values; such a training has " + std::to_string(values.size()));
    }
    file_.read(name, 0, values);
  });
}

void Checkpoint::load(const Config& config, Backend& backend) const {
  backend.change_state([&](TrainingState& state) {
    read_state(state);
    read_replay(config, state, backend);
  });
}

void Checkpoint::read_replay(const Config& config, const TrainingState& state,
                             Backend& backend) const {
  const ReplayRows rows = written_rows(config, state.rows_written);
  const std::int64_t ring = derive(config_).rows_per_environment;
  const std::int64_t most = *std::max_element(state.rows_written.begin(), state.rows_written.end());
  if (ring != rows.rows_per_ring && most > ring) {
    throw UsageError(
        "--total-steps: so long a training would have kept " + std::to_string(rows.rows_per_ring) +
        " rows of replay for each environment, of which this one has overwritten some, "
        "with room for " +
        std::to_string(ring) + "; it can only be begun anew");
  }
  const TensorSpec* const saved = file_.find(rows_tensor);
  if (saved != nullptr && saved->count() != rows.total() * rows.row_floats) {
    file_.refuse("its rows of the replay are not as many as have been written");
  }
  read_rows(rows, file_, rows_tensor, backend);
}

}  // namespace polyak
