// One instruction of sm_90's machine code, as a listing of nvdisasm has it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "polyak/core/error.hpp"

namespace polyak::model {

/// Code that the model cannot execute.
struct ModelError : RunError {
  using RunError::RunError;
};

enum class OperandKind {
  vector_register,
  uniform_register,
  predicate,
  uniform_predicate,
  immediate,
  constant,  // c[bank][address]
  address,   // [address], of any memory
  special_register,
  convergence_barrier,
  label,
  other
};

/// Registers and predicates that read as zero or true, and take no value.
inline constexpr int zero_register = 255, zero_uniform_register = 63, true_predicate = 7;

struct Operand {
  OperandKind kind = OperandKind::other;
  int index = 0;                                                 // of a register or predicate
  bool negated = false, absolute = false, complemented = false;  // -, |x|, and ~ or !
  std::uint32_t bits = 0;  // of an immediate; of a decimal one, as a float
  double number = 0.0;     // of a decimal immediate
  int bank = 0;            // of a constant
  // Of a constant or an address: vector register + uniform register + offset, where -1 is none.
  int vector_base = -1, uniform_base = -1;
  bool wide_base = false;  // the vector register is one of a pair
  std::int64_t offset = 0;
  std::uint32_t target = 0;  // of a label: the instruction's number
  std::string name;          // of a special register, a label, or what else there is
};

/// What the compiler tells the hardware about when an instruction may issue.
struct Control {
  int stall;                    // clocks until the next one of the same warp
  int write_barrier;            // scoreboard set until the result is there; 7: none
  int read_barrier;             // scoreboard set until the operands have been read; 7: none
  std::uint32_t waits_for = 0;  // scoreboards
};
inline constexpr int scoreboards = 6;

/// A line of source code.
struct SourceLine {
  std::string file;
  int line;
  bool operator==(const SourceLine&) const = default;
};

inline constexpr std::uint32_t instruction_bytes = 16;

struct Instruction {
  std::uint32_t number;  // of the kernel's: its address / instruction_bytes
  std::string text;
  std::string operation;               // FFMA
  std::vector<std::string> modifiers;  // of FFMA.FTZ: FTZ
  Operand guard;                       // a predicate
  std::vector<Operand> operands;
  std::uint32_t immediate_bits;  // where the encoding has one: bits 32 to 63
  Control control;
  int source;  // index into Program::sources
};

/// Where an instruction comes from: the line itself, then the line that it was inlined at, ...
using SourceStack = std::vector<SourceLine>;

/// One kernel, with the functions that it calls.
struct Program {
  std::string name;
  std::vector<Instruction> instructions;
  std::vector<SourceStack> sources;
};

}  // namespace polyak::model
