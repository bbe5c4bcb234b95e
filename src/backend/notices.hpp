// What a back end does before it trains that takes seconds.
#pragma once

#include <functional>
#include <string>

namespace polyak {

/// From now on `listener` is called with each notice, a sentence without its full stop; by any
/// thread. Nobody listens at first, and to an empty function.
void listen_to_notices(std::function<void(const std::string&)> listener);

/// Tells who listens.
void give_notice(const std::string& notice);

}  // namespace polyak
