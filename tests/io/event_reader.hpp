// Reads files of events by the formats' descriptions, and not by what writes them.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "io/event_records.hpp"

namespace polyak::test {

struct ReadEvent {
  double wall_time = 0.0;
  std::int64_t step = 0;
  std::string version;
  bool is_start = false;
  std::vector<std::pair<std::string, float>> values;  // by tag
};

/// One field of a protocol buffer: a number, and a varint, four or eight bytes or a text.
struct ProtocolField {
  unsigned number;
  std::uint64_t whole = 0;
  std::string_view bytes = {};
};

inline std::uint64_t read_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(0));
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
}

inline std::vector<ProtocolField> read_fields(std::string_view bytes) {
  std::vector<ProtocolField> fields;
  while (!bytes.empty()) {
    const std::uint64_t key = read_varint(bytes);
    ProtocolField field{static_cast<unsigned>(key >> 3)};
    std::size_t length = 0;
    switch (key & 7) {
      case 0:
        field.whole = read_varint(bytes);
        break;
      case 1:
        length = 8;
        break;
      case 2:
        length = read_varint(bytes);
        break;
      case 5:
        length = 4;
        break;
      default:
        throw std::runtime_error("an unknown kind of field");
    }
    if (length > bytes.size()) throw std::runtime_error("a field that is cut off");
    field.bytes = bytes.substr(0, length);
    bytes.remove_prefix(length);
    fields.push_back(field);
  }
  return fields;
}

template <class Number>
Number number_in(std::string_view bytes) {
  Number number;
  if (bytes.size() != sizeof number) throw std::runtime_error("a number of another size");
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

inline std::pair<std::string, float> read_value(std::string_view bytes) {
  std::pair<std::string, float> value;
  for (const ProtocolField& field : read_fields(bytes)) {
    if (field.number == 1) value.first = field.bytes;
    if (field.number == 2) value.second = number_in<float>(field.bytes);
  }
  return value;
}

inline ReadEvent read_event(std::string_view bytes) {
  ReadEvent event;
  for (const ProtocolField& field : read_fields(bytes)) {
    if (field.number == 1) event.wall_time = number_in<double>(field.bytes);
    if (field.number == 2) event.step = static_cast<std::int64_t>(field.whole);
    if (field.number == 3) event.version = field.bytes;
    if (field.number == 7) event.is_start = read_fields(field.bytes).at(0).whole == 1;
    if (field.number != 5) continue;
    for (const ProtocolField& value : read_fields(field.bytes)) {
      if (value.number == 1) event.values.push_back(read_value(value.bytes));
    }
  }
  return event;
}

/// Checks both checksums of every record; an exception for what is no whole record.
inline std::vector<ReadEvent> read_events(std::string_view bytes) {
  const auto take = [&bytes](std::size_t length) {
    if (length > bytes.size()) throw std::runtime_error("a record that is cut off");
    const std::string_view taken = bytes.substr(0, length);
    const std::uint32_t crc = crc32c(taken);
    const auto stored = number_in<std::uint32_t>(bytes.substr(length, 4));
    if (stored != ((crc >> 15 | crc << 17) + 0xa282ead8u)) throw std::runtime_error("a checksum");
    bytes.remove_prefix(length + 4);
    return taken;
  };
  std::vector<ReadEvent> events;
  while (!bytes.empty()) events.push_back(read_event(take(number_in<std::uint64_t>(take(8)))));
  return events;
}

/// What TensorBoard shows of several files in the order of their names: a START takes away what has
/// its step or a later one. By tag and step.
inline std::map<std::string, std::map<std::int64_t, float>> shown_events(
    const std::vector<std::string>& files) {
  std::map<std::string, std::map<std::int64_t, float>> shown;
  for (const std::string& file : files) {
    for (const ReadEvent& event : read_events(file)) {
      if (event.is_start) {
        for (auto& [tag, steps] : shown) steps.erase(steps.lower_bound(event.step), steps.end());
      }
      for (const auto& [tag, value] : event.values) {
        if (!shown[tag].emplace(event.step, value).second) {
          throw std::runtime_error(tag + " has step " + std::to_string(event.step) + " twice");
        }
      }
    }
  }
  return shown;
}

}  // namespace polyak::test
