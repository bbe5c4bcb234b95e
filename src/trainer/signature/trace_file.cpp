// Traces as files.
#include <algorithm>
#include <optional>
#include <utility>

#include "io/sha256.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "trainer/signature/configuration_digest.hpp"
#include "trainer/signature/trace.hpp"

namespace polyak {
namespace {

constexpr std::string_view magic = "polyak trace ";
constexpr std::string_view trace_version = "1";
constexpr std::string_view evaluation_step = "evaluation";
constexpr std::string_view checksum_key = "sha256 ";
constexpr std::size_t checksum_bytes = checksum_key.size() + 64 + 1;

void append_arrays(std::string& bytes, const std::string& step,
                   const std::vector<NamedArray>& arrays) {
  for (const NamedArray& array : arrays) {
    bytes += step + ' ' + array.name + ' ' + std::string(to_string(array.type)) + ' ' +
             std::to_string(array.count()) + '\n';
    bytes.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
  }
}

std::string checksum_line(std::string_view bytes) {
  return std::string(checksum_key) + Sha256().add(bytes).hex() + '\n';
}

std::optional<NumberType> number_type(std::string_view text) {
  for (const NumberType type :
       {NumberType::float32, NumberType::float64, NumberType::int32, NumberType::int64}) {
    if (text == to_string(type)) return type;
  }
  return {};
}

/// A trace's bytes being read from the front, and the file's name for messages.
class TraceReader {
 public:
  TraceReader(std::string_view bytes, const std::string& name) : rest_(bytes), name_(name) {}

  [[noreturn]] void refuse(const std::string& why) const { throw UsageError(name_ + ": " + why); }
  [[noreturn]] void refuse_damaged() const { refuse("truncated or damaged: no whole trace"); }

  bool at_end() const { return rest_.empty(); }

  std::string line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) refuse_damaged();
    return std::string(take(end + 1).substr(0, end));
  }
  /// The rest of a line that begins with `key`.
  std::string value(std::string_view key) {
    const std::string text = line();
    if (!text.starts_with(key)) refuse_damaged();
    return text.substr(key.size());
  }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) refuse_damaged();
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  /// Takes the line at the end away; it must be the checksum of all before it.
  void take_checksum() {
    if (rest_.size() < checksum_bytes) refuse_damaged();
    const std::string_view before = rest_.substr(0, rest_.size() - checksum_bytes);
    if (rest_.substr(before.size()) != checksum_line(before)) refuse_damaged();
    rest_ = before;
  }

  /// An array and the step that it belongs to.
  std::pair<std::string, NamedArray> array() {
    const std::vector<std::string> words = split_text(line(), ' ');
    if (words.size() != 4) refuse_damaged();
    const std::optional<NumberType> type = number_type(words[2]);
    const auto count = parse_number<std::uint64_t>(words[3]);
    if (!type || !count || *count > largest_trace_file) refuse_damaged();
    const std::string_view numbers = take(static_cast<std::size_t>(*count) * bytes_of(*type));
    const auto bytes = std::as_bytes(std::span(numbers));
    return {words[0], {words[1], *type, {bytes.begin(), bytes.end()}}};
  }

 private:
  std::string_view rest_;
  const std::string& name_;
};

/// The training that the trace is of; UsageError unless this version has it, and as the trace has
/// it.
const SignatureCase& training_of(const TraceReader& reader, const Trace& trace) {
  const SignatureCase* const training = find_signature_case(trace.training);
  if (training == nullptr) {
    reader.refuse("is of the training '" + trace.training + "', which this version does not have");
  }
  if (configuration_digest(*training) != trace.configuration) {
    reader.refuse("is of the training " + trace.training +
                  " of another version, which has other options there");
  }
  return *training;
}

bool is_alike(const NamedArray& a, const NamedArray& b) {
  return a.name == b.name && a.type == b.type && a.bytes.size() == b.bytes.size();
}

/// Whether the first step has all arrays of the training's state, and the others some of them.
bool has_arrays_of(const Config& config, const Trace& trace) {
  const std::vector<NamedArray> state = state_arrays(initial_state(config));
  const std::vector<NamedArray>& first = trace.steps.front();
  if (!std::equal(first.begin(), first.end(), state.begin(), state.end(), is_alike)) return false;
  return std::all_of(trace.steps.begin(), trace.steps.end(), [&state](const auto& step) {
    return std::all_of(step.begin(), step.end(), [&state](const NamedArray& array) {
      return std::any_of(state.begin(), state.end(),
                         [&array](const NamedArray& own) { return is_alike(own, array); });
    });
  });
}

}  // namespace

std::string serialise_trace(const Trace& trace) {
  std::string bytes = std::string(magic) + std::string(trace_version) + '\n';
  bytes += "training " + trace.training + '\n';
  bytes += "configuration " + trace.configuration + '\n';
  bytes += "device " + trace.device + '\n';
  bytes += "iterations " + std::to_string(trace.steps.size() - 1) + '\n';
  for (std::size_t step = 0; step < trace.steps.size(); ++step) {
    append_arrays(bytes, std::to_string(step), trace.steps[step]);
  }
  append_arrays(bytes, std::string(evaluation_step), trace.evaluation);
  return bytes + checksum_line(bytes);
}

Trace parse_trace(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with(magic)) throw UsageError(name + ": is not a trace of polyak signature");
  TraceReader head(bytes, name);
  const std::string version = head.value(magic);
  if (version != trace_version) {
    head.refuse("is a trace of version " + version + "; this program reads version " +
                std::string(trace_version));
  }
  TraceReader reader(bytes, name);
  reader.take_checksum();
  reader.line();
  Trace trace;
  trace.training = reader.value("training ");
  trace.configuration = reader.value("configuration ");
  const SignatureCase& training = training_of(reader, trace);
  trace.device = reader.value("device ");
  const auto iterations = parse_number<std::uint32_t>(reader.value("iterations "));
  if (!iterations || *iterations > bytes.size()) reader.refuse_damaged();
  trace.steps.resize(std::size_t{*iterations} + 1);
  while (!reader.at_end()) {
    auto [step, array] = reader.array();
    if (step == evaluation_step) {
      trace.evaluation.push_back(std::move(array));
      continue;
    }
    const auto number = parse_number<std::uint32_t>(step);
    if (!number || *number >= trace.steps.size()) reader.refuse_damaged();
    trace.steps[*number].push_back(std::move(array));
  }
  if (!has_arrays_of(training.config, trace)) reader.refuse_damaged();
  return trace;
}

}  // namespace polyak
