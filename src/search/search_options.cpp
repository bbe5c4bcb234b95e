#include "search/search_options.hpp"

#include <array>
#include <string>
#include <utility>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::array schedulers = {
    std::pair(Scheduler::none, std::string_view("none")),
    std::pair(Scheduler::halving, std::string_view("halving")),
    std::pair(Scheduler::asha, std::string_view("asha")),
    std::pair(Scheduler::pbt, std::string_view("pbt")),
};

}  // namespace

std::string_view to_string(Scheduler value) {
  for (const auto& [scheduler, name] : schedulers) {
    if (scheduler == value) return name;
  }
  return "?";
}

Scheduler parse_scheduler(std::string_view text) {
  for (const auto& [scheduler, name] : schedulers) {
    if (name == text) return scheduler;
  }
  throw UsageError("unknown scheduler '" + std::string(text) +
                   "'; use one of none, halving, asha, pbt");
}

std::string trial_word(Scheduler scheduler) {
  return scheduler == Scheduler::pbt ? "member" : "trial";
}

}  // namespace polyak
