// The environments in double precision, written from Gymnasium's definitions.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "polyak/core/philox.hpp"

namespace polyak::oracle {

struct Outcome {
  std::vector<double> next;
  double reward;
  bool terminated;
};

class OracleEnvironment {
 public:
  virtual ~OracleEnvironment() = default;
  virtual std::vector<double> reset(const RandomBits& bits) const = 0;
  /// action: one value in the environment's units, not clipped beforehand.
  virtual Outcome step(const std::vector<double>& state, double action) const = 0;
  virtual std::vector<double> observe(const std::vector<double>& state) const = 0;
  /// The action that the normalised 1 stands for; the ranges are symmetric.
  virtual double action_bound() const = 0;
};

/// `parameters` as environment_parameter_values() gives them.
std::unique_ptr<OracleEnvironment> make_environment(std::string_view name,
                                                    const std::vector<float>& parameters);

/// Uniform in [low, high) from the upper 24 bits of a word.
double uniform(double low, double high, std::uint32_t word);

/// Box-Muller (1958): words x, y make the normal values 0 and 1 of a block, z, w make 2 and 3.
double standard_normal(const RandomBits& bits, int dimension);

}  // namespace polyak::oracle
