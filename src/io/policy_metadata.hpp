// The metadata of a policy file, for its reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors.hpp"
#include "polyak/policy.hpp"

namespace polyak {

/// Every refusal is a UsageError in one line that begins with the file's name. Refers to both
/// arguments of its constructor.
class PolicyMetadata {
 public:
  PolicyMetadata(const Safetensors& file, const std::string& name) : file_(file), name_(name) {}

  [[noreturn]] void refuse(const std::string& why) const;

  bool has(const std::string& key) const { return file_.metadata.contains(key); }
  std::string text(const std::string& key) const;
  float number(const std::string& key) const { return number_in(key, text(key)); }
  /// `what`: whose dimensions they are for.
  std::vector<float> numbers(const std::string& key, const std::string& what, int count) const;

  /// Whether `bytes`, the whole file, are those of a policy, of a version that is known, undamaged.
  /// Returns the version.
  std::string checked_version(std::string_view bytes) const;

  /// The environment's name and parameters. Of an environment that is registered the parameters
  /// must be its own; of any other they are taken as they are.
  void read_environment(Policy& policy) const;

  /// What is told of the training.
  void read_training(Policy& policy) const;

 private:
  float number_in(const std::string& key, const std::string& text) const;
  void refuse_unknown_keys() const;

  const Safetensors& file_;
  const std::string& name_;
};

}  // namespace polyak
