// The files of a search, made by hand.
#pragma once

#include <filesystem>
#include <string>

#include "io/temporary_directory.hpp"

namespace polyak::test {

inline const std::string sample_trials =
    "trial,status,rung,environment_steps,updates,seeds,score,standard_error,worst,"
    "learning_rate_critic,algorithm,target_noise\n"
    "0,stopped,0,1000,250,4,-900,20,-950,0.0001,ddpg,\n"
    "1,finished,1,3000,750,4,-200,10,-230,0.001,td3,0.1\n"
    "2,stopped,0,1000,250,4,-1000,30,-1100,0.1,ddpg,\n"
    "3,finished,1,3000,750,4,-150,8,-170,0.002,td3,0.2\n"
    "4,failed,0,1000,250,4,,,,0.5,ddpg,\n"
    "5,stopped,0,1000,250,4,-800,25,-850,0.01,td3,0.3\n"
    "6,running,,,,4,,,,0.03,ddpg,\n";
inline const std::string sample_rungs =
    "rung,environment_steps,trial,score,standard_error,worst,kept\n"
    "0,1000,0,-900,20,-950,0\n"
    "0,1000,1,-500,15,-560,1\n"
    "0,1000,2,-1000,30,-1100,0\n"
    "0,1000,3,-450,12,-480,1\n"
    "0,1000,4,,,,0\n"
    "0,1000,5,-800,25,-850,0\n"
    "1,3000,1,-200,10,-230,1\n"
    "1,3000,3,-150,8,-170,1\n";
inline const std::string sample_confirmations =
    "rank,trial,search_score,search_standard_error,again_score,again_standard_error,seeds,score,"
    "standard_error,worst,regret,regret_standard_error,learning_rate_critic,algorithm,target_"
    "noise\n"
    "2,1,-200,10,-195,5,10,-190,4,-215,50,4,0.001,td3,0.1\n"
    "1,3,-150,8,-185,6,10,-180,5,-220,40,5,0.002,td3,0.2\n";
/// Member 2 takes over from member 0 after the first generation, and is the best in the end.
inline const std::string sample_generations =
    "generation,environment_steps,member,score,copied_from,learning_rate_critic,algorithm,"
    "target_noise\n"
    "0,1000,0,-500,,0.001,td3,0.1\n"
    "0,1000,1,-700,,0.003,td3,0.1\n"
    "0,1000,2,-900,0,0.0001,td3,0.1\n"
    "1,2000,0,-300,,0.001,td3,0.1\n"
    "1,2000,1,-600,,0.003,td3,0.1\n"
    "1,2000,2,-200,,0.00125,td3,0.1\n";

/// Puts a search that has ended into a new directory of this name.
inline void write_search(const std::filesystem::path& directory) {
  std::filesystem::create_directory(directory);
  write_text(directory / "search.json", R"({"options": {"scheduler": "asha"}})");
  write_text(directory / "summary.json", R"({"finished": true, "seconds": 75})");
  write_text(directory / "config.toml",
             "# A training of polyak\nenvironment = \"Pendulum-v1\"\ntotal-steps = 3000\n");
  write_text(directory / "best.toml", "learning-rate-critic = 0.002\n");
  write_text(directory / "trials.csv", sample_trials);
  write_text(directory / "rungs.csv", sample_rungs);
  write_text(directory / "confirmations.csv", sample_confirmations);
}

}  // namespace polyak::test
