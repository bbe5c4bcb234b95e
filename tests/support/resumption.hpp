// Trainings that are saved on the way and go on elsewhere.
#pragma once

#include "trainer/signature/signature.hpp"

namespace polyak::test {

/// Runs a training to its end on `first` and saves it on the way, in the middle of a report.
/// Resumes it on `second`, runs that to the end, too, and reports as test failures in what it
/// differs: a bit of the state, of a policy, of a report.
void expect_same_when_resumed(const SignatureCase& training, const Execution& first,
                              const Execution& second);

}  // namespace polyak::test
