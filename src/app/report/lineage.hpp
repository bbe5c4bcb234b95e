// Whose learning a member of a population goes on with.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "search/search_record.hpp"

namespace polyak {

/// Each generation's row of the member whose learning `member` goes back to, or, if that one is not
/// in the last generation, its best: indices into `rows`, from the first generation to the last;
/// nothing without rows. What is not in the rows, as where a search still writes, ends it.
std::vector<std::size_t> ancestry_of(std::int64_t member, std::span<const GenerationRecord> rows);

}  // namespace polyak
