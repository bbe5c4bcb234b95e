#include "trainer/replay_transfer.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "agent/agent.hpp"
#include "config/derived.hpp"

namespace polyak {
namespace {

constexpr std::int64_t piece_floats = std::int64_t{4} << 20;  // 16 MiB

/// A part of a ring that is in use, within a piece.
struct UsedPart {
  std::int64_t begin, end;  // floats from the piece's first
};

/// Calls visit(first, floats, parts) for pieces of the replay that together have all rows in use:
/// whole rings, or a part of one where a ring is larger than a piece. A device is asked for few
/// large pieces rather than for many small ones.
template <class Visitor>
void visit_pieces(const ReplayRows& rows, const Visitor& visit) {
  const std::int64_t ring = rows.rows_per_ring * rows.row_floats;
  const auto rings = static_cast<std::int64_t>(rows.used.size());
  std::vector<UsedPart> parts;
  for (std::int64_t first = 0; first < rings;) {
    const std::int64_t count = std::clamp<std::int64_t>(piece_floats / ring, 1, rings - first);
    parts.clear();
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t used = rows.used[static_cast<std::size_t>(first + i)] * rows.row_floats;
      parts.push_back({i * ring, i * ring + used});
    }
    if (ring <= piece_floats) {
      visit(first * ring, count * ring, parts);
    } else {
      for (std::int64_t begin = 0, used = parts[0].end; begin < used; begin += piece_floats) {
        const std::int64_t floats = std::min(piece_floats, used - begin);
        visit(first * ring + begin, floats, std::vector<UsedPart>{{0, floats}});
      }
    }
    first += count;
  }
}

}  // namespace

std::int64_t ReplayRows::total() const {
  return std::accumulate(used.begin(), used.end(), std::int64_t{0});
}

ReplayRows written_rows(const Config& config, std::span<const std::int64_t> rows_written) {
  ReplayRows rows{row_layout(config).floats(), derive(config).rows_per_environment, {}};
  for (const std::int64_t written : rows_written) {
    rows.used.push_back(std::min(written, rows.rows_per_ring));
  }
  return rows;
}

void write_rows(const ReplayRows& rows, Backend& backend, TensorFileWriter& file) {
  std::vector<float> piece;
  visit_pieces(rows, [&](std::int64_t first, std::int64_t floats, const auto& parts) {
    piece.resize(static_cast<std::size_t>(floats));
    backend.read_rows(first, piece);
    for (const UsedPart& part : parts) {
      file.append(std::span<const float>(piece).subspan(
          static_cast<std::size_t>(part.begin), static_cast<std::size_t>(part.end - part.begin)));
    }
  });
}

void read_rows(const ReplayRows& rows, const TensorFileReader& file, std::string_view tensor,
               Backend& backend) {
  std::vector<float> piece;
  std::int64_t position = 0;
  visit_pieces(rows, [&](std::int64_t first, std::int64_t floats, const auto& parts) {
    piece.assign(static_cast<std::size_t>(floats), 0.0f);
    for (const UsedPart& part : parts) {
      file.read(tensor, position,
                std::span(piece).subspan(static_cast<std::size_t>(part.begin),
                                         static_cast<std::size_t>(part.end - part.begin)));
      position += part.end - part.begin;
    }
    backend.write_rows(first, piece);
  });
}

}  // namespace polyak
