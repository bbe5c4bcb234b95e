// How long this program has been running.
#pragma once

namespace polyak {

/// Seconds since the program was loaded, its libraries not counted. Not the age of the process,
/// which a shell may have begun: `./run` builds in the process that then becomes this program.
double seconds_since_program_start();

}  // namespace polyak
