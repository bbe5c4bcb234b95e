// Asynchronous stores and the barriers that count them, in the model.
#include "model/transfers.hpp"

#include "bench/model/one_warp.hpp"
#include "polyak/core/error.hpp"

namespace polyak::model {
namespace {

constexpr std::uint32_t place = 0x40, barrier = 0x100;  // in the shared memory of block 0
constexpr std::uint32_t of_block_1 = 1u << bits_of_rank;

TEST(ModelTransfers, ArePhasesOfExpectedBytes) {
  OneWarp one;
  one.set(6, barrier);
  one.set(0, 128u);  // bytes, and later parities
  one.run("SYNCS.EXCH.64 URZ, [R6+URZ], UR4");
  one.now = 10.0;
  one.run("SYNCS.ARRIVE.TRANS64 RZ, [R6+URZ], R0");
  const auto is_over = [&](std::uint32_t parity) {
    one.set(0, parity << 31);
    one.run("SYNCS.PHASECHK.TRANS64.TRYWAIT P0, [R6+URZ], R0");
    return one.warp.predicate_register(0) == all_lanes;
  };
  EXPECT_FALSE(is_over(0));
  one.memory.transfers.complete(shared_window | barrier, 128, 50.0);
  EXPECT_FALSE(is_over(0)) << "the bytes are on their way";
  one.now = 50.0;
  EXPECT_TRUE(is_over(0));
  EXPECT_FALSE(is_over(1));
}

TEST(ModelTransfers, MayArriveBeforeTheyAreExpected) {
  Transfers transfers;
  transfers.initialise(barrier);
  transfers.complete(barrier, 8, 20.0);
  EXPECT_FALSE(transfers.is_over(barrier, false, 30.0));
  transfers.expect(barrier, 8, 30.0);
  EXPECT_TRUE(transfers.is_over(barrier, false, 30.0));
}

TEST(ModelTransfers, StoreIntoAnotherBlockAndNameItsBarrier) {
  OneWarp one;
  one.set(4, of_block_1 | place);
  one.set(5, of_block_1 | barrier);
  one.set(8, 7u);
  one.set(9, 8u);
  const Effect effect = one.run("STAS.64 [R4.64], R8");
  EXPECT_EQ(effect.kind, EffectKind::transfer_store);
  EXPECT_EQ(effect.barriers[3], shared_window | of_block_1 | barrier);
  std::uint32_t stored[2];
  std::memcpy(stored, one.memory.locate(shared_window | of_block_1 | place, 8), 8);
  EXPECT_EQ(stored[0], 7u);
  EXPECT_EQ(stored[1], 8u);
}

TEST(ModelTransfers, NeedABarrierThatWasMade) {
  OneWarp one;
  EXPECT_THROW(one.run("SYNCS.ARRIVE.TRANS64 RZ, [R6+URZ], R0"), std::exception);
}

}  // namespace
}  // namespace polyak::model
