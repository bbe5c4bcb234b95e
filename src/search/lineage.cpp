// Who made a member of a population what it is.
#include <algorithm>
#include <map>
#include <set>

#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "search/population_search.hpp"

namespace polyak {
namespace {

/// Goes through a schedule from its end to its beginning and keeps what one agent needs of it.
class Ancestry {
 public:
  Ancestry(const Schedule& schedule, int agent) : schedule_(schedule), numbers_{{agent, 0}} {}

  Schedule trace() {
    std::set<std::int64_t> steps;
    for (const ScheduleRow& row : schedule_.rows) steps.insert(row.environment_steps);
    for (auto step = steps.rbegin(); step != steps.rend() && *step > 0; ++step) trace_step(*step);
    for (const auto& [slot, number] : numbers_) add(first_row(slot), number, {});
    // Nobody needs what these were before they took over everything.
    for (const int number : overwritten_) add(first_row(numbers_.begin()->first), number, {});
    std::sort(rows_.begin(), rows_.end(), [](const auto& one, const auto& other) {
      return std::pair(one.environment_steps, one.agent) <
             std::pair(other.environment_steps, other.agent);
    });
    return {schedule_.fields, rows_};
  }

 private:
  void trace_step(std::int64_t step) {
    const std::map<int, int> now = numbers_;
    for (const ScheduleRow& row : schedule_.rows) {
      const auto found = now.find(row.agent);
      if (row.environment_steps != step || found == now.end()) continue;
      const int number = found->second;
      if (!row.copied_from) {
        add(row, number, {});
        continue;
      }
      const int source = *row.copied_from;
      const bool becomes_it = row.part == AgentPart::everything;
      if (becomes_it) numbers_.erase(row.agent);
      if (const auto known = numbers_.find(source); known != numbers_.end()) {
        add(row, number, known->second);
        if (becomes_it) overwritten_.push_back(number);
      } else if (becomes_it) {
        // Until here it was the other one.
        numbers_.emplace(source, number);
        add(row, number, {});
      } else {
        numbers_.emplace(source, count_++);
        add(row, number, numbers_.at(source));
      }
    }
  }

  const ScheduleRow& first_row(int slot) const {
    return *std::find_if(schedule_.rows.begin(), schedule_.rows.end(), [&](const auto& row) {
      return row.environment_steps == 0 && row.agent == slot;
    });
  }

  void add(ScheduleRow row, int number, std::optional<int> from) {
    row.agent = number;
    row.copied_from = from;
    if (!from) row.part = AgentPart::everything;
    rows_.push_back(std::move(row));
  }

  const Schedule& schedule_;
  std::map<int, int> numbers_;    // of the agents that are needed, in what comes out
  std::vector<int> overwritten_;  // numbers whose past is not
  int count_ = 1;
  std::vector<ScheduleRow> rows_;
};

std::string value_text(const Config& config, const std::string& name) {
  std::string text;
  visit_fields(config, [&](const FieldInfo& field, const auto& value) {
    if (field.name == name) text = join_text(field_texts(value), ",");
  });
  return text;
}

}  // namespace

Schedule schedule_of(const SearchPlan& plan, std::span<const Generation> generations) {
  Schedule schedule;
  for (const SpaceField& field : plan.space.fields) {
    if (field.mixes) schedule.fields.push_back(field.name);
  }
  const auto add = [&](std::int64_t steps, std::size_t member, const Setting& setting,
                       std::optional<int> from) {
    ScheduleRow row{
        steps, static_cast<int>(member), from, AgentPart::everything, plan.options.seed + member,
        {}};
    if (from) row.part = plan.options.population.part;
    // Those, too, whose condition does not hold any more: they are base's again.
    const Config config = trial_config(plan, setting);
    for (const std::string& field : schedule.fields)
      row.values.push_back(value_text(config, field));
    schedule.rows.push_back(std::move(row));
  };
  for (std::size_t i = 0; i < plan.settings.size(); ++i) add(0, i, plan.settings[i], {});
  for (const Generation& generation : generations) {
    for (std::size_t i = 0; i < generation.successors.size(); ++i) {
      const Successor& successor = generation.successors[i];
      const int member = static_cast<int>(i);
      if (successor.goes_on(member)) continue;
      const bool takes_over = successor.networks_from != member;
      add(generation.environment_steps, i, generation.settings[i],
          takes_over ? std::optional(successor.networks_from) : std::nullopt);
    }
  }
  return schedule;
}

Schedule lineage_of(const Schedule& schedule, int agent) {
  return Ancestry(schedule, agent).trace();
}

}  // namespace polyak
