// Values as bytes, for processes that are the same program on machines of one kind.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "agent/agent.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

/// Calls visit(member) for every member; of `value`, const or not.
template <class Visitor, class Network>
requires std::same_as<std::remove_const_t<Network>, NetworkState>
void visit_members(const Visitor& visit, Network& value) {
  visit(value.parameters), visit(value.target);
  visit(value.first_moment), visit(value.second_moment);
  visit(value.statistics), visit(value.target_statistics);
}
template <class Visitor, class State>
requires std::same_as<std::remove_const_t<State>, TrainingState>
void visit_members(const Visitor& visit, State& value) {
  visit(value.vector_steps), visit(value.updates);
  visit(value.actor), visit(value.critic);
  visit(value.environment_states), visit(value.exploration_noise);
  visit(value.episode_steps), visit(value.episode_returns);
  visit(value.rows_written), visit(value.replay_rows);
  visit(value.observation_moments), visit(value.recurrent_states);
}
template <class Visitor, class Normalisers>
requires std::same_as<std::remove_const_t<Normalisers>, ObservationNormalisers>
void visit_members(const Visitor& visit, Normalisers& value) {
  visit(value.mean), visit(value.scale);
}
template <class Visitor, class AnyConfig>
requires std::same_as<std::remove_const_t<AnyConfig>, Config>
void visit_members(const Visitor& visit, AnyConfig& value) {
  visit_fields(value, [&visit](const FieldInfo&, auto& field) { visit(field); });
}
template <class Visitor, class List>
requires requires(List& list) { list.values; }
void visit_members(const Visitor& visit, List& value) { visit(value.values); }

template <class T>
concept HasMembers = requires(T& value) {
  visit_members([](auto&) {}, value);
};

template <class T>
inline constexpr bool is_span = false;
template <class T>
inline constexpr bool is_span<std::span<T>> = true;

/// Values one behind the other.
class MessageWriter {
 public:
  template <class T>
  void put(const T& value) {
    if constexpr (HasMembers<const T>) {
      visit_members([this](const auto& member) { this->put(member); }, value);
    } else if constexpr (std::is_trivially_copyable_v<T> && !is_span<T>) {
      append(&value, sizeof value);
    } else {
      put(static_cast<std::int64_t>(value.size()));
      using Element = std::remove_cvref_t<decltype(*value.begin())>;
      if constexpr (std::is_trivially_copyable_v<Element>) {
        append(value.data(), value.size() * sizeof(Element));
      } else {
        for (const auto& element : value) put(element);
      }
    }
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  void append(const void* data, std::size_t count) {
    const auto* const first = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), first, first + count);
  }

  std::vector<std::byte> bytes_;
};

/// Reads them in the same order; RunError if there are not so many. A span is read as a vector.
class MessageReader {
 public:
  explicit MessageReader(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}

  template <class T>
  T take() {
    T value{};
    read(value);
    return value;
  }

 private:
  template <class T>
  void read(T& value) {
    if constexpr (HasMembers<T>) {
      visit_members([this](auto& member) { this->read(member); }, value);
    } else if constexpr (std::is_trivially_copyable_v<T>) {
      copy(&value, sizeof value);
    } else {
      const std::size_t count = take_count();
      using Element = typename T::value_type;
      if constexpr (std::is_trivially_copyable_v<Element>) {
        require(count, sizeof(Element));
        value.resize(count);
        copy(value.data(), count * sizeof(Element));
      } else {
        for (std::size_t i = 0; i < count; ++i) value.push_back(take<Element>());
      }
    }
  }

  std::size_t take_count() { return static_cast<std::size_t>(take<std::int64_t>()); }

  void require(std::size_t count, std::size_t size) const {
    if (count <= (bytes_.size() - position_) / size) return;
    throw RunError("a message between two processes is shorter than it should be");
  }

  void copy(void* to, std::size_t count) {
    require(count, 1);
    if (count > 0) std::memcpy(to, bytes_.data() + position_, count);
    position_ += count;
  }

  std::vector<std::byte> bytes_;
  std::size_t position_ = 0;
};

}  // namespace polyak
