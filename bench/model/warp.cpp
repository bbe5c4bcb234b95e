#include "model/warp.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace polyak::model {
namespace {

/// Registers of the hardware start with anything; this shows where it is used.
constexpr std::uint32_t unset_register = 0xcdcdcdcd;
constexpr std::size_t local_bytes = 4096;  // of a thread

Lanes broadcast(std::uint32_t value) {
  Lanes lanes;
  lanes.fill(value);
  return lanes;
}

[[noreturn]] void refuse(const Operand& operand) {
  throw ModelError("an operand of a kind that the instruction does not take: " + operand.name);
}

}  // namespace

Warp::Warp(int warp_block, int warp_number, std::span<const std::uint8_t> constants,
           int cluster_first_block)
    : block(warp_block),
      number(warp_number),
      first_block(cluster_first_block),
      local_memory(warp_lanes * local_bytes),
      constants_(constants) {
  registers_.fill(broadcast(unset_register));
  registers_[zero_register].fill(0);
  predicates_[true_predicate] = all_lanes;
  uniform_predicates_[true_predicate] = true;
}

std::uint32_t Warp::constant(std::int64_t address) const {
  std::uint32_t value = 0;
  if (address < 0 || address + 4 > static_cast<std::int64_t>(constants_.size())) {
    throw ModelError("constant memory ends before " + std::to_string(address));
  }
  std::memcpy(&value, &constants_[static_cast<std::size_t>(address)], sizeof(value));
  return value;
}

Lanes Warp::base_of(const Operand& operand) const {
  Lanes base = broadcast(0);
  if (operand.vector_base >= 0) base = vector_register(operand.vector_base);
  if (operand.uniform_base >= 0) {
    const auto uniform = uniform_registers_[static_cast<std::size_t>(operand.uniform_base)];
    for (std::uint32_t& value : base) value += uniform;
  }
  return base;
}

Lanes Warp::bits(const Operand& operand, Mask lanes) const {
  switch (operand.kind) {
    case OperandKind::vector_register:
      return vector_register(operand.index);
    case OperandKind::uniform_register:
      return broadcast(uniform_registers_[static_cast<std::size_t>(operand.index)]);
    case OperandKind::immediate:
      return broadcast(operand.bits);
    case OperandKind::constant: {
      if (operand.bank != 0) throw ModelError("a constant bank other than 0");
      if (operand.vector_base < 0 && operand.uniform_base < 0) {
        return broadcast(constant(operand.offset));
      }
      const Lanes base = base_of(operand);
      Lanes values{};
      for_each_lane(lanes, [&](std::size_t lane) {
        values[lane] = constant(static_cast<std::int32_t>(base[lane]) + operand.offset);
      });
      return values;
    }
    default:
      refuse(operand);
  }
}

Lanes Warp::integers(const Operand& operand) const {
  Lanes values = bits(operand);
  if (operand.complemented) {
    for (std::uint32_t& value : values) value = ~value;
  }
  if (operand.negated) {
    for (std::uint32_t& value : values) value = 0u - value;
  }
  return values;
}

PerLane<float> Warp::floats(const Operand& operand) const {
  auto values = std::bit_cast<PerLane<float>>(bits(operand));
  if (operand.absolute) {
    for (float& value : values) value = std::fabs(value);
  }
  if (operand.negated) {
    for (float& value : values) value = -value;
  }
  return values;
}

WideLanes Warp::wide_bits(const Operand& operand, Mask lanes) const {
  const auto pair = [](std::uint32_t low, std::uint32_t high) {
    return static_cast<std::uint64_t>(high) << 32 | low;
  };
  Operand high = operand;
  switch (operand.kind) {
    case OperandKind::vector_register:
      if (operand.index != zero_register) high.index += 1;
      break;
    case OperandKind::uniform_register:
      if (operand.index != zero_uniform_register) high.index += 1;
      break;
    case OperandKind::constant:
      high.offset += 4;
      break;
    case OperandKind::immediate:  // 32 bits, extended by their sign
      return map_lanes<std::uint64_t>(
          [](std::uint32_t value) {
            return static_cast<std::uint64_t>(
                static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
          },
          bits(operand));
    default:
      refuse(operand);
  }
  return map_lanes<std::uint64_t>(pair, bits(operand, lanes), bits(high, lanes));
}

PerLane<double> Warp::doubles(const Operand& operand) const {
  PerLane<double> values;
  if (operand.kind == OperandKind::immediate) {
    values.fill(operand.number);
  } else {
    values = std::bit_cast<PerLane<double>>(wide_bits(operand));
  }
  for (double& value : values) {
    if (operand.absolute) value = std::fabs(value);
    if (operand.negated) value = -value;
  }
  return values;
}

Mask Warp::predicate(const Operand& operand) const {
  Mask values = 0;
  if (operand.kind == OperandKind::predicate) {
    values = predicate_register(operand.index);
  } else if (operand.kind == OperandKind::uniform_predicate) {
    values = uniform_predicates_[static_cast<std::size_t>(operand.index)] ? all_lanes : 0;
  } else {
    refuse(operand);
  }
  return operand.complemented ? ~values : values;
}

WideLanes Warp::addresses(const Operand& operand) const {
  if (operand.kind != OperandKind::address) refuse(operand);
  Operand high;
  high.kind = OperandKind::vector_register;
  high.index = zero_register;
  if (operand.wide_base && operand.vector_base != zero_register) {
    high.index = operand.vector_base + 1;
  }
  const auto offset = static_cast<std::uint64_t>(operand.offset);
  return map_lanes<std::uint64_t>(
      [&](std::uint32_t low_part, std::uint32_t high_part) {
        const std::uint64_t address =
            (static_cast<std::uint64_t>(high_part) << 32 | low_part) + offset;
        return operand.wide_base ? address : address & 0xffffffffu;
      },
      base_of(operand), bits(high));
}

void Warp::write_uniform(int index, std::uint32_t value) {
  if (index != zero_uniform_register) uniform_registers_[static_cast<std::size_t>(index)] = value;
}

void Warp::write(const Operand& to, const Lanes& values, Mask mask) {
  if (mask == 0) return;
  if (to.kind == OperandKind::uniform_register) {
    write_uniform(to.index, values[static_cast<std::size_t>(std::countr_zero(mask))]);
  } else if (to.kind != OperandKind::vector_register) {
    refuse(to);
  } else if (to.index == zero_register) {
    return;
  } else if (mask == all_lanes) {
    vector_register(to.index) = values;
  } else {
    Lanes& lanes = vector_register(to.index);
    for_each_lane(mask, [&](std::size_t lane) { lanes[lane] = values[lane]; });
  }
}

void Warp::write(const Operand& to, const PerLane<float>& values, Mask mask) {
  write(to, std::bit_cast<Lanes>(values), mask);
}

void Warp::write_wide(const Operand& to, const WideLanes& values, Mask mask) {
  write(to, map_lanes<std::uint32_t>([](auto v) { return static_cast<std::uint32_t>(v); }, values),
        mask);
  Operand high = to;
  const int nothing =
      to.kind == OperandKind::vector_register ? zero_register : zero_uniform_register;
  if (to.index != nothing) high.index += 1;
  write(
      high,
      map_lanes<std::uint32_t>([](auto v) { return static_cast<std::uint32_t>(v >> 32); }, values),
      mask);
}

void Warp::write_wide(const Operand& to, const PerLane<double>& values, Mask mask) {
  write_wide(to, std::bit_cast<WideLanes>(values), mask);
}

void Warp::set_predicate_register(int index, Mask values, Mask mask) {
  if (index == true_predicate) return;
  Mask& predicate = predicates_[static_cast<std::size_t>(index)];
  predicate = (predicate & ~mask) | (values & mask);
}

void Warp::write_predicate(const Operand& to, Mask values, Mask mask) {
  if (to.kind == OperandKind::predicate) {
    set_predicate_register(to.index, values, mask);
  } else if (to.kind != OperandKind::uniform_predicate) {
    refuse(to);
  } else if (to.index != true_predicate && mask != 0) {
    uniform_predicates_[static_cast<std::size_t>(to.index)] =
        (values >> std::countr_zero(mask) & 1) != 0;
  }
}

void Warp::go_to(Mask mask, std::uint32_t number_of_instruction) {
  if (together_ && mask == active) {
    current = number_of_instruction;
    return;
  }
  if (together_) at_.fill(current);
  together_ = false;
  for_each_lane(mask, [&](std::size_t lane) { at_[lane] = number_of_instruction; });
}

void Warp::exit(Mask mask) {
  exited |= mask;
  if (together_) at_.fill(current);
  together_ = false;
  runnable_ &= ~mask;
}

void Warp::block_at(Mask mask, Mask& waiting) {
  if (together_) at_.fill(current);
  together_ = false;
  waiting |= mask;
  runnable_ &= ~mask;
}

void Warp::release(Mask& waiting) {
  if (together_) at_.fill(current);
  together_ = false;
  for_each_lane(waiting, [&](std::size_t lane) { ++at_[lane]; });
  runnable_ |= waiting & ~exited;
  waiting = 0;
}

void Warp::choose() {
  if (together_) return;
  active = 0;
  if (runnable_ == 0) return;
  current = ~std::uint32_t{0};
  for_each_lane(runnable_, [&](std::size_t lane) { current = std::min(current, at_[lane]); });
  for_each_lane(runnable_, [&](std::size_t lane) {
    if (at_[lane] == current) active |= Mask{1} << lane;
  });
  // With threads that wait elsewhere the places of all must be kept.
  together_ = active == all_lanes;
}

}  // namespace polyak::model
