#pragma once

// The types of PTX under the names that generated code uses, and their bits.

#include <bit>
#include <cstdint>

namespace polyak::emulator::ptx {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s8 = std::int8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;
using f32 = float;
using f64 = double;

inline f32 as_f32(u32 bits) { return std::bit_cast<f32>(bits); }
inline f64 as_f64(u64 bits) { return std::bit_cast<f64>(bits); }
inline u32 bits(f32 value) { return std::bit_cast<u32>(value); }
inline u64 bits(f64 value) { return std::bit_cast<u64>(value); }

}  // namespace polyak::emulator::ptx
