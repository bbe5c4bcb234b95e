#pragma once

// All that generated code includes.

#include <bit>

#include "emulator/ptx/runtime/address_spaces.hpp"
#include "emulator/ptx/runtime/float_arithmetic.hpp"
#include "emulator/ptx/runtime/integer_arithmetic.hpp"
#include "emulator/ptx/runtime/operations.hpp"
#include "emulator/ptx/runtime/registry.hpp"
#include "emulator/ptx/runtime/transfers.hpp"
#include "emulator/ptx/runtime/values.hpp"
