// The one list of environments. Everything that must know them all goes through it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "polyak/environment/environment.hpp"
#include "polyak/environment/mountain_car_continuous.hpp"
#include "polyak/environment/partially_observed_pendulum.hpp"
#include "polyak/environment/pendulum.hpp"
#if defined(POLYAK_TEST_ENVIRONMENTS)
#include POLYAK_TEST_ENVIRONMENTS  // of the tests' own libraries: their TestEnvironments
#endif

namespace polyak {

#if !defined(POLYAK_TEST_ENVIRONMENTS)
using TestEnvironments = EnvironmentList<>;
#endif

namespace detail {
template <Environment... E, Environment... More>
EnvironmentList<E..., More...> joined(EnvironmentList<E...>, EnvironmentList<More...>);
}  // namespace detail

/// Those that the fused engine is compiled for, in each of its precisions. The partially observed
/// ones are not among them: they are for recurrent policies, which that engine does not have.
using FusedEnvironments = decltype(detail::joined(
    EnvironmentList<Pendulum, MountainCarContinuous>{}, TestEnvironments{}));

/// Add an environment here, or above if it is worth the fused engine's time to compile.
using Environments = decltype(detail::joined(
    FusedEnvironments{},
    EnvironmentList<PendulumPositions, PendulumVelocity, PendulumNoVelocity>{}));

/// The values of `E` for code that does not know its type.
template <Environment E>
constexpr EnvironmentInfo environment_info() {
  return {E::name,
          E::description,
          E::state_size,
          E::observation_size,
          E::action_size,
          E::time_limit,
          E::state_names,
          E::parameters,
          [](int dimension) { return E::action_low(dimension); },
          [](int dimension) { return E::action_high(dimension); },
          recommended_settings<E>()};
}

/// All environments, in the order of the list.
std::vector<EnvironmentInfo> all_environments();

/// Whether the fused engine is compiled for the environment called `name`.
bool is_fused_environment(std::string_view name);

/// The environment called `name`; UsageError that lists the names if there is none.
EnvironmentInfo find_environment(std::string_view name);

namespace detail {
[[noreturn]] void unknown_environment(std::string_view name);

template <class Function, Environment First, Environment... Rest>
auto visit_environment(std::string_view name, Function&& function,
                       EnvironmentList<First, Rest...>) {
  if (name == First::name) return function.template operator()<First>();
  if constexpr (sizeof...(Rest) > 0) {
    return visit_environment(name, std::forward<Function>(function), EnvironmentList<Rest...>{});
  } else {
    unknown_environment(name);
  }
}
}  // namespace detail

/// Calls `function.operator()<E>()` for the environment called `name`; UsageError if it is not in
/// `List`.
template <class List = Environments, class Function>
auto visit_environment(std::string_view name, Function&& function) {
  return detail::visit_environment(name, std::forward<Function>(function), List{});
}

}  // namespace polyak
