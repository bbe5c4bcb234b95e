#include "kernels/recurrent_cell.hpp"

#include <memory>

#include "kernels/cell_case.hpp"

namespace polyak::test {
namespace {

constexpr CellSize cell_sizes[] = {{3, 0, 5},  {3, 5, 0},   {1, 1, 1},   {3, 1, 31},
                                   {3, 33, 1}, {2, 31, 33}, {3, 65, 31}, {2, 33, 65}};

TEST(CellForwardKernel, MatchesDoublePrecision) {
  for (const PolicyKind kind : cell_kinds) {
    for (const CellSize& size : cell_sizes) {
      const CellCase c(kind, size);
      finish(kernels::launch_cell_forward(c.forward(), nullptr));
      const std::vector<float> hidden = c.hidden.values(), cell = c.cell.values();
      const std::vector<float> gates = c.gates.values();
      EXPECT_TRUE(same_bits(c.hidden_copy.values(), hidden));
      for (std::size_t i = 0; i < c.elements(); ++i) {
        const UnitOutput expected = reference_step(kind, c.input(i));
        ASSERT_NEAR(hidden[i], expected.hidden, 1e-6) << i;
        for (int gate = 0; gate < c.gate_number(); ++gate) {
          ASSERT_NEAR(gates[c.place(i, gate, c.gate_number() + 1)],
                      expected.gates[static_cast<std::size_t>(gate)], 1e-6)
              << i << ' ' << gate;
        }
        ASSERT_NEAR(gates[c.place(i, c.gate_number(), c.gate_number() + 1)], expected.memory, 1e-6);
        if (kind == PolicyKind::lstm) {
          ASSERT_NEAR(cell[i], expected.cell, 1e-6) << i;
        } else {
          ASSERT_TRUE(std::isnan(cell[i])) << "a GRU has no cell state";
        }
      }
    }
  }
}

TEST(CellForwardKernel, StepsInPlaceAndWithoutWhatIsForTheWayBack) {
  for (const PolicyKind kind : cell_kinds) {
    const CellCase c(kind, {2, 33, 65}), in_place(kind, {2, 33, 65});
    finish(kernels::launch_cell_forward(c.forward(), nullptr));
    kernels::CellForward step = in_place.forward();
    step.hidden = in_place.hidden_before.view();
    if (kind == PolicyKind::lstm) step.cell = in_place.cell_before.view();
    step.hidden_copy.data = step.gates.data = nullptr;
    finish(kernels::launch_cell_forward(step, nullptr));
    EXPECT_TRUE(same_bits(in_place.hidden_before.values(), c.hidden.values()));
    if (kind == PolicyKind::lstm) {
      EXPECT_TRUE(same_bits(in_place.cell_before.values(), c.cell.values()));
    }
  }
}

/// Some of everything, and nothing: cells for one launch.
std::vector<std::unique_ptr<CellCase>> several_cells(PolicyKind kind) {
  std::vector<std::unique_ptr<CellCase>> cells;
  for (const CellSize& size : {CellSize{2, 33, 31},
                               {2, 0, 9},
                               {2, 1, 1},
                               {2, 65, 33},
                               {2, 7, 0},
                               {2, 129, 2},
                               {2, 4, 32},
                               {2, 31, 65}}) {
    cells.push_back(std::make_unique<CellCase>(kind, size, 10 * static_cast<unsigned>(size.rows)));
  }
  return cells;
}

TEST(CellForwardKernel, SideBySideGivesTheBitsOfOneByOneInEveryOrderOfThreads) {
  for (const PolicyKind kind : cell_kinds) {
    const auto alone = several_cells(kind);
    ASSERT_EQ(alone.size(), std::size_t{kernels::max_cells});
    for (const auto& cell : alone) finish(kernels::launch_cell_forward(cell->forward(), nullptr));
    same_bits_in_every_order([&] {
      const auto together = several_cells(kind);
      std::vector<kernels::CellForward> group;
      for (const auto& cell : together) group.push_back(cell->forward());
      finish(kernels::launch_cell_forward(group, nullptr));
      std::vector<float> all;
      for (std::size_t i = 0; i < group.size(); ++i) {
        const std::vector<float> hidden = together[i]->hidden.values();
        EXPECT_TRUE(same_bits(hidden, alone[i]->hidden.values())) << i;
        EXPECT_TRUE(same_bits(together[i]->gates.values(), alone[i]->gates.values())) << i;
        all.insert(all.end(), hidden.begin(), hidden.end());
      }
      return all;
    });
  }
}

TEST(CellKernels, RefuseWhatDoesNotFitIntoOneLaunch) {
  const auto expect_refused = [](const std::vector<kernels::CellForward>& forward) {
    EXPECT_EQ(kernels::launch_cell_forward(forward, nullptr), cudaErrorInvalidValue);
    std::vector<kernels::CellBackward> backward(forward.size());
    for (std::size_t i = 0; i < forward.size(); ++i) {
      const kernels::CellForward& cell = forward[i];
      backward[i].agents = cell.agents;
      backward[i].rows = cell.rows;
      backward[i].units = cell.units;
      backward[i].kind = cell.kind;
    }
    EXPECT_EQ(kernels::launch_cell_backward(backward, nullptr), cudaErrorInvalidValue);
  };
  kernels::CellForward cell{};
  cell.agents = 2;
  cell.kind = PolicyKind::gru;
  std::vector<kernels::CellForward> cells(2, cell);
  EXPECT_EQ(kernels::launch_cell_forward(cells, nullptr), cudaSuccess);
  cells[1].agents = 3;
  expect_refused(cells);
  cells[1].agents = 2;
  cells[1].kind = PolicyKind::lstm;
  expect_refused(cells);
  cells[0].kind = cells[1].kind = PolicyKind::feed_forward;
  expect_refused(cells);
  expect_refused(std::vector<kernels::CellForward>(kernels::max_cells + 1, cell));
  cell.rows = cell.units = 1 << 16;
  expect_refused({cell});
  EXPECT_EQ(kernels::launch_cell_forward(std::span<const kernels::CellForward>(), nullptr),
            cudaSuccess);
}

}  // namespace
}  // namespace polyak::test
