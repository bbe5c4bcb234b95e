#include "backend/cpu/batch_shape.hpp"

#include <algorithm>

#include "config/derived.hpp"

namespace polyak::cpu {

BatchShape BatchShape::rows(std::ptrdiff_t count) {
  const std::ptrdiff_t columns = round_up(count, lanes);
  const std::ptrdiff_t chunks = cpu::chunk_count(columns);
  return {count, 1, chunks, chunk_columns, chunks * chunk_columns - columns};
}

BatchShape BatchShape::joint_rows(std::ptrdiff_t count) {
  return {count, 1, 1, round_up(count, lanes), 0};
}

BatchShape BatchShape::sequences(std::ptrdiff_t count, std::ptrdiff_t steps) {
  const std::ptrdiff_t groups = (count + group_width - 1) / group_width;
  return {count, steps, groups, round_up(steps * group_width, chunk_columns), 0};
}

Chunk BatchShape::chunk(std::ptrdiff_t index) const {
  const std::ptrdiff_t begin = index * chunk_width_;
  return {begin, std::min(chunk_width_, columns() - begin)};
}

std::ptrdiff_t BatchShape::column(std::ptrdiff_t sequence, std::ptrdiff_t step) const {
  if (steps_ == 1) return sequence;
  return sequence / group_width * chunk_width_ + step * group_width + sequence % group_width;
}

std::ptrdiff_t BatchShape::row(std::ptrdiff_t column) const {
  if (steps_ == 1) return column;
  const std::ptrdiff_t within = column % chunk_width_;
  const std::ptrdiff_t sequence = column / chunk_width_ * group_width + within % group_width;
  return within / group_width * count_ + sequence;
}

BatchShape batch_shape(const Config& config) {
  if (config.batch_norm) return BatchShape::joint_rows(config.batch_size);
  if (!is_recurrent(config)) return BatchShape::rows(config.batch_size);
  return BatchShape::sequences(config.batch_size, sequence_settings(config).steps());
}

}  // namespace polyak::cpu
