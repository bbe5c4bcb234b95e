#include "model/clocks.hpp"

#include <charconv>

#include "polyak/core/error.hpp"

namespace polyak::model {
namespace {

struct NamedClock {
  std::string_view name;
  double Clocks::*value;
};
constexpr NamedClock named_clocks[] = {{"shared-load", &Clocks::shared_load},
                                       {"generic-shared-load", &Clocks::generic_shared_load},
                                       {"l1-load", &Clocks::l1_load},
                                       {"l2-load", &Clocks::l2_load},
                                       {"local-load", &Clocks::local_load},
                                       {"shuffle", &Clocks::shuffle},
                                       {"block-barrier", &Clocks::block_barrier},
                                       {"cluster-barrier", &Clocks::cluster_barrier},
                                       {"remote-store", &Clocks::remote_store},
                                       {"remote-bytes", &Clocks::remote_bytes},
                                       {"l2-bytes", &Clocks::l2_bytes},
                                       {"fence", &Clocks::fence},
                                       {"sleep", &Clocks::sleep},
                                       {"l1-kibibytes", &Clocks::l1_kibibytes}};

}  // namespace

void set_clock(Clocks& clocks, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  for (const NamedClock& named : named_clocks) {
    if (named.name != name || equals == std::string_view::npos) continue;
    const std::string_view text = assignment.substr(equals + 1);
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value <= 0.0) {
      throw UsageError("\"" + std::string(assignment) + "\" sets no number above zero");
    }
    clocks.*named.value = value;
    return;
  }
  throw UsageError("no clock of the model in \"" + std::string(assignment) +
                   "\"; --help lists them");
}

std::string describe(const Clocks& clocks) {
  std::string text;
  for (const NamedClock& named : named_clocks) {
    text += (text.empty() ? "" : ", ") + std::string(named.name) + "=" +
            std::to_string(static_cast<int>(clocks.*named.value));
  }
  return text;
}

}  // namespace polyak::model
