// A policy as other programs take it. Everything is inside: normalisation of observations and
// layers, the action's scale and offset; what a recurrent policy remembers comes in and goes out.
// The same policy gives the same bytes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "polyak/policy.hpp"

namespace polyak {

/// An ONNX model (https://onnx.ai) of opset 17, with inputs and outputs [batch, ...] of float32:
/// observation -> action. A recurrent one's further inputs are hidden, cell (of an LSTM),
/// previous_action and previous_reward [batch, 1]; next_hidden, next_cell and next_previous_action
/// are what its next step takes.
std::string onnx_model(const Policy& policy);

/// A Python file that needs torch alone and defines the module Policy: policy(observation) is the
/// action, or of a recurrent one policy(observation, state, previous_reward) action and next state.
std::string torch_module(const Policy& policy);

/// A C99 header that allocates nothing and calls nothing, with a function `prefix`_act; prefix: a C
/// identifier. It computes what Policy::act does, to the bit.
std::string c_header(const Policy& policy, const std::string& prefix);

/// The prefix for a header's file: its name up to the first point, as far as C allows.
std::string c_prefix(const std::filesystem::path& header);

/// Text from a policy's metadata for a comment or a quotation in another language: printable ASCII
/// without quotes, backslashes, asterisks and slashes; a question mark for all else.
std::string plain_text(std::string_view text);

}  // namespace polyak
