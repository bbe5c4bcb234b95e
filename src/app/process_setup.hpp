// What holds for the whole process, whatever it was started from.
#pragma once

namespace polyak {

/// Call it first. Standard descriptors that the caller has closed are opened, so that no data file
/// gets their numbers and console text inside; reading from them ends at once and writing to them
/// fails. A console or reader that is gone, or a file size limit, makes a write fail instead of
/// ending the process.
void set_up_process();

}  // namespace polyak
