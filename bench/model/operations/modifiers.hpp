// What is asked of an instruction beside its operation's name.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "model/instruction.hpp"

namespace polyak::model {

/// The modifiers of an instruction. Those that nobody takes are unknown.
class Modifiers {
 public:
  explicit Modifiers(const Instruction& instruction) : left_(instruction.modifiers) {}

  /// Whether the modifier is there.
  bool take(std::string_view name) {
    const auto found = std::find(left_.begin(), left_.end(), name);
    if (found == left_.end()) return false;
    left_.erase(found);
    return true;
  }
  /// Takes those that change nothing here.
  void ignore(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) take(name);
  }
  /// The first modifier, which must be there.
  std::string take_first() {
    if (left_.empty()) throw ModelError("a modifier is missing");
    std::string first = left_.front();
    left_.erase(left_.begin());
    return first;
  }
  /// After all that are known have been taken.
  void expect_none() const {
    if (!left_.empty()) throw ModelError("unknown modifier " + left_.front());
  }

 private:
  std::vector<std::string> left_;
};

inline void expect_operands(const Instruction& instruction, std::size_t least) {
  if (instruction.operands.size() < least) throw ModelError("operands are missing");
}

}  // namespace polyak::model
