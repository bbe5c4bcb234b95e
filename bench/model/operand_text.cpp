#include "model/operand_text.hpp"

#include <bit>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <optional>

namespace polyak::model {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string without(std::string_view text, std::string_view part) {
  std::string result(text);
  for (auto at = result.find(part); at != std::string::npos; at = result.find(part)) {
    result.erase(at, part.size());
  }
  return result;
}

/// "R12" with the letter R: 12; "RZ": the register that is zero.
std::optional<int> numbered(std::string_view text, std::string_view letters, char special,
                            int special_number) {
  if (!take_prefix(text, letters) || text.empty()) return std::nullopt;
  if (text.size() == 1 && text[0] == special) return special_number;
  int number = 0;
  for (const char digit : text) {
    if (std::isdigit(static_cast<unsigned char>(digit)) == 0) return std::nullopt;
    number = 10 * number + (digit - '0');
  }
  return number;
}

std::int64_t hexadecimal(std::string_view text) {
  return std::strtoll(std::string(text).c_str(), nullptr, 16);
}

/// The sum inside the brackets of an address: "R10.64+0x248", "R3+UR5+0x10", "R1+-0x8", "0x28".
void parse_sum(std::string_view text, Operand& operand) {
  while (!text.empty()) {
    const std::size_t plus = text.find('+');
    std::string_view term = text.substr(0, plus);
    text = plus == std::string_view::npos ? "" : text.substr(plus + 1);
    if (term.ends_with(".64")) {
      operand.wide_base = true;
      term.remove_suffix(3);
    }
    if (const auto uniform = numbered(term, "UR", 'Z', zero_uniform_register)) {
      operand.uniform_base = *uniform;
    } else if (const auto vector = numbered(term, "R", 'Z', zero_register)) {
      operand.vector_base = *vector;
    } else if (term.find("0x") != std::string_view::npos) {
      operand.offset += hexadecimal(term);
    } else {
      throw ModelError("no address that the model knows: " + std::string(term));
    }
  }
}

std::string_view inside_last_brackets(std::string_view text) {
  const std::size_t open = text.rfind('['), close = text.rfind(']');
  return text.substr(open + 1, close - open - 1);
}

bool parse_bracketed(std::string_view text, Operand& operand) {
  if (text.starts_with("c[")) {
    operand.kind = OperandKind::constant;
    operand.bank = static_cast<int>(hexadecimal(text.substr(2)));
  } else if (text.starts_with("[") || text.starts_with("desc[")) {
    operand.kind = OperandKind::address;
  } else {
    return false;
  }
  parse_sum(inside_last_brackets(text), operand);
  return true;
}

bool parse_register(std::string_view text, Operand& operand) {
  struct Kind {
    std::string_view letters;
    char special;
    int special_number;
    OperandKind kind;
  };
  static constexpr Kind kinds[] = {
      {"UR", 'Z', zero_uniform_register, OperandKind::uniform_register},
      {"R", 'Z', zero_register, OperandKind::vector_register},
      {"UP", 'T', true_predicate, OperandKind::uniform_predicate},
      {"P", 'T', true_predicate, OperandKind::predicate},
      {"B", 'Z', 0, OperandKind::convergence_barrier}};
  for (const Kind& kind : kinds) {
    if (const auto index = numbered(text, kind.letters, kind.special, kind.special_number)) {
      operand.kind = kind.kind;
      operand.index = *index;
      return true;
    }
  }
  // "SB0" is a scoreboard.
  if (text == "PR" || text.starts_with("SR") || text.starts_with("SB")) {
    operand.kind = OperandKind::special_register;
    operand.name = text;
    return true;
  }
  return false;
}

bool parse_number(std::string_view text, Operand& operand) {
  operand.kind = OperandKind::immediate;
  if (text.find("0x") != std::string_view::npos) {
    operand.bits = static_cast<std::uint32_t>(hexadecimal(text));
    return true;
  }
  const double sign = text.starts_with('-') ? -1.0 : 1.0;
  if (text.ends_with("INF")) {
    operand.number = sign * std::numeric_limits<double>::infinity();
  } else if (text.ends_with("QNAN")) {
    operand.number = std::numeric_limits<double>::quiet_NaN();
  } else {
    const std::string number(text);
    char* end = nullptr;
    operand.number = std::strtod(number.c_str(), &end);
    if (end == number.c_str() || *end != '\0') return false;
  }
  operand.bits = std::bit_cast<std::uint32_t>(static_cast<float>(operand.number));
  return true;
}

bool parse_label(std::string_view text, Operand& operand) {
  if (!text.starts_with("`(") || !text.ends_with(")")) return false;
  operand.kind = OperandKind::label;
  operand.name = text.substr(2, text.size() - 3);
  return true;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string_view> split_operands(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  const auto end_at = [&](std::size_t end) {
    const std::string_view part = trimmed(text.substr(begin, end - begin));
    if (!part.empty()) parts.push_back(part);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '(') ++depth;
    if (text[i] == ']' || text[i] == ')') --depth;
    const bool begins_label = text[i] == '`';  // before which there may be no comma
    if ((text[i] != ',' && !begins_label) || depth > 0) continue;
    end_at(i);
    begin = begins_label ? i : i + 1;
  }
  end_at(text.size());
  return parts;
}

Operand parse_operand(std::string_view text) {
  Operand operand;
  const std::string without_hint = without(trimmed(text), ".reuse");
  std::string_view rest = without_hint;
  if (parse_label(rest, operand)) return operand;
  const bool has_brackets = rest.find('[') != std::string_view::npos;
  if (!has_brackets && parse_number(rest, operand)) return operand;
  operand = {};
  if (take_prefix(rest, "!") || take_prefix(rest, "~")) operand.complemented = true;
  if (take_prefix(rest, "-")) operand.negated = true;
  if (rest.starts_with('|') && rest.ends_with('|')) {
    operand.absolute = true;
    rest = rest.substr(1, rest.size() - 2);
  }
  if (parse_bracketed(rest, operand) || parse_register(rest, operand)) return operand;
  throw ModelError("no operand that the model knows: " + std::string(text));
}

}  // namespace polyak::model
