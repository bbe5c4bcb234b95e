#include "model/operation.hpp"

#include <map>

namespace polyak::model {
namespace {

std::map<std::string_view, Operation (*)(const Instruction&)> all_binders() {
  std::map<std::string_view, Operation (*)(const Instruction&)> binders;
  for (const auto& part :
       {floating_point_operations(), double_precision_operations(), conversion_operations(),
        integer_operations(), integer_extreme_operations(), logic_operations(),
        comparison_operations(), movement_operations(), memory_operations(),
        control_flow_operations(), barrier_operations(), tensor_operations(), transfer_operations(),
        copy_operations()}) {
    for (const NamedBinder& binder : part) binders[binder.name] = binder.bind;
  }
  return binders;
}

}  // namespace

Operation bind(const Instruction& instruction) {
  static const auto binders = all_binders();
  std::string_view name = instruction.operation;
  auto found = binders.find(name);
  // What the uniform datapath does is like what each lane does.
  const bool is_uniform = found == binders.end() && name.starts_with('U');
  if (is_uniform) found = binders.find(name.substr(1));
  try {
    if (found == binders.end()) throw ModelError("unknown operation");
    Operation operation = found->second(instruction);
    if (is_uniform) operation.pipe = Pipe::none;
    return operation;
  } catch (const std::exception& error) {
    throw ModelError("\"" + instruction.text + "\": " + error.what());
  }
}

}  // namespace polyak::model
