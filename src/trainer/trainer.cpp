#include "polyak/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent/policy_parameters.hpp"
#include "backend/backend.hpp"
#include "backend/checks/finite_results.hpp"
#include "config/derived.hpp"
#include "io/program_version.hpp"
#include "io/varied_fields.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/checkpoint_pacer.hpp"
#include "trainer/divergence.hpp"
#include "trainer/iteration_count.hpp"
#include "trainer/population_change.hpp"
#include "trainer/reporter.hpp"
#include "trainer/resumable_config.hpp"
#include "trainer/slice_pacer.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Checked before anything is allocated; the device is the one that it will be.
Config checked(Config config) {
  validate(config);
  config.device = resolve_device(config.device);
  return config;
}

}  // namespace

struct Trainer::Implementation {
  explicit Implementation(Config requested)
      : config(checked(std::move(requested))),
        count{derive(config)},
        varied(varied_fields(config)),
        backend(make_backend(config)),
        reports(config.agents),
        healthy_actors(backend->actor_parameters()),
        healthy_statistics(backend->actor_statistics()),
        healthy_normalisers(backend->observation_normalisers()) {}

  TrainingProgress progress() const {
    return {count.environment_steps(), count.updates(), seconds};
  }

  /// Runs one slice, looks at its health, and keeps the actors now and then if they are well.
  std::vector<AgentMetrics> run_slice(std::int64_t slice) {
    const Clock::time_point begin = Clock::now();
    backend->advance(slice);
    std::vector<AgentMetrics> metrics = backend->metrics();
    count.made += slice;
    const double slice_seconds = seconds_since(begin);
    pacer.took(slice, slice_seconds);
    if (count.made == count.derived.first_update_iteration) pacer = {};
    note_divergences(metrics);
    seconds_since_snapshot += slice_seconds;
    const bool last = count.is_complete();
    if (last || seconds_since_snapshot > 20.0 * snapshot_seconds) keep_healthy_actors();
    seconds += seconds_since(begin);
    return metrics;
  }

  /// Whose values have once not been finite stays among them.
  void note_divergences(std::span<const AgentMetrics> metrics) {
    for (const Divergence& found : find_divergences(metrics)) {
      const bool is_known =
          std::any_of(divergences.begin(), divergences.end(),
                      [&found](const Divergence& known) { return known.agent == found.agent; });
      if (!is_known) divergences.push_back(found);
    }
  }

  /// The metrics of the newest iteration have been looked at: they tell of bad parameters too.
  void keep_healthy_actors() {
    if (!divergences.empty() || count.made == healthy_iterations) return;
    const Clock::time_point begin = Clock::now();
    healthy_actors = backend->actor_parameters();
    healthy_statistics = backend->actor_statistics();
    healthy_normalisers = backend->observation_normalisers();
    healthy_iterations = count.made;
    snapshot_seconds = seconds_since(begin);
    seconds_since_snapshot = 0.0;
  }

  void checkpoint_if_due(const TrainerOptions& options) {
    if (!divergences.empty() || !options.on_checkpoint) return;
    const bool due = options.checkpoint_steps > 0
                         ? count.has_reached_multiple(options.checkpoint_steps)
                         : checkpoints.is_due(options.checkpoint_interval);
    if (due) make_checkpoint(options);
  }

  void make_checkpoint(const TrainerOptions& options) {
    if (count.made == checkpoint_iterations) return;
    keep_healthy_actors();
    checkpoints.begin();
    options.on_checkpoint();
    checkpoints.end();
    checkpoint_iterations = count.made;
  }

  std::optional<StopReason> evaluate_if_due(const TrainerOptions& options) {
    if (!divergences.empty() || count.made == count.end_of(options) || !options.on_evaluation ||
        !count.has_reached_multiple(options.evaluation_steps)) {
      return {};
    }
    keep_healthy_actors();
    return options.on_evaluation();
  }

  void report_if_due(const TrainerOptions& options) {
    const bool due = options.report_steps > 0 ? count.has_reached_multiple(options.report_steps)
                                              : reports.age(seconds) >= options.report_interval;
    if (due) reports.report(progress(), options.on_report);
    if (displayed->age(seconds) >= options.report_interval) {
      displayed->report(progress(), options.on_progress);
    }
  }

  void change_if_due(const TrainerOptions& options) {
    if (!divergences.empty() || !options.on_change) return;
    for (const std::int64_t step : options.change_steps) {
      if (count.iterations_to(step) == count.made) options.on_change(step);
    }
  }

  void change_population(std::span<const AgentCopy> copies, const Config& changed) {
    const std::vector<int> sources = sources_after(copies, config, changed, divergences);
    if (!copies.empty()) backend->copy_agents(copies);
    backend->reconfigure(changed);
    config = changed;
    varied = varied_fields(config);
    reports.change_agents(sources);
    if (displayed) displayed->change_agents(sources);
    divergences.clear();
    checkpoint_iterations = healthy_iterations = -1;
    keep_healthy_actors();
  }

  StopReason run(const TrainerOptions& options) {
    displayed.emplace(config.agents);
    displayed->begin(progress());
    if (!reports_go_on) reports.begin(progress());
    reports_go_on = false;
    checkpoints = CheckpointPacer(options.checkpoint_age);
    StopReason reason = StopReason::finished;
    const auto must_end = [&] { return !divergences.empty() && !options.tolerates_divergence; };
    while (!must_end() && count.made < count.end_of(options)) {
      if (options.stop != nullptr && *options.stop) {
        reason = StopReason::interrupted;
        break;
      }
      const std::vector<AgentMetrics> metrics =
          run_slice(std::min(pacer.iterations(), count.left(options)));
      reports.add(metrics);
      displayed->add(metrics);
      report_if_due(options);
      change_if_due(options);
      if (const std::optional<StopReason> wish = evaluate_if_due(options)) {
        reason = *wish;
        break;
      }
      checkpoint_if_due(options);
    }
    keep_healthy_actors();
    if (divergences.empty() && options.on_checkpoint) make_checkpoint(options);
    if (reports.is_due_at_end(count.environment_steps())) {
      reports.report_unfinished(progress(), options.on_report);
    }
    if (displayed->is_due_at_end(count.environment_steps())) {
      displayed->report(progress(), options.on_progress);
    }
    displayed.reset();
    return must_end() ? StopReason::non_finite : reason;
  }

  std::int64_t save(const FileDescriptor& file, const std::filesystem::path& shown_as,
                    const CheckpointNotes& notes) {
    if (!divergences.empty()) {
      throw RunError(shown_as.string() + ": not written, for " +
                     describe(divergences.front(), config) + ", and nothing can go on from there");
    }
    return write_checkpoint(file, shown_as, config, *backend, {progress(), reports}, notes);
  }

  /// The back end has its state.
  void go_on_from(const Checkpoint& checkpoint) {
    const TrainerRecord record = checkpoint.record();
    count.made = record.progress.environment_steps / count.derived.steps_per_iteration;
    seconds = record.progress.seconds;
    reports = record.reports;
    reports_go_on = true;
    checkpoint_iterations = count.made;
    healthy_iterations = -1;
    keep_healthy_actors();
  }

  Config config;
  IterationCount count;
  std::vector<VariedField> varied;  // written into the policies
  std::unique_ptr<Backend> backend;
  Reporter reports;                   // to on_report; as far as it has come, part of a checkpoint
  bool reports_go_on = false;         // in the next run(), instead of beginning anew
  std::vector<float> healthy_actors;  // [agents, actor stride], the newest known to be finite
  std::vector<float> healthy_statistics;  // [agents, actor statistics stride], theirs
  ObservationNormalisers healthy_normalisers;
  std::int64_t healthy_iterations = 0;  // after how many iterations those were taken
  std::optional<Reporter> displayed;    // to on_progress, while run() runs
  std::vector<Divergence> divergences;
  SlicePacer pacer;
  CheckpointPacer checkpoints;
  std::int64_t checkpoint_iterations = -1;  // after how many the newest checkpoint was taken
  double seconds = 0.0;
  double snapshot_seconds = 0.0;  // what the last one cost
  double seconds_since_snapshot = 0.0;
};

Trainer::Trainer(Config config)
    : implementation_(std::make_unique<Implementation>(std::move(config))) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

const Config& Trainer::config() const { return implementation_->config; }
std::string Trainer::device_description() const { return implementation_->backend->description(); }
StopReason Trainer::run(const TrainerOptions& options) { return implementation_->run(options); }
std::optional<Divergence> Trainer::divergence() const {
  if (divergences().empty()) return {};
  return divergences().front();
}
const std::vector<Divergence>& Trainer::divergences() const { return implementation_->divergences; }
void Trainer::change_population(std::span<const AgentCopy> copies, const Config& config) {
  implementation_->change_population(copies, config);
}

Policy Trainer::policy(int agent) const {
  const Implementation& self = *implementation_;
  const int observation_size = find_environment(self.config.environment).observation_size;
  const auto own = [&](const std::vector<float>& values) {
    const std::size_t stride = values.size() / static_cast<std::size_t>(self.config.agents);
    return std::span(values).subspan(static_cast<std::size_t>(agent) * stride, stride);
  };
  Policy policy = unpack_policy(self.config, agent, own(self.healthy_actors),
                                self.healthy_normalisers.of_agent(agent, observation_size),
                                own(self.healthy_statistics));
  policy.training = {
      {"version", std::string(program_version())},
      {"agent", std::to_string(agent)},
      {"seed", std::to_string(agent_seed(self.config, agent))},
      {"environment_steps", std::to_string(self.count.steps_after(self.healthy_iterations))},
      {"updates", std::to_string(self.count.updates_after(self.healthy_iterations))},
      {"time_limit", std::to_string(self.count.derived.evaluation_time_limit)}};
  for (const VariedField& field : self.varied) {
    policy.training.emplace(column_name(field.name), field.values[static_cast<std::size_t>(agent)]);
  }
  return policy;
}

std::vector<float> Trainer::evaluate(std::span<const float> starts, std::uint64_t seed,
                                     std::int64_t first_episode) {
  const Implementation& self = *implementation_;
  std::vector<float> returns = self.backend->evaluate(starts, {seed, first_episode});
  require_finite_returns(returns, returns.size() / static_cast<std::size_t>(self.config.agents));
  return returns;
}

void Trainer::require_evaluation_memory(std::int64_t starts) const {
  implementation_->backend->require_evaluation_memory(starts);
}

std::int64_t Trainer::environment_steps() const {
  return implementation_->count.environment_steps();
}
std::int64_t Trainer::updates() const { return implementation_->count.updates(); }
double Trainer::training_seconds() const { return implementation_->seconds; }

std::int64_t TrainerAccess::save(Trainer& trainer, const FileDescriptor& file,
                                 const std::filesystem::path& shown_as,
                                 const CheckpointNotes& notes) {
  return trainer.implementation_->save(file, shown_as, notes);
}

Trainer TrainerAccess::resume(const Checkpoint& checkpoint, Config config) {
  require_resumable(checkpoint.config(), config);
  Trainer trainer(std::move(config));
  checkpoint.load(trainer.config(), *trainer.implementation_->backend);
  trainer.implementation_->go_on_from(checkpoint);
  return trainer;
}

Backend& TrainerAccess::backend(Trainer& trainer) { return *trainer.implementation_->backend; }

}  // namespace polyak
