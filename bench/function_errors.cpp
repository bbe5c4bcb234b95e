// The largest errors of the elementary functions (polyak/core/elementary_functions.hpp), over every
// float32 of their domains, against the C library in double precision.
//   cmake --build build/release --target polyak_function_errors &&
//   build/release/bench/polyak_function_errors
// Some minutes. tests/core/elementary_functions_test.cpp holds a sample, and the floats found here,
// to the same bounds.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <thread>
#include <vector>

#include "polyak/core/elementary_functions.hpp"

namespace polyak {
namespace {

constexpr float largest = std::numeric_limits<float>::max();

struct Function {
  const char* name;
  float (*function)(float);
  double (*exact)(double);
  float from, to;
};

const Function functions[] = {
    {"tanh", hyperbolic_tangent<float>, std::tanh, -largest, largest},
    {"expm1", exponential_minus_one<float>, std::expm1, -largest, 87.0f},
    {"logistic", logistic<float>, [](double x) { return 1.0 / (1.0 + std::exp(-x)); }, -87.0f,
     largest},
    {"log", logarithm, std::log, std::numeric_limits<float>::min(), largest},
    {"sin", sine, std::sin, -largest, largest},
    {"cos", cosine, std::cos, -largest, largest},
};

struct Error {
  double ulp = 0.0;
  float at = 0.0f;
};

/// In units of the distance of two floats at the exact result.
double error_in_ulp(float result, double exact) {
  if (exact == 0.0) return result == 0.0f ? 0.0 : std::numeric_limits<double>::infinity();
  const int exponent = std::max(std::ilogb(exact), -126);
  return std::abs(static_cast<double>(result) - exact) / std::ldexp(1.0, exponent - 23);
}

/// Over the floats whose bits are in [begin, end).
Error largest_error(const Function& f, std::uint64_t begin, std::uint64_t end) {
  Error worst;
  for (std::uint64_t bits = begin; bits < end; ++bits) {
    const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (!(x >= f.from && x <= f.to)) continue;
    const double error = error_in_ulp(f.function(x), f.exact(static_cast<double>(x)));
    if (!(error <= worst.ulp)) worst = {error, x};
  }
  return worst;
}

Error largest_error(const Function& f) {
  const std::uint64_t threads = std::max(1u, std::thread::hardware_concurrency());
  const std::uint64_t share = (std::uint64_t{1} << 32) / threads + 1;
  std::vector<Error> errors(threads);
  std::vector<std::thread> workers;
  for (std::uint64_t i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      const std::uint64_t end = std::min((i + 1) * share, std::uint64_t{1} << 32);
      errors[i] = largest_error(f, i * share, end);
    });
  }
  for (std::thread& worker : workers) worker.join();
  return *std::max_element(errors.begin(), errors.end(),
                           [](const Error& a, const Error& b) { return a.ulp < b.ulp; });
}

}  // namespace
}  // namespace polyak

int main() {
  std::puts("| function | largest error (ulp) | at |\n|---|---|---|");
  for (const polyak::Function& f : polyak::functions) {
    const polyak::Error error = polyak::largest_error(f);
    std::printf("| %s | %.3f | %a |\n", f.name, error.ulp, static_cast<double>(error.at));
    std::fflush(stdout);
  }
}
