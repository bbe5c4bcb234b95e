// What other trainers call things.
#pragma once

#include <span>
#include <string_view>

namespace polyak {

/// A word of another program and what it is here.
struct Synonym {
  std::string_view word;  // in small letters, without dashes in front; words joined by dashes
  /// The options that say the same, without dashes, separated by blanks; each may have a value, as
  /// in "device=cuda". Empty where there is none.
  std::string_view options;
  std::string_view remark = {};  // what to know of it, or do instead; may be empty
};

std::span<const Synonym> all_synonyms();

/// The entry of such a word however it is written (--num_envs, NUM-ENVS), or nullptr.
const Synonym* find_synonym(std::string_view word);

}  // namespace polyak
