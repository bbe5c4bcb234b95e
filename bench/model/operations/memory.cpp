// Loads, stores and atomic operations.
#include <algorithm>
#include <cstring>

#include "model/operation.hpp"
#include "model/operations/modifiers.hpp"

namespace polyak::model {
namespace {

int take_width(Modifiers& modifiers) {
  if (modifiers.take("U8")) return 1;
  if (modifiers.take("64")) return 8;
  if (modifiers.take("128")) return 16;
  return 4;
}

/// Registers from memory or to memory: of a byte, or of words.
void load_lane(Warp& warp, int index, std::size_t lane, const std::uint8_t* from, int bytes) {
  if (index == zero_register) return;
  if (bytes == 1) {
    warp.vector_register(index)[lane] = *from;
    return;
  }
  for (int i = 0; i < bytes / 4; ++i) {
    std::memcpy(&warp.vector_register(index + i)[lane], from + 4 * i, 4);
  }
}
void store_lane(const Warp& warp, int index, std::size_t lane, std::uint8_t* to, int bytes) {
  const int step = index == zero_register ? 0 : 1;
  if (bytes == 1) {
    *to = static_cast<std::uint8_t>(warp.vector_register(index)[lane]);
    return;
  }
  for (int i = 0; i < bytes / 4; ++i) {
    std::memcpy(to + 4 * i, &warp.vector_register(index + step * i)[lane], 4);
  }
}

/// Generic addresses of what an instruction for shared memory means: its block's own.
void to_generic(const Warp& warp, Mask mask, WideLanes& addresses) {
  for_each_lane(mask, [&](std::size_t lane) {
    std::uint64_t& address = addresses[lane];
    address |= shared_window;
    if (!is_shared(address) || rank_of(address) != warp.block) {
      throw ModelError("an address outside the block's shared memory");
    }
  });
}

Operation bind_access(const Instruction& instruction) {
  const std::string& name = instruction.operation;
  const bool stores = name.starts_with("ST"), in_shared = name.ends_with("S");
  Modifiers modifiers(instruction);
  const int bytes = take_width(modifiers);
  modifiers.ignore({"E", "STRONG", "CONSTANT", "GPU", "SYS", "LU"});
  modifiers.expect_none();
  expect_operands(instruction, 2);
  const Operand address = instruction.operands[stores ? 0 : 1];
  const int data = instruction.operands[stores ? 1 : 0].index;
  return {Pipe::memory, [=](Execution& e) {
            WideLanes addresses = e.warp.addresses(address);
            if (in_shared) to_generic(e.warp, e.mask, addresses);
            for_each_lane(e.mask, [&](std::size_t lane) {
              std::uint8_t* const place = e.memory.locate(
                  addresses[lane], static_cast<std::size_t>(bytes), e.warp.first_block);
              if (stores) {
                store_lane(e.warp, data, lane, place, bytes);
              } else {
                load_lane(e.warp, data, lane, place, bytes);
              }
            });
            e.effect = {stores ? EffectKind::store : EffectKind::load, bytes, e.mask, addresses};
          }};
}

/// In the thread's own memory, which is counted from its start.
Operation bind_local_access(const Instruction& instruction) {
  const bool stores = instruction.operation == "STL";
  Modifiers modifiers(instruction);
  const int bytes = take_width(modifiers);
  modifiers.ignore({"LU"});
  modifiers.expect_none();
  expect_operands(instruction, 2);
  const Operand address = instruction.operands[stores ? 0 : 1];
  const int data = instruction.operands[stores ? 1 : 0].index;
  return {Pipe::memory, [=](Execution& e) {
            const WideLanes addresses = e.warp.addresses(address);
            const std::size_t size = e.warp.local_memory.size() / warp_lanes;
            for_each_lane(e.mask, [&](std::size_t lane) {
              const std::uint64_t at = addresses[lane];
              if (at + static_cast<std::size_t>(bytes) > size) {
                throw ModelError("local memory ends before " + std::to_string(at));
              }
              std::uint8_t* const place = &e.warp.local_memory[lane * size + at];
              if (stores) {
                store_lane(e.warp, data, lane, place, bytes);
              } else {
                load_lane(e.warp, data, lane, place, bytes);
              }
            });
            e.effect = {stores ? EffectKind::local_store : EffectKind::local_load, bytes, e.mask,
                        addresses};
          }};
}

Operation bind_constant(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const int bytes = take_width(modifiers);
  modifiers.expect_none();
  expect_operands(instruction, 2);
  const int latency = instruction.operation == "LDC" ? 30 : 12;
  return {Pipe::none,
          [=, o = instruction.operands](Execution& e) {
            if (bytes == 8) return e.warp.write_wide(o[0], e.warp.wide_bits(o[1], e.mask), e.mask);
            if (bytes != 1) return e.warp.write(o[0], e.warp.bits(o[1], e.mask), e.mask);
            Operand word = o[1];
            const int shift = static_cast<int>(word.offset % 4) * 8;
            word.offset -= word.offset % 4;
            e.warp.write(
                o[0],
                map_lanes<std::uint32_t>([=](std::uint32_t value) { return value >> shift & 0xff; },
                                         e.warp.bits(word, e.mask)),
                e.mask);
          },
          latency};
}

/// Adds to 32 bits in memory, and gives what was there.
Operation bind_atomic_sum(const Instruction& instruction) {
  expect_operands(instruction, 4);
  return {Pipe::memory, [o = instruction.operands](Execution& e) {
            const WideLanes addresses = e.warp.addresses(o[2]);
            const Lanes values = e.warp.bits(o[3]);
            Lanes before{};
            for_each_lane(e.mask, [&](std::size_t lane) {
              std::uint8_t* const place = e.memory.locate(addresses[lane], 4, e.warp.first_block);
              std::memcpy(&before[lane], place, 4);
              const std::uint32_t after = before[lane] + values[lane];
              std::memcpy(place, &after, 4);
            });
            e.warp.write(o[1], before, e.mask);
            e.effect = {EffectKind::atomic, 4, e.mask, addresses};
          }};
}

/// The largest of a 64-bit integer in memory and the lanes' values, where nobody reads what was
/// there; or the sum of 32 bits.
Operation bind_atomic(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  if (instruction.operation == "ATOMG" && modifiers.take("ADD")) {
    modifiers.ignore({"E", "STRONG", "GPU"});
    modifiers.expect_none();
    return bind_atomic_sum(instruction);
  }
  const bool is_maximum = modifiers.take("MAX") && modifiers.take("S64");
  modifiers.ignore({"E", "STRONG", "GPU"});
  modifiers.expect_none();
  const std::size_t first = instruction.operation.starts_with("ATOM") ? 2 : 0;
  expect_operands(instruction, first + 2);
  const bool is_read = first > 0 && instruction.operands[1].index != zero_register;
  if (!is_maximum || is_read) throw ModelError("other than a maximum of 64 bits that nobody reads");
  return {Pipe::memory, [=, o = instruction.operands](Execution& e) {
            const WideLanes addresses = e.warp.addresses(o[first]);
            const WideLanes values = e.warp.wide_bits(o[first + 1]);
            for_each_lane(e.mask, [&](std::size_t lane) {
              std::uint8_t* const place = e.memory.locate(addresses[lane], 8);
              std::int64_t before = 0;
              std::memcpy(&before, place, 8);
              const std::int64_t after = std::max(before, static_cast<std::int64_t>(values[lane]));
              std::memcpy(place, &after, 8);
            });
            e.effect = {EffectKind::atomic, 8, e.mask, addresses};
          }};
}

/// Whether generic addresses, always of 64 bits, are in shared memory.
Operation bind_space_query(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  const bool about_shared = modifiers.take("E") && modifiers.take("S");
  modifiers.expect_none();
  expect_operands(instruction, 3);
  if (!about_shared) throw ModelError("a space other than shared memory");
  Operand address = instruction.operands[2];
  address.wide_base = true;
  return {Pipe::memory,
          [=, to = instruction.operands[0]](Execution& e) {
            e.warp.write_predicate(to, mask_lanes(is_shared, e.warp.addresses(address)), e.mask);
          },
          20};
}

Operation bind_fence(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  modifiers.ignore({"ALL", "SC", "GPU", "CTA", "SYS", "VIEW", "ASYNC", "S"});
  modifiers.expect_none();
  return {Pipe::none, [](Execution& e) { e.effect.kind = EffectKind::fence; }};
}

Operation bind_cache_control(const Instruction& instruction) {
  Modifiers modifiers(instruction);
  if (!modifiers.take("IVALL")) throw ModelError("other than the invalidation of all");
  modifiers.expect_none();
  return {Pipe::memory, [](Execution& e) { e.effect.kind = EffectKind::invalidate_cache; }};
}

}  // namespace

std::span<const NamedBinder> memory_operations() {
  static constexpr NamedBinder binders[] = {
      {"LD", bind_access},        {"LDG", bind_access},        {"LDS", bind_access},
      {"ST", bind_access},        {"STG", bind_access},        {"STS", bind_access},
      {"LDL", bind_local_access}, {"STL", bind_local_access},  {"LDC", bind_constant},
      {"ATOM", bind_atomic},      {"ATOMG", bind_atomic},      {"RED", bind_atomic},
      {"REDG", bind_atomic},      {"QSPC", bind_space_query},  {"MEMBAR", bind_fence},
      {"FENCE", bind_fence},      {"CCTL", bind_cache_control}};
  return binders;
}

}  // namespace polyak::model
