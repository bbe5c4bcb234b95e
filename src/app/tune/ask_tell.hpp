// Trials for an optimiser outside, by lines of JSON.
//
// It asks with a line on the standard input:
//   {"trials": [{"id": 1, "setting": {"tau": 0.01, "actor-hidden": [64, 64]}}, ...]}
// to train each setting with every seed from the beginning, or, for trials that go on,
//   {"continue": [1, 3]}
// and either may have "until", environment steps per agent, if they are not to be trained to their
// end; trials that do not go on are forgotten. It is told with a line on the standard output:
//   {"results": [{"id": 1, "status": "ok", "score": -151.2, "standard_error": 2.1, "worst": -160.0,
//                 "environment_steps": 10000}, ...]}
// in the order in which it asked; status is failed, and score null, where a value was not finite.
// What cannot be understood is answered by {"error": "WHY"}, and changes nothing. The end of the
// input is the end.
#pragma once

#include "app/process/interrupt.hpp"
#include "app/tune/tune_options.hpp"

namespace polyak {

/// Answers until the input ends; the exit code.
int ask_and_tell(const TuneOptions& options, const InterruptHandler& interrupt);

}  // namespace polyak
