// The command line: polyak COMMAND [OPTIONS].
#pragma once

namespace polyak {

/// Does what the words of the command line say. Returns the process's exit code; every error has
/// become one line and a code.
int run_command_line(int argc, char** argv);

}  // namespace polyak
