#include "io/export/onnx_graph.hpp"

#include <bit>

namespace polyak {
namespace {

// Versions that every onnxruntime from 1.12 (2022) on takes: the first opset with
// LayerNormalization, and the format that it came with.
constexpr std::int64_t format_version = 8, operators_version = 17;

// Fields of the messages, and values of enumerations.
struct ModelField {
  enum { ir_version = 1, producer_name = 2, graph = 7, opset_import = 8, metadata_props = 14 };
};
struct GraphField {
  enum { node = 1, name = 2, initializer = 5, doc_string = 10, input = 11, output = 12 };
};
struct NodeField {
  enum { input = 1, output = 2, name = 3, op_type = 4, attribute = 5 };
};
struct AttributeField {
  enum { name = 1, f = 2, i = 3, type = 20 };
};
struct AttributeType {
  enum { number = 1, integer = 2 };
};
struct TensorField {
  enum { dims = 1, data_type = 2, name = 8, raw_data = 9 };
};
struct DataType {
  enum { float32 = 1, int64 = 7 };
};

static_assert(std::endian::native == std::endian::little, "raw data are little-endian");

template <class Number>
ProtobufMessage tensor(const std::string& name, std::span<const std::int64_t> shape, int type,
                       std::span<const Number> values) {
  ProtobufMessage message;
  for (const std::int64_t size : shape) message.add_integer(TensorField::dims, size);
  message.add_integer(TensorField::data_type, type).add_bytes(TensorField::name, name);
  return message.add_bytes(TensorField::raw_data,
                           {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

}  // namespace

OnnxAttribute OnnxAttribute::integer(std::string_view name, std::int64_t value) {
  ProtobufMessage message;
  message.add_bytes(AttributeField::name, name).add_integer(AttributeField::i, value);
  return {name, message.add_integer(AttributeField::type, AttributeType::integer)};
}

OnnxAttribute OnnxAttribute::number(std::string_view name, float value) {
  ProtobufMessage message;
  message.add_bytes(AttributeField::name, name).add_float(AttributeField::f, value);
  return {name, message.add_integer(AttributeField::type, AttributeType::number)};
}

/// ValueInfoProto: name = 1, type = 2; TypeProto: tensor_type = 1; its elem_type = 1, shape = 2;
/// TensorShapeProto: dim = 1; its dim_value = 1 or dim_param = 2.
ProtobufMessage OnnxGraph::matrix(const std::string& name, int columns) {
  ProtobufMessage batch, column, shape, elements, type, value;
  batch.add_bytes(2, "batch");
  column.add_integer(1, columns);
  shape.add_message(1, batch).add_message(1, column);
  elements.add_integer(1, DataType::float32).add_message(2, shape);
  type.add_message(1, elements);
  return value.add_bytes(1, name).add_message(2, type);
}

void OnnxGraph::add_input(const std::string& name, int columns) {
  inputs_.add_message(GraphField::input, matrix(name, columns));
}

void OnnxGraph::add_output(const std::string& name, int columns) {
  outputs_.add_message(GraphField::output, matrix(name, columns));
}

void OnnxGraph::add_constant(const std::string& name, std::span<const std::int64_t> shape,
                             std::span<const float> values) {
  constants_.add_message(GraphField::initializer, tensor(name, shape, DataType::float32, values));
}

void OnnxGraph::add_constant(const std::string& name, std::span<const std::int64_t> values) {
  const std::int64_t shape[] = {static_cast<std::int64_t>(values.size())};
  constants_.add_message(GraphField::initializer, tensor(name, shape, DataType::int64, values));
}

void OnnxGraph::add_node(std::string_view operation, const std::vector<std::string>& inputs,
                         const std::vector<std::string>& outputs,
                         const std::vector<OnnxAttribute>& attributes) {
  ProtobufMessage message;
  for (const std::string& name : inputs) message.add_bytes(NodeField::input, name);
  for (const std::string& name : outputs) message.add_bytes(NodeField::output, name);
  message.add_bytes(NodeField::name, outputs.front()).add_bytes(NodeField::op_type, operation);
  for (const OnnxAttribute& each : attributes)
    message.add_message(NodeField::attribute, each.message);
  nodes_.add_message(GraphField::node, message);
}

std::string OnnxGraph::add_node(std::string_view operation, const std::vector<std::string>& inputs,
                                const std::string& output,
                                const std::vector<OnnxAttribute>& attributes) {
  add_node(operation, inputs, std::vector<std::string>{output}, attributes);
  return output;
}

void OnnxGraph::add_metadata(const std::string& key, const std::string& value) {
  ProtobufMessage entry;
  entry.add_bytes(1, key).add_bytes(2, value);
  metadata_.add_message(ModelField::metadata_props, entry);
}

std::string OnnxGraph::model(const std::string& name, const std::string& description) const {
  ProtobufMessage about, operators, whole;
  about.add_bytes(GraphField::name, name);
  ProtobufMessage doc;
  doc.add_bytes(GraphField::doc_string, description);
  operators.add_bytes(1, "").add_integer(2, operators_version);
  whole.add_integer(ModelField::ir_version, format_version)
      .add_bytes(ModelField::producer_name, "polyak");
  // The fields of a message may be written in parts.
  whole.add_bytes(ModelField::graph, nodes_.bytes() + about.bytes() + constants_.bytes() +
                                         doc.bytes() + inputs_.bytes() + outputs_.bytes());
  whole.add_message(ModelField::opset_import, operators);
  return whole.bytes() + metadata_.bytes();
}

}  // namespace polyak
