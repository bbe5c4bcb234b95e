#include "io/parse_json.hpp"

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

// No file of ours has more than four levels, nor more than a few hundred keys in one object.
constexpr int max_levels = 16;
constexpr std::size_t max_keys = 10'000;

/// Looks at what the parser comes across, in the order of the text.
class StructureCheck {
 public:
  explicit StructureCheck(const std::string& what) : what_(what) {}

  void operator()(int level, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (level >= max_levels) {
        refuse("is nested more than " + std::to_string(max_levels) + " levels deep");
      }
    }
    const auto depth = static_cast<std::size_t>(level);
    if (event == Event::object_start) {
      keys_.resize(depth + 1);
      keys_.back().clear();
    }
    if (event == Event::key) note_key(keys_.at(depth - 1), parsed.get<std::string>());
  }

 private:
  void note_key(std::set<std::string>& keys, const std::string& key) const {
    if (!keys.insert(key).second) refuse("has the key '" + key + "' twice in one object");
    if (keys.size() > max_keys) {
      refuse("has more than " + std::to_string(max_keys) + " keys in one object");
    }
  }
  [[noreturn]] void refuse(const std::string& why) const { throw UsageError(what_ + " " + why); }

  const std::string& what_;
  // Of the newest object of each level: the parser does not show every object's end.
  std::vector<std::set<std::string>> keys_;
};

/// Takes the numbers out of what the parser comes across.
class NumberCollector {
 public:
  NumberCollector(const std::string& file, std::string_view ignored_key, std::size_t max_numbers)
      : file_(file), ignored_key_(ignored_key), max_numbers_(max_numbers) {}

  /// Whether the parser is to go on with it; what it does not go into it does not show.
  bool operator()(int level, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    const bool is_value = event == Event::value;
    if (level == 0 && (event == Event::array_start || is_value)) {
      throw UsageError(file_ + ": is not a JSON object of lists of numbers");
    }
    if (level == 1 && event == Event::key) {
      key_ = parsed.get<std::string>();
      list_ = key_ == ignored_key_ ? nullptr : &lists_[key_];
    }
    if (list_ != nullptr && level == 1 && (event == Event::object_start || is_value)) {
      refuse("is not a list of numbers");
    }
    const bool is_element = is_value || event == Event::object_start || event == Event::array_start;
    if (list_ != nullptr && level == 2 && is_element) add(parsed);
    return level == 0 || (level == 1 && list_ != nullptr);
  }

  NumberLists take() { return std::move(lists_); }

 private:
  void add(const nlohmann::json& value) {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!std::isfinite(static_cast<float>(number))) {
      refuse("has a value that is not a finite number, at position " +
             std::to_string(list_->size()));
    }
    if (count_++ == max_numbers_) {
      throw UsageError(file_ + ": has more than " + std::to_string(max_numbers_) + " numbers");
    }
    list_->push_back(number);
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw UsageError(file_ + ": '" + key_ + "' " + why);
  }

  const std::string& file_;
  std::string_view ignored_key_;
  std::size_t max_numbers_, count_ = 0;
  NumberLists lists_;
  std::string key_;
  std::vector<double>* list_ = nullptr;  // of the key; none where the member is passed over
};

/// Calls keep(level, event, value), which says whether the tree gets the value.
template <class Keep>
nlohmann::json parse_checked(std::string_view text, const std::string& what, const Keep& keep) {
  StructureCheck check(what);
  const auto callback = [&](int level, nlohmann::json::parse_event_t event,
                            const nlohmann::json& parsed) {
    check(level, event, parsed);
    return keep(level, event, parsed);
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), callback);
  } catch (const nlohmann::json::parse_error& error) {
    throw UsageError(what + " is no JSON, or corrupted at its byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception&) {
    throw UsageError(what + " has a number that is too large");
  }
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& what) {
  return parse_checked(text, what, [](auto&&...) { return true; });
}

NumberLists parse_number_lists(std::string_view text, const std::string& file,
                               std::string_view ignored_key, std::size_t max_numbers) {
  NumberCollector collector(file, ignored_key, max_numbers);
  parse_checked(text, file + ": the file", std::ref(collector));
  return collector.take();
}

}  // namespace polyak
