// What holds for the whole process, whatever it was started from.
#pragma once

#include <string_view>

namespace polyak {

/// What is said where memory ends.
inline constexpr std::string_view out_of_memory = "not enough memory for this request";

/// Call it first. Standard descriptors that the caller has closed are opened, so that no data file
/// gets their numbers and console text inside; reading from them ends at once and writing to them
/// fails. A console or reader that is gone, or a file size limit, makes a write fail instead of
/// ending the process. Memory that ends where nothing can be thrown (the destructor of a JSON value
/// allocates) is a failure of the run like any other, not a signal.
void set_up_process();

}  // namespace polyak
