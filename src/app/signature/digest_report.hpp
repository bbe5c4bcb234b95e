// Digests, and whether they are what they should be, on the terminal and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <ostream>
#include <vector>

#include "trainer/signature/signature.hpp"

namespace polyak {

/// Digests beside those of a table.
class DigestReport {
 public:
  /// table: what they should be; none: nothing is compared.
  explicit DigestReport(const DigestTable* table) : table_(table) {}

  /// Prints a training's line.
  void add(const CaseSignature& signature, std::ostream& out);
  /// Prints the line of all together, and what to do about those that differ.
  void finish(std::ostream& out) const;

  /// Whether all that ran are in the table and as they are there.
  bool is_as_expected() const;
  const std::vector<CaseSignature>& signatures() const { return signatures_; }
  nlohmann::ordered_json json() const;

 private:
  /// In words; empty where nothing is compared.
  std::string verdict(const CaseSignature& signature) const;

  const DigestTable* table_;
  std::vector<CaseSignature> signatures_;
};

/// Names and contents of all trainings.
void print_training_list(std::ostream& out);
nlohmann::ordered_json training_list_json();

}  // namespace polyak
