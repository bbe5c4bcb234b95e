#include "polyak/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent/policy_parameters.hpp"
#include "backend/backend.hpp"
#include "backend/checks/finite_results.hpp"
#include "config/derived.hpp"
#include "io/varied_fields.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/divergence.hpp"
#include "trainer/metrics_accumulator.hpp"
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

/// Gathers metrics for one receiver of reports.
class Reporter {
 public:
  Reporter(int agents, const std::function<void(const Report&)>& receiver)
      : agents_(agents), receiver_(receiver), metrics_(agents) {}

  void add(std::span<const AgentMetrics> slice) {
    if (receiver_) metrics_.add(slice);
  }
  /// Seconds of training since the last report.
  double age(double seconds) const { return seconds - last_seconds_; }
  bool is_due_at_end(std::int64_t steps) const { return steps > last_steps_ || last_steps_ == 0; }

  void begin(std::int64_t steps, std::int64_t updates, double seconds) {
    last_steps_ = steps;
    last_updates_ = updates;
    last_seconds_ = seconds;
  }
  void report(std::int64_t steps, std::int64_t updates, double seconds) {
    if (receiver_) {
      const double duration = std::max(age(seconds), 1e-9);
      const std::vector<AgentMetrics> agents = metrics_.take();
      receiver_({steps, updates, seconds,
                 static_cast<double>((steps - last_steps_) * agents_) / duration,
                 static_cast<double>((updates - last_updates_) * agents_) / duration, agents});
    }
    begin(steps, updates, seconds);
  }

 private:
  int agents_;
  const std::function<void(const Report&)>& receiver_;
  MetricsAccumulator metrics_;
  std::int64_t last_steps_ = 0, last_updates_ = 0;
  double last_seconds_ = 0.0;
};

}  // namespace

struct Trainer::Implementation {
  explicit Implementation(Config requested)
      : config(checked(std::move(requested))),
        derived(derive(config)),
        varied(varied_fields(config)),
        backend(make_backend(config)),
        healthy_actors(backend->actor_parameters()),
        healthy_statistics(backend->actor_statistics()),
        healthy_normalisers(backend->observation_normalisers()) {}

  std::int64_t steps_after(std::int64_t count) const { return count * derived.steps_per_iteration; }
  std::int64_t updates_after(std::int64_t count) const {
    return std::max<std::int64_t>(0, count - derived.first_update_iteration) *
           derived.updates_per_iteration;
  }
  std::int64_t environment_steps() const { return steps_after(iterations); }
  std::int64_t updates() const { return updates_after(iterations); }

  /// Iterations until the next report by steps, until the updates begin, or until the end.
  std::int64_t iterations_left(std::int64_t report_steps) const {
    std::int64_t left = derived.iterations - iterations;
    // Iterations with updates take much longer: a slice that is short without them may not be.
    if (iterations < derived.first_update_iteration) {
      left = std::min(left, derived.first_update_iteration - iterations);
    }
    if (report_steps > 0) {
      const std::int64_t next = (environment_steps() / report_steps + 1) * report_steps;
      left = std::min(left, (next - environment_steps() + derived.steps_per_iteration - 1) /
                                derived.steps_per_iteration);
    }
    return left;
  }

  /// Runs one slice, looks at its health, and keeps the actors now and then if they are well.
  std::vector<AgentMetrics> run_slice(std::int64_t slice) {
    const Clock::time_point begin = Clock::now();
    backend->advance(slice);
    std::vector<AgentMetrics> metrics = backend->metrics();
    iterations += slice;
    const double slice_seconds = seconds_since(begin);
    pacer.took(slice, slice_seconds);
    if (iterations == derived.first_update_iteration) pacer = {};
    divergence = find_divergence(metrics);
    seconds_since_snapshot += slice_seconds;
    const bool last = iterations == derived.iterations;
    if (last || seconds_since_snapshot > 20.0 * snapshot_seconds) keep_healthy_actors();
    seconds += seconds_since(begin);
    return metrics;
  }

  /// The metrics of the newest iteration have been looked at: they tell of bad parameters too.
  void keep_healthy_actors() {
    if (divergence || iterations == healthy_iterations) return;
    const Clock::time_point begin = Clock::now();
    healthy_actors = backend->actor_parameters();
    healthy_statistics = backend->actor_statistics();
    healthy_normalisers = backend->observation_normalisers();
    healthy_iterations = iterations;
    snapshot_seconds = seconds_since(begin);
    seconds_since_snapshot = 0.0;
  }

  StopReason run(const TrainerOptions& options) {
    Reporter reports(config.agents, options.on_report);
    Reporter progress(config.agents, options.on_progress);
    reports.begin(environment_steps(), updates(), seconds);
    progress.begin(environment_steps(), updates(), seconds);
    StopReason reason = StopReason::finished;
    while (!divergence && iterations < derived.iterations) {
      if (options.stop != nullptr && *options.stop) {
        reason = StopReason::interrupted;
        break;
      }
      const std::vector<AgentMetrics> metrics =
          run_slice(std::min(pacer.iterations(), iterations_left(options.report_steps)));
      reports.add(metrics);
      progress.add(metrics);
      const auto is_due = [&](const Reporter& reporter, std::int64_t steps) {
        if (steps == 0) return reporter.age(seconds) >= options.report_interval;
        return environment_steps() / steps >
               (environment_steps() - derived.steps_per_iteration) / steps;
      };
      if (is_due(reports, options.report_steps)) {
        reports.report(environment_steps(), updates(), seconds);
      }
      if (is_due(progress, 0)) progress.report(environment_steps(), updates(), seconds);
    }
    keep_healthy_actors();
    for (Reporter* const reporter : {&reports, &progress}) {
      if (reporter->is_due_at_end(environment_steps())) {
        reporter->report(environment_steps(), updates(), seconds);
      }
    }
    return divergence ? StopReason::non_finite : reason;
  }

  Config config;
  DerivedConfig derived;
  std::vector<VariedField> varied;  // written into the policies
  std::unique_ptr<Backend> backend;
  std::vector<float> healthy_actors;      // [agents, actor stride], the newest known to be finite
  std::vector<float> healthy_statistics;  // [agents, actor statistics stride], theirs
  ObservationNormalisers healthy_normalisers;
  std::int64_t healthy_iterations = 0;  // after how many iterations those were taken
  std::optional<Divergence> divergence;
  SlicePacer pacer;
  std::int64_t iterations = 0;
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
std::optional<Divergence> Trainer::divergence() const { return implementation_->divergence; }

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
      {"version", POLYAK_VERSION},
      {"agent", std::to_string(agent)},
      {"seed", std::to_string(agent_seed(self.config, agent))},
      {"environment_steps", std::to_string(self.steps_after(self.healthy_iterations))},
      {"updates", std::to_string(self.updates_after(self.healthy_iterations))},
      {"time_limit", std::to_string(self.derived.time_limit)}};
  for (const VariedField& field : self.varied) {
    std::string key(field.name);
    std::replace(key.begin(), key.end(), '-', '_');
    policy.training.emplace(key, field.values[static_cast<std::size_t>(agent)]);
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

std::int64_t Trainer::environment_steps() const { return implementation_->environment_steps(); }
std::int64_t Trainer::updates() const { return implementation_->updates(); }
double Trainer::training_seconds() const { return implementation_->seconds; }
Backend& TrainerAccess::backend(Trainer& trainer) { return *trainer.implementation_->backend; }

}  // namespace polyak
