#include "io/parse_json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr int most_levels = 16;  // no file of ours has more than four

/// Looks at what the parser comes across, in the order of the text.
class StructureCheck {
 public:
  explicit StructureCheck(const std::string& what) : what_(what) {}

  void operator()(int level, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (level >= most_levels) {
        refuse("is nested more than " + std::to_string(most_levels) + " levels deep");
      }
    }
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key && !keys_.back().insert(parsed.get<std::string>()).second) {
      refuse("has the key '" + parsed.get<std::string>() + "' twice in one object");
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { throw UsageError(what_ + " " + why); }

  const std::string& what_;
  std::vector<std::set<std::string>> keys_;  // of the objects that have begun and not ended
};

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& what) {
  StructureCheck check(what);
  const auto callback = [&](int level, nlohmann::json::parse_event_t event,
                            const nlohmann::json& parsed) {
    check(level, event, parsed);
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), callback);
  } catch (const nlohmann::json::parse_error& error) {
    throw UsageError(what + " is no JSON, or corrupted at its byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception&) {
    throw UsageError(what + " has a number that is too large");
  }
}

}  // namespace polyak
