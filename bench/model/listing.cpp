#include "model/listing.hpp"

#include <algorithm>
#include <istream>
#include <map>
#include <optional>

#include "model/operand_text.hpp"

namespace polyak::model {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

Control control_of(std::uint64_t high_word) {
  const auto field = [&](int shift, int bits) {
    return static_cast<int>(high_word >> shift & ((1u << bits) - 1));
  };
  return {field(41, 4), field(46, 3), field(49, 3), static_cast<std::uint32_t>(field(52, 6))};
}

/// The word of "/* 0x0123456789abcdef */", if the line has one.
std::optional<std::uint64_t> encoded_word(std::string_view line) {
  const std::size_t at = line.rfind("/* 0x");
  if (at == std::string_view::npos) return std::nullopt;
  return std::stoull(std::string(line.substr(at + 3, 18)), nullptr, 16);
}

/// `//## File "FILE", line N` and perhaps ` inlined at "FILE", line N`, which the next line
/// repeats.
std::optional<SourceLine> source_line(std::string_view line) {
  const std::size_t begin = line.find("//## File \"");
  if (begin == std::string_view::npos) return std::nullopt;
  line.remove_prefix(begin + 11);
  const std::size_t quote = line.find('"'), number = line.find("line ");
  return SourceLine{std::string(line.substr(0, quote)),
                    std::atoi(std::string(line.substr(number + 5)).c_str())};
}

class ListingReader {
 public:
  explicit ListingReader(std::istream& listing) : listing_(listing) {}

  Program read(const std::vector<std::string>& parts) {
    const std::string section = ".text.";
    std::string line;
    while (next(line)) {
      if (!line.starts_with(section) || !line.ends_with(":")) continue;
      const std::string name = line.substr(section.size(), line.size() - section.size() - 1);
      const bool wanted = std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
        return name.find(part) != std::string::npos;
      });
      if (wanted) return read_section(name);
    }
    std::string wanted;
    for (const std::string& part : parts) wanted += " " + part;
    throw NoKernel("the listing has no kernel whose name contains:" + wanted);
  }

 private:
  bool next(std::string& line) {
    ++line_number_;
    if (!std::getline(listing_, line)) return false;
    line = trimmed(line);
    return true;
  }

  Program read_section(const std::string& name) {
    program_.name = name;
    labels_[name] = 0;
    program_.sources.emplace_back();
    std::string line;
    while (next(line) && !line.starts_with(".section")) {
      try {
        read_line(line);
      } catch (const std::exception& error) {
        throw UsageError("line " + std::to_string(line_number_) +
                         " of the listing: " + error.what());
      }
    }
    for (Instruction& instruction : program_.instructions) resolve(instruction);
    return std::move(program_);
  }

  void read_line(const std::string& line) {
    if (const auto source = source_line(line)) {
      if (!in_source_) stack_.clear();
      in_source_ = true;
      stack_.push_back(*source);
    } else if (line.starts_with("/*")) {
      read_instruction(line);
    } else if (line.ends_with(":")) {
      in_source_ = false;
      labels_[line.substr(0, line.size() - 1)] =
          static_cast<std::uint32_t>(program_.instructions.size());
    }
  }

  void read_instruction(const std::string& line) {
    if (in_source_ && stack_ != program_.sources.back()) program_.sources.push_back(stack_);
    in_source_ = false;
    const std::size_t comment_end = line.find("*/");
    const auto address = std::stoul(line.substr(2, comment_end - 2), nullptr, 16);
    if (address != program_.instructions.size() * instruction_bytes) {
      throw ModelError("instructions are not one after the other");
    }
    std::string second_line;
    next(second_line);
    const auto low = encoded_word(line), high = encoded_word(second_line);
    if (!low || !high) throw ModelError("no encoding; use nvdisasm -hex");
    const std::size_t end = line.find(';');
    Instruction instruction =
        parse_instruction(line.substr(comment_end + 2, end - comment_end - 2), *low, *high);
    instruction.number = static_cast<std::uint32_t>(program_.instructions.size());
    instruction.source = static_cast<int>(program_.sources.size()) - 1;
    program_.instructions.push_back(std::move(instruction));
  }

  void resolve(Instruction& instruction) const {
    for (Operand& operand : instruction.operands) {
      if (operand.kind != OperandKind::label) continue;
      const auto label = labels_.find(operand.name);
      if (label == labels_.end()) throw UsageError("the listing has no label " + operand.name);
      operand.target = label->second;
    }
  }

  std::istream& listing_;
  std::int64_t line_number_ = 0;
  Program program_;
  std::map<std::string, std::uint32_t> labels_;
  SourceStack stack_;
  bool in_source_ = false;
};

}  // namespace

Instruction parse_instruction(std::string_view text, std::uint64_t low_word,
                              std::uint64_t high_word) {
  Instruction instruction{};
  text = trimmed(text);
  instruction.text = text;
  instruction.control = control_of(high_word);
  instruction.immediate_bits = static_cast<std::uint32_t>(low_word >> 32);
  instruction.guard = parse_operand("PT");
  if (text.starts_with('@')) {
    const std::size_t space = text.find(' ');
    instruction.guard = parse_operand(text.substr(1, space - 1));
    text = trimmed(text.substr(space));
  }
  const std::size_t space = text.find(' ');
  std::vector<std::string> names = split(text.substr(0, space), '.');
  instruction.operation = names.front();
  instruction.modifiers.assign(names.begin() + 1, names.end());
  if (space == std::string_view::npos) return instruction;
  for (const std::string_view operand : split_operands(text.substr(space))) {
    instruction.operands.push_back(parse_operand(operand));
  }
  return instruction;
}

Program read_listing(std::istream& listing, const std::vector<std::string>& parts) {
  return ListingReader(listing).read(parts);
}

}  // namespace polyak::model
