// Which engines have what a configuration asks for, by the table of its fields.
#include <algorithm>

#include "config/checks.hpp"
#include "config/fields.hpp"
#include "polyak/config.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

template <class T>
bool is_plain(const T& value, const T& plain) {
  return value == plain;
}
template <class T>
bool is_plain(const PerAgent<T>& list, const PerAgent<T>& plain) {
  return std::all_of(list.values.begin(), list.values.end(),
                     [&plain](const T& value) { return value == plain.values.front(); });
}

bool lacks(const FieldInfo& field, bool Engines::*engine) {
  return field.engines != outside_training && !(field.engines.*engine);
}

}  // namespace

Engines engines_for_environment(const Config& config) {
  return is_fused_environment(config.environment) ? every_engine : not_fused;
}

std::string_view beyond_engine(const Config& config, bool Engines::*engine) {
  const Config plain;
  std::string_view first;
  visit_field_members(config, [&](const FieldInfo& field, auto member) {
    if (first.empty() && lacks(field, engine) && !is_plain(config.*member, plain.*member)) {
      first = field.name;
    }
  });
  return first;
}

void require_fields_on(DeviceKind device, const Config& config) {
  const std::string_view layered = beyond_engine(config, &Engines::layered);
  const std::string_view fused = beyond_engine(config, &Engines::fused);
  if (config.engine == Engine::fused && !fused.empty()) {
    refuse(fused, "the fused engine does not have this; use --engine layered or auto");
  }
  if (config.engine == Engine::layered && !layered.empty()) {
    refuse(layered, "the layered engine does not have this; use --engine fused or auto");
  }
  if (const std::string_view cpu = beyond_engine(config, &Engines::cpu);
      device == DeviceKind::cpu && !cpu.empty()) {
    refuse(cpu, "the CPU does not have this, only the GPU; use its default, or a GPU");
  }
  if (device == DeviceKind::cpu && config.engine != Engine::automatic) {
    refuse("engine", "the CPU does not have this, only the GPU; leave it out, or use a GPU");
  }
  if (device == DeviceKind::cuda && !layered.empty() && !fused.empty()) {
    refuse(layered, "no engine of the GPU has this; use its default, or --device cpu");
  }
}

Config without_gpu_fields(const Config& config) {
  const Config plain;
  Config result = config;
  result.engine = plain.engine;
  visit_field_members(config, [&](const FieldInfo& field, auto member) {
    if (lacks(field, &Engines::cpu)) result.*member = plain.*member;
  });
  return result;
}

}  // namespace polyak
