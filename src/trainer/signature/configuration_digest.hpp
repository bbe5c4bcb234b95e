// What tells trainings of the same name in different versions apart.
#pragma once

#include <string>

#include "trainer/signature/cases.hpp"

namespace polyak {

/// The digest of all options of a training: traces with another one are of another training.
std::string configuration_digest(const SignatureCase& training);

}  // namespace polyak
