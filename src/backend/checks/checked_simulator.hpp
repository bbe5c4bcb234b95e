// What every simulator promises, whatever device it runs on.
#pragma once

#include <memory>

#include "backend/backend.hpp"

namespace polyak {

/// `simulator` behind checks: RunError before it starts if the host has too little memory for the
/// results, and after it has finished if one of them is not finite.
std::unique_ptr<Simulator> make_checked(std::unique_ptr<Simulator> simulator,
                                        const SimulatorConfig& config);

}  // namespace polyak
