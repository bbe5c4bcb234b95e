#include "oracle/batch_norm.hpp"

#include <cmath>

namespace polyak::oracle {
namespace {

/// Of one feature over a batch.
struct Column {
  double mean, variance;
  std::vector<double> normalised;
};

Column column_of(const Rows& rows, std::size_t feature) {
  const double n = static_cast<double>(rows.size());
  Column column{0.0, 0.0, {}};
  for (const auto& row : rows) column.mean += row[feature] / n;
  for (const auto& row : rows) column.variance += std::pow(row[feature] - column.mean, 2) / n;
  for (const auto& row : rows) {
    column.normalised.push_back((row[feature] - column.mean) /
                                std::sqrt(column.variance + norm_epsilon));
  }
  return column;
}

Rows normalised_by_batch(const Layer& layer, const Rows& sums) {
  Rows result = sums;
  for (std::size_t f = 0; f < layer.norm_weight.size(); ++f) {
    const Column column = column_of(sums, f);
    for (std::size_t row = 0; row < sums.size(); ++row) {
      result[row][f] = layer.norm_weight[f] * column.normalised[row] + layer.norm_bias[f];
    }
  }
  return result;
}

/// By the Jacobian over the rows of one feature, through its mean and its variance:
/// d normalised_i / d x_j = (delta_ij - 1/n - normalised_i normalised_j / n) / deviation.
Rows backward_batch_norm(const Layer& layer, const Rows& sums, const Rows& deltas,
                         Layer& gradient) {
  Rows result = sums;
  const double n = static_cast<double>(sums.size());
  for (std::size_t f = 0; f < layer.norm_weight.size(); ++f) {
    const Column column = column_of(sums, f);
    const std::vector<double>& x = column.normalised;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      gradient.norm_weight[f] += deltas[i][f] * x[i];
      gradient.norm_bias[f] += deltas[i][f];
      result[i][f] = 0.0;
      for (std::size_t j = 0; j < sums.size(); ++j) {
        const double jacobian = ((i == j ? 1.0 : 0.0) - 1.0 / n - x[i] * x[j] / n) /
                                std::sqrt(column.variance + norm_epsilon);
        result[i][f] += layer.norm_weight[f] * deltas[j][f] * jacobian;
      }
    }
  }
  return result;
}

}  // namespace

BatchPass batch_forward(const Network& network, Rows inputs, NormBy statistics) {
  BatchPass pass;
  Rows joined;
  for (std::vector<double>& input : inputs) joined.push_back(take_joined_inputs(network, input));
  for (const Layer& layer : network) {
    Rows sums;
    for (std::size_t row = 0; row < inputs.size(); ++row) {
      if (layer.joined_inputs > 0) {
        inputs[row].insert(inputs[row].end(), joined[row].begin(), joined[row].end());
      }
      sums.push_back(product(layer, inputs[row]));
    }
    Rows preactivations = sums;
    if (is_batch_normalised(layer) && statistics == NormBy::batch) {
      preactivations = normalised_by_batch(layer, sums);
    } else {
      for (std::vector<double>& row : preactivations) row = normalised_sums(layer, row);
    }
    pass.inputs.push_back(std::move(inputs));
    inputs = preactivations;
    for (std::vector<double>& row : inputs) {
      for (double& value : row) value = activated(layer.activation, value);
    }
    pass.sums.push_back(std::move(sums));
    pass.preactivations.push_back(std::move(preactivations));
  }
  pass.output = std::move(inputs);
  return pass;
}

Rows batch_backward(const Network& network, const BatchPass& pass, Rows output_gradients,
                    Network& gradient) {
  Rows joined_gradients(output_gradients.size());
  for (std::size_t l = network.size(); l-- > 0;) {
    const Layer& layer = network[l];
    Rows deltas = std::move(output_gradients);
    for (std::size_t row = 0; row < deltas.size(); ++row) {
      for (std::size_t o = 0; o < deltas[row].size(); ++o) {
        deltas[row][o] *= derivative(layer.activation, pass.preactivations[l][row][o]);
      }
    }
    if (is_batch_normalised(layer)) {
      deltas = backward_batch_norm(layer, pass.sums[l], deltas, gradient[l]);
    }
    output_gradients.clear();
    for (std::size_t row = 0; row < deltas.size(); ++row) {
      std::vector<double> input =
          backward_product(layer, pass.inputs[l][row], deltas[row], gradient[l]);
      if (layer.joined_inputs > 0) joined_gradients[row] = take_joined_inputs({&layer, 1}, input);
      output_gradients.push_back(std::move(input));
    }
  }
  for (std::size_t row = 0; row < output_gradients.size(); ++row) {
    output_gradients[row].insert(output_gradients[row].end(), joined_gradients[row].begin(),
                                 joined_gradients[row].end());
  }
  return output_gradients;
}

void follow_batch(Network& network, const BatchPass& pass, double momentum) {
  for (std::size_t l = 0; l < network.size(); ++l) {
    Layer& layer = network[l];
    const double n = static_cast<double>(pass.output.size());
    for (std::size_t f = 0; f < layer.running_mean.size(); ++f) {
      const Column column = column_of(pass.sums[l], f);
      double& mean = layer.running_mean[f];
      double& variance = layer.running_variance[f];
      mean = (1.0 - momentum) * mean + momentum * column.mean;
      variance = (1.0 - momentum) * variance + momentum * column.variance * n / (n - 1.0);
    }
  }
}

double batch_critic_loss(const Network& critic, const Batch& batch,
                         const std::vector<double>& targets, Network& gradient) {
  const double size = static_cast<double>(batch.size());
  const BatchPass pass = batch_forward(critic, observations_and_actions_of(batch), NormBy::batch);
  double loss = 0.0;
  Rows output_gradients;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const double error = pass.output[i][0] - targets[i];
    loss += error * error / size;
    output_gradients.push_back({2.0 * error / size});
  }
  batch_backward(critic, pass, output_gradients, gradient);
  return loss;
}

double batch_actor_loss(const Network& actor, const Network& critic, const Batch& batch,
                        NormBy critic_statistics, Network& gradient) {
  const double size = static_cast<double>(batch.size());
  const BatchPass actor_pass = batch_forward(actor, observations_of(batch), NormBy::batch);
  Rows critic_inputs = observations_of(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    critic_inputs[i].insert(critic_inputs[i].end(), actor_pass.output[i].begin(),
                            actor_pass.output[i].end());
  }
  const BatchPass critic_pass = batch_forward(critic, critic_inputs, critic_statistics);
  double loss = 0.0;
  for (const std::vector<double>& value : critic_pass.output) loss -= value[0] / size;
  Network ignored = zeros_like(critic);
  // No normalised layer sees the action, so whose statistics they were makes no difference to what
  // goes back to it.
  Rows gradients = batch_backward(critic, critic_pass, Rows(batch.size(), {-1.0 / size}), ignored);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    gradients[i].erase(
        gradients[i].begin(),
        gradients[i].begin() + static_cast<std::ptrdiff_t>(batch[i].observation.size()));
  }
  batch_backward(actor, actor_pass, gradients, gradient);
  return loss;
}

Rows observations_of(const Batch& batch) {
  Rows rows;
  for (const Transition& t : batch) rows.push_back(t.observation);
  return rows;
}

Rows observations_and_actions_of(const Batch& batch) {
  Rows rows = observations_of(batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    rows[i].insert(rows[i].end(), batch[i].action.begin(), batch[i].action.end());
  }
  return rows;
}

}  // namespace polyak::oracle
