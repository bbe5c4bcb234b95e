// An ONNX model, node by node. The numbers of the messages' fields are those of
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/protobuf.hpp"

namespace polyak {

/// A node's attribute.
struct OnnxAttribute {
  std::string_view name;
  ProtobufMessage message;

  static OnnxAttribute integer(std::string_view name, std::int64_t value);
  static OnnxAttribute number(std::string_view name, float value);
};

/// Values are called by their names; all but constants are matrices [batch, columns] of float32,
/// with any batch.
class OnnxGraph {
 public:
  void add_input(const std::string& name, int columns);
  void add_output(const std::string& name, int columns);
  void add_constant(const std::string& name, std::span<const std::int64_t> shape,
                    std::span<const float> values);
  void add_constant(const std::string& name, std::span<const std::int64_t> values);

  /// A node of one output, whose name is returned.
  std::string add_node(std::string_view operation, const std::vector<std::string>& inputs,
                       const std::string& output,
                       const std::vector<OnnxAttribute>& attributes = {});
  void add_node(std::string_view operation, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs,
                const std::vector<OnnxAttribute>& attributes = {});

  /// A key and its value among the model's metadata.
  void add_metadata(const std::string& key, const std::string& value);

  /// The bytes of the model.
  std::string model(const std::string& name, const std::string& description) const;

 private:
  static ProtobufMessage matrix(const std::string& name, int columns);

  // The graph's fields in the order of its definition.
  ProtobufMessage nodes_, constants_, inputs_, outputs_;
  ProtobufMessage metadata_;
};

}  // namespace polyak
