// What TensorBoard reads: records of events, as TensorFlow writes them. The framing is that of
// TFRecord files (tensorflow/core/lib/io/record_writer.h), the events are protocol buffers
// (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/evaluations_table.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// The Castagnoli CRC of `bytes` (RFC 3720, appendix B.4).
std::uint32_t crc32c(std::string_view bytes);

struct Scalar {
  std::string tag;
  double value;
};

/// Of a report: every agent's metrics as "mean_return/agent_3", of several agents the quartiles as
/// "mean_return/quartile_1", "mean_return/median", "mean_return/quartile_3", and the throughput of
/// all. Values that there are none of are left out.
std::vector<Scalar> scalars_of(const Report& report);

/// Of an evaluation, at least one row: "evaluation_mean_return/agent_3" and so on, with the
/// quartiles likewise.
std::vector<Scalar> scalars_of(std::span<const EvaluationRow> rows);

/// The record that every file of events begins with. wall_time: seconds since 1970.
std::string version_record(double wall_time);

/// The record that a training which goes on begins with: whatever other files in the directory have
/// from `step` on was never.
std::string restart_record(double wall_time, std::int64_t step);

/// A record of values at one step.
std::string scalars_record(double wall_time, std::int64_t step, std::span<const Scalar> scalars);

}  // namespace polyak
