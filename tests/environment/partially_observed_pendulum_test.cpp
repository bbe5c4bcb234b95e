#include "polyak/environment/partially_observed_pendulum.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using testing::ElementsAre;
using testing::FloatEq;

template <class E>
std::vector<float> observation_of(const Pendulum::State& state) {
  // One value more, which must stay as it is.
  std::vector<float> values(static_cast<std::size_t>(E::observation_size) + 1, 7.0f);
  E::observe(state, values.data());
  EXPECT_EQ(values.back(), 7.0f);
  values.pop_back();
  return values;
}

TEST(PartiallyObservedPendulum, ShowsWhatItsNameSays) {
  const Pendulum::State state{2.5f, -3.0f};
  const auto cosine = FloatEq(std::cos(2.5f)), sine = FloatEq(std::sin(2.5f));
  EXPECT_THAT(observation_of<PendulumPositions>(state), ElementsAre(cosine, sine));
  EXPECT_THAT(observation_of<PendulumVelocity>(state), ElementsAre(-3.0f));
  EXPECT_THAT(observation_of<PendulumNoVelocity>(state), ElementsAre(cosine, sine, 0.0f));
}

TEST(PartiallyObservedPendulum, IsThePendulumInEverythingElse) {
  const EnvironmentInfo pendulum = find_environment("Pendulum-v1");
  for (const char* const name : {"Pendulum-P", "Pendulum-V", "Pendulum-NoVel"}) {
    SCOPED_TRACE(name);
    const EnvironmentInfo info = find_environment(name);
    EXPECT_EQ(info.time_limit, pendulum.time_limit);
    EXPECT_EQ(info.action_high(0), pendulum.action_high(0));
    EXPECT_EQ(info.state_names.data(), pendulum.state_names.data());
    visit_environment(name, []<class E>() {
      const RandomBits bits{0x12345678u, 0x9abcdef0u, 1u, 2u};
      if constexpr (std::is_same_v<typename E::State, Pendulum::State>) {
        const Pendulum::State start = E::reset({10.0f}, bits),
                              same = Pendulum::reset({10.0f}, bits);
        EXPECT_EQ(start.theta, same.theta);
        EXPECT_EQ(start.theta_dot, same.theta_dot);
        const float torque = -1.25f;
        const auto step = E::step({10.0f}, start, &torque);
        const auto expected = Pendulum::step({10.0f}, start, &torque);
        EXPECT_EQ(step.next.theta, expected.next.theta);
        EXPECT_EQ(step.next.theta_dot, expected.next.theta_dot);
        EXPECT_EQ(step.reward, expected.reward);
      } else {
        ADD_FAILURE() << "another state";
      }
    });
  }
}

}  // namespace
}  // namespace polyak
