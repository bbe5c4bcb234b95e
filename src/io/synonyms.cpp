// The words of Stable-Baselines3, rl-baselines3-zoo, CleanRL, Spinning Up, Tianshou, RLlib, TD3's
// own code, and some that people try.
#include "io/synonyms.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace polyak {
namespace {

constexpr std::string_view both_rates = "learning-rate-actor learning-rate-critic";
constexpr std::string_view actor_rate = "learning-rate-actor";
constexpr std::string_view critic_rate = "learning-rate-critic";
constexpr std::string_view hidden = "actor-hidden critic-hidden";
constexpr std::string_view delays = "actor-delay target-delay";
constexpr std::string_view judged_episodes = "episodes evaluation-episodes";
constexpr std::string_view episodes = "episodes total-steps evaluation-episodes";
constexpr std::string_view steps_not_episodes =
    "a training is as long as its environment steps; 200 of them are an episode of Pendulum-v1";
constexpr std::string_view no_resumption =
    "a training cannot be continued yet: `polyak evaluate POLICY` judges a policy that is there, "
    "`polyak train --config RUN/config.toml` repeats its training";

constexpr auto synonyms = std::to_array<Synonym>({
    {"lr", both_rates},
    {"learning-rate", both_rates},
    {"alpha", both_rates},
    {"lr-actor", actor_rate},
    {"actor-lr", actor_rate},
    {"policy-lr", actor_rate},
    {"pi-lr", actor_rate},
    {"lr-critic", critic_rate},
    {"critic-lr", critic_rate},
    {"q-lr", critic_rate},
    {"qf-lr", critic_rate},
    {"lr-schedule", "learning-rate-decay"},
    {"gamma", "discount"},
    {"polyak", "tau", "tau is 1 - polyak"},
    {"soft-update", "tau"},
    {"num-envs", "environments"},
    {"n-envs", "environments"},
    {"nenvs", "environments"},
    {"envs", "environments"},
    {"num-environments", "environments"},
    {"env", "environment"},
    {"env-id", "environment"},
    {"env-name", "environment"},
    {"task", "environment"},
    {"env-kwargs", "environment-parameter"},
    {"max-episode-steps", "time-limit"},
    {"episode-length", "time-limit"},
    {"max-ep-len", "time-limit"},
    {"buffer-size", "replay-capacity"},
    {"buffer", "replay-capacity"},
    {"replay-size", "replay-capacity"},
    {"memory-size", "replay-capacity"},
    {"batch", "batch-size"},
    {"minibatch-size", "batch-size"},
    {"steps", "total-steps"},
    {"timesteps", "total-steps"},
    {"total-timesteps", "total-steps"},
    {"n-timesteps", "total-steps"},
    {"num-timesteps", "total-steps"},
    {"max-timesteps", "total-steps"},
    {"max-steps", "total-steps"},
    {"epochs", "total-steps"},
    {"start-steps", "warmup-steps"},
    {"start-timesteps", "warmup-steps"},
    {"warmup", "warmup-steps"},
    {"update-after", "learning-starts"},
    {"learning-start", "learning-starts"},
    {"train-freq", "update-to-data steps-per-iteration"},
    {"gradient-steps", "update-to-data"},
    {"utd", "update-to-data"},
    {"utd-ratio", "update-to-data"},
    {"hidden", hidden},
    {"hid", hidden},
    {"hidden-sizes", hidden},
    {"hidden-size", hidden},
    {"hidden-dim", hidden},
    {"hidden-units", hidden},
    {"net-arch", hidden},
    {"layers", hidden},
    {"algo", "algorithm"},
    {"td3", "algorithm=td3"},
    {"ddpg", "algorithm=ddpg"},
    {"lstm", "policy=lstm"},
    {"gru", "policy=gru"},
    {"recurrent", "policy=lstm"},
    {"noise", "noise-scale"},
    {"sigma", "noise-scale"},
    {"act-noise", "noise-scale"},
    {"action-noise", "noise-scale"},
    {"expl-noise", "noise-scale"},
    {"exploration-noise", "noise-scale"},
    {"noise-std", "noise-scale"},
    {"policy-noise", "target-noise"},
    {"target-policy-noise", "target-noise"},
    {"noise-clip", "target-noise-clip"},
    {"policy-delay", delays},
    {"policy-freq", delays},
    {"policy-frequency", delays},
    {"weight-decay", "actor-weight-decay critic-weight-decay"},
    {"l2", "actor-weight-decay critic-weight-decay"},
    {"max-grad-norm", "gradient-clip"},
    {"grad-clip", "gradient-clip"},
    {"grad-norm", "gradient-clip"},
    {"normalize-observations", "normalise-observations"},
    {"normalize", "normalise-observations"},
    {"num-agents", "agents"},
    {"n-agents", "agents"},
    {"population", "agents"},
    {"population-size", "agents"},
    {"pop-size", "agents"},
    {"num-seeds", "agents", "every agent has a seed of its own"},
    {"n-seeds", "agents", "every agent has a seed of its own"},
    {"gpu", "device=cuda"},
    {"cuda", "device=cuda"},
    {"cpu", "device=cpu"},
    {"fp16", "precision=bf16"},
    {"bf16", "precision=bf16"},
    {"amp", "precision=bf16"},
    {"tf32", "precision=tf32"},
    {"num-threads", "threads"},
    {"n-threads", "threads"},
    {"jobs", "threads"},
    {"workers", "threads environments"},
    {"num-workers", "threads environments"},
    {"out", "output"},
    {"out-dir", "output"},
    {"output-dir", "output"},
    {"log-dir", "output"},
    {"logdir", "output"},
    {"log-folder", "output"},
    {"save", "output"},
    {"save-dir", "output"},
    {"save-path", "output"},
    {"force", "overwrite"},
    {"log", "output report-steps"},
    {"logs", "output report-steps"},
    {"log-interval", "report-steps"},
    {"log-freq", "report-steps"},
    {"eval-freq", "report-steps"},
    {"episodes", "total-steps evaluation-episodes", steps_not_episodes},
    {"n-episodes", episodes},
    {"num-episodes", episodes},
    {"max-episodes", episodes},
    {"eval-episodes", judged_episodes},
    {"n-eval-episodes", judged_episodes},
    {"verbose", "", "progress is shown unless --quiet is given"},
    {"resume", "", no_resumption},
    {"load", "", no_resumption},
    {"restore", "", no_resumption},
    {"checkpoint", "", no_resumption},
    {"model", "", no_resumption},
    {"trained-agent", "", no_resumption},
});

}  // namespace

std::span<const Synonym> all_synonyms() { return synonyms; }

const Synonym* find_synonym(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  std::string plain(word);
  for (char& letter : plain) {
    letter =
        letter == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  const auto* const found = std::find_if(synonyms.begin(), synonyms.end(),
                                         [&](const Synonym& entry) { return entry.word == plain; });
  return found == synonyms.end() ? nullptr : found;
}

}  // namespace polyak
