#include "trainer/signature/trace_difference.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>

#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "trainer/signature/place.hpp"

namespace polyak {
namespace {

/// Numbers of a type in their order; floating-point ones count from zero, either of them.
template <class Number>
std::int64_t rank(Number number) {
  using Bits = std::conditional_t<sizeof(Number) == 4, std::int32_t, std::int64_t>;
  Bits bits;
  std::memcpy(&bits, &number, sizeof bits);
  if constexpr (std::is_floating_point_v<Number>) {
    constexpr Bits magnitude = std::numeric_limits<Bits>::max();
    if (bits < 0) return -static_cast<std::int64_t>(bits & magnitude);
  }
  return bits;
}

std::uint64_t distance_between(std::int64_t a, std::int64_t b) {
  const auto low = static_cast<std::uint64_t>(std::min(a, b));
  return static_cast<std::uint64_t>(std::max(a, b)) - low;
}

template <class Number>
Number element_of(const NamedArray& array, std::size_t index) {
  Number number;
  std::memcpy(&number, &array.bytes[index * sizeof number], sizeof number);
  return number;
}

/// Fills in what depends on the numbers; returns the first index that differs.
template <class Number>
std::size_t compare_numbers(const NamedArray& left, const NamedArray& right,
                            ArrayDifference& result) {
  const std::size_t both = std::min(left.count(), right.count());
  std::size_t first = both;
  for (std::size_t i = 0; i < both; ++i) {
    const std::size_t at = i * sizeof(Number);
    if (std::memcmp(&left.bytes[at], &right.bytes[at], sizeof(Number)) == 0) continue;
    const auto a = element_of<Number>(left, i), b = element_of<Number>(right, i);
    const std::uint64_t distance = distance_between(rank(a), rank(b));
    if (result.differing == 0) {
      first = i;
      result.left = format_number(a);
      result.right = format_number(b);
      result.distance = distance;
    }
    ++result.differing;
    result.largest_distance = std::max(result.largest_distance, distance);
  }
  return first;
}

/// What an element of an array is.
using PlaceOf = std::function<Place(const std::string& array, std::size_t index)>;

ArrayDifference compare_arrays(const NamedArray& left, const NamedArray& right,
                               const PlaceOf& place_in) {
  ArrayDifference result{left.name, {}, 0, left.count(), {}, {}, {}, 0, 0};
  const auto compare = left.type == NumberType::float32   ? compare_numbers<float>
                       : left.type == NumberType::float64 ? compare_numbers<double>
                       : left.type == NumberType::int32   ? compare_numbers<std::int32_t>
                                                          : compare_numbers<std::int64_t>;
  const Place place = place_in(left.name, compare(left, right, result));
  result.phase = place.phase;
  result.element = place.element;
  if (result.differing == 0) {  // episodes of other lengths
    result.element = "number of values";
    result.left = std::to_string(left.count());
    result.right = std::to_string(right.count());
  }
  return result;
}

/// In the order of the arrays.
std::vector<ArrayDifference> compare_all(const std::vector<NamedArray>& left,
                                         const std::vector<NamedArray>& right,
                                         const PlaceOf& place_in) {
  const bool same_names = std::equal(left.begin(), left.end(), right.begin(), right.end(),
                                     [](const NamedArray& a, const NamedArray& b) {
                                       return a.name == b.name && a.type == b.type;
                                     });
  if (!same_names) throw UsageError("the two traces have not the same arrays");
  std::vector<ArrayDifference> differences;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] == right[i]) continue;
    differences.push_back(compare_arrays(left[i], right[i], place_in));
  }
  return differences;
}

std::vector<ArrayDifference> compare_states(const Config& config,
                                            const std::vector<NamedArray>& left,
                                            const std::vector<NamedArray>& right) {
  const std::vector<ArrayDifference> differences =
      compare_all(left, right, [&config](const std::string& array, std::size_t index) {
        return place_of(config, array, index);
      });
  std::vector<ArrayDifference> as_written;
  for (int order = 0; as_written.size() < differences.size(); ++order) {
    std::copy_if(differences.begin(), differences.end(), std::back_inserter(as_written),
                 [&config, order](const ArrayDifference& one) {
                   return writing_order(config, one.array) == order;
                 });
  }
  return as_written;
}

/// Brings `state` up to date.
void apply_changes(std::vector<NamedArray>& state, const std::vector<NamedArray>& changed) {
  if (state.empty()) {
    state = changed;
    return;
  }
  for (const NamedArray& array : changed) {
    const auto own = std::find_if(state.begin(), state.end(),
                                  [&](const NamedArray& one) { return one.name == array.name; });
    *own = array;  // there is one: a trace begins with all
  }
}

}  // namespace

std::optional<TraceDifference> first_difference(const Trace& left, const Trace& right) {
  if (left.training != right.training || left.steps.size() != right.steps.size()) {
    throw UsageError("the traces are of different trainings, " + left.training + " and " +
                     right.training);
  }
  const SignatureCase* const training = find_signature_case(left.training);
  if (training == nullptr) throw UsageError("there is no training " + left.training);
  std::vector<NamedArray> left_state, right_state;
  for (std::size_t step = 0; step < left.steps.size(); ++step) {
    apply_changes(left_state, left.steps[step]);
    apply_changes(right_state, right.steps[step]);
    std::vector<ArrayDifference> arrays = compare_states(training->config, left_state, right_state);
    if (!arrays.empty()) return TraceDifference{static_cast<std::int64_t>(step), std::move(arrays)};
  }
  std::vector<ArrayDifference> arrays =
      compare_all(left.evaluation, right.evaluation, [](const std::string&, std::size_t index) {
        return Place{"evaluation", "value " + std::to_string(index)};
      });
  if (arrays.empty()) return {};
  return TraceDifference{{}, std::move(arrays)};
}

}  // namespace polyak
