// Gradients by finite differences.
#pragma once

namespace polyak::test {

/// d loss / d x, from a step `h` to either side; loss() sees x where it is.
template <class Loss>
double central_difference(double& x, double h, const Loss& loss) {
  const double original = x;
  x = original + h;
  const double above = loss();
  x = original - h;
  const double below = loss();
  x = original;
  return (above - below) / (2.0 * h);
}

/// The same with an error of order h^4 instead of h^2 (Richardson's extrapolation).
template <class Loss>
double extrapolated_difference(double& x, double h, const Loss& loss) {
  return (4.0 * central_difference(x, h / 2.0, loss) - central_difference(x, h, loss)) / 3.0;
}

}  // namespace polyak::test
