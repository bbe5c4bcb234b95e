#include "app/signature/digest_report.hpp"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>

#include "io/config_text.hpp"

namespace polyak {
namespace {

constexpr std::string_view as_expected = "as expected";
constexpr std::string_view is_another = "differs";
constexpr int name_width = 30;

void print_line(std::ostream& out, const std::string& name, const std::string& text,
                const std::string& verdict) {
  out << std::left << std::setw(name_width) << name << text
      << (verdict.empty() ? "" : "  " + verdict) << '\n'
      << std::flush;
}

}  // namespace

std::string DigestReport::verdict(const CaseSignature& signature) const {
  if (table_ == nullptr || signature.digest.empty()) return {};
  const auto expected = table_->find(signature.name);
  if (expected == table_->end()) return "is not in the table";
  return std::string(expected->second == signature.digest ? as_expected : is_another);
}

void DigestReport::add(const CaseSignature& signature, std::ostream& out) {
  if (signatures_.empty() && !signature.device.empty()) out << signature.device << '\n';
  signatures_.push_back(signature);
  const std::string text = signature.digest.empty()
                               ? "not for this engine: --" + signature.missing_option
                               : signature.digest;
  print_line(out, signature.name, text, verdict(signature));
}

void DigestReport::finish(std::ostream& out) const {
  const CombinedSignature all = combine(signatures_);
  const bool compared = table_ != nullptr && all.trainings > 0;
  print_line(out, "all " + std::to_string(all.trainings) + " that ran", all.digest,
             compared ? std::string(is_as_expected() ? as_expected : is_another) : "");
  const auto first = std::find_if(
      signatures_.begin(), signatures_.end(),
      [this](const CaseSignature& signature) { return verdict(signature) == is_another; });
  if (first == signatures_.end()) return;
  out << "Where they part: polyak signature --trace " << first->name
      << " --output FILE on one machine,\nthe same with --against FILE on the other\n";
}

bool DigestReport::is_as_expected() const {
  return std::all_of(signatures_.begin(), signatures_.end(),
                     [this](const CaseSignature& signature) {
                       return signature.digest.empty() || verdict(signature) == as_expected;
                     });
}

nlohmann::ordered_json DigestReport::json() const {
  auto trainings = nlohmann::ordered_json::array();
  for (const CaseSignature& signature : signatures_) {
    nlohmann::ordered_json entry = {{"name", signature.name}};
    if (signature.digest.empty()) {
      entry["not_for_this_engine"] = signature.missing_option;
    } else {
      entry["device"] = signature.device;
      entry["digest"] = signature.digest;
    }
    if (table_ != nullptr && !signature.digest.empty()) {
      const auto expected = table_->find(signature.name);
      if (expected != table_->end()) entry["expected"] = expected->second;
      entry["as_expected"] = verdict(signature) == as_expected;
    }
    trainings.push_back(entry);
  }
  const CombinedSignature all = combine(signatures_);
  nlohmann::ordered_json json = {
      {"trainings", trainings}, {"ran", all.trainings}, {"digest", all.digest}};
  if (table_ != nullptr) json["as_expected"] = is_as_expected();
  return json;
}

void print_training_list(std::ostream& out) {
  for (const SignatureCase& training : signature_cases()) {
    print_line(out, training.name, training.content, "");
  }
}

nlohmann::ordered_json training_list_json() {
  auto trainings = nlohmann::ordered_json::array();
  for (const SignatureCase& training : signature_cases()) {
    trainings.push_back({{"name", training.name},
                         {"content", training.content},
                         {"configuration", config_to_json(training.config)}});
  }
  return trainings;
}

}  // namespace polyak
