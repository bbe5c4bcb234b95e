#include "model/memory.hpp"

#include <bit>

#include "bench/model/one_warp.hpp"
#include "model/memory_timing.hpp"

namespace polyak::model {
namespace {

std::uint32_t lane_times(std::size_t lane, std::uint32_t factor) {
  return static_cast<std::uint32_t>(lane) * factor;
}

TEST(ModelMemory, SharedMemoryOfTheBlock) {
  OneWarp w;
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    w.warp.vector_register(0)[lane] = lane_times(lane, 8);
    w.warp.vector_register(2)[lane] = lane_times(lane, 100);
    w.warp.vector_register(3)[lane] = lane_times(lane, 100) + 1;
  }
  w.run("STS.64 [R0+0x10], R2");
  w.run("LDS R4, [R0+0x14]");
  EXPECT_EQ(w.bits(4, 7), 701u);
  w.set_predicate(0, 0b10);
  w.set(5, 9u);
  w.run("@P0 LDS R5, [R0+0x10]");
  EXPECT_EQ(w.bits(5, 0), 9u);
  EXPECT_EQ(w.bits(5, 1), 100u);
  w.run("LDS.U8 R6, [0x14]");
  EXPECT_EQ(w.bits(6), 1u);
}

TEST(ModelMemory, SharedMemoryOfAnotherBlock) {
  OneWarp w;
  // PRMT puts the rank into the upper byte of an address, as mapa does.
  w.set(0, 0x40u);
  w.run("PRMT R2, R0, 0x654, R1");
  w.set(2, 1u << bits_of_rank | 0x40u);
  w.run("S2R R3, SR_SWINHI");
  w.set(4, 77u);
  w.set_predicate(0, 1);
  w.run("@P0 ST.E desc[UR8][R2.64], R4");
  EXPECT_EQ(*w.memory.locate(shared_window | 1u << bits_of_rank | 0x40u, 4), 77);
  EXPECT_NE(*w.memory.locate(shared_window | 0x40u, 4), 77);
  EXPECT_THROW(w.run("LDS R5, [R2]"), ModelError);  // LDS knows only the block's own
}

TEST(ModelMemory, GlobalConstantAndLocalMemory) {
  OneWarp w;
  w.set_pair(0, reinterpret_cast<std::uint64_t>(w.global.data()));
  w.set_pair(2, std::uint64_t{5});
  w.global[2] = 3;
  w.run("ATOM.E.MAX.S64.STRONG.GPU P0, RZ, desc[UR8][R0.64+0x8], R2");
  EXPECT_EQ(w.global[2], 5u);
  w.run("LDG.E.64 R4, desc[UR8][R0.64+0x8]");
  EXPECT_EQ(w.pair(4), 5u);
  w.run("LDC.U8 R6, c[0x0][0x15]");
  EXPECT_EQ(w.bits(6), 0x15u);
  w.run("LDC.64 R6, c[0x0][0x10]");
  EXPECT_EQ(w.pair(6), 0x1716151413121110u);
  w.run("STL [0x20], R4");
  w.run("LDL R8, [0x20]");
  EXPECT_EQ(w.bits(8), 5u);
  EXPECT_THROW(w.run("LDG.E R4, desc[UR8][R0.64+0x100]"), ModelError);   // behind the array
  EXPECT_THROW(w.run("LDG.E.64 R4, desc[UR8][R0.64+0x4]"), ModelError);  // misaligned
  EXPECT_THROW(w.run("LDC R4, c[0x0][0x40]"), ModelError);
  // Only lanes that load need an address.
  w.set(1, 0x40u);
  w.warp.vector_register(1)[0] = 0x10u;
  EXPECT_THROW(w.run("LDC R4, c[0x0][R1]"), ModelError);
  w.set_predicate(0, 1);
  w.run("@P0 LDC R4, c[0x0][R1]");
  EXPECT_EQ(w.bits(4), 0x13121110u);
  w.run("@P0 LDC.64 R6, c[0x0][R1]");
  EXPECT_EQ(w.pair(6), 0x1716151413121110u);
}

TEST(ModelMemory, SumsAtomicallyAndGivesWhatWasThere) {
  OneWarp w;
  w.set_pair(0, reinterpret_cast<std::uint64_t>(w.global.data()));
  w.set(2, 5u);
  w.global[3] = 40;
  w.set_predicate(0, 0b11);
  w.run("@P0 ATOMG.E.ADD.STRONG.GPU PT, R4, desc[UR8][R0.64+0xc], R2");
  EXPECT_EQ(w.global[3], 50u);
  EXPECT_EQ(w.bits(4, 0), 40u);
  EXPECT_EQ(w.bits(4, 1), 45u);
  EXPECT_THROW(w.run("ATOMG.E.MIN.STRONG.GPU PT, R4, desc[UR8][R0.64+0xc], R2"), ModelError);
}

TEST(ModelMemory, CopiesFromGlobalToSharedMemory) {
  OneWarp w;
  w.set_pair(0, reinterpret_cast<std::uint64_t>(w.global.data()));
  for (std::uint32_t i = 0; i < 4; ++i) w.global[i] = 10 + i;
  w.set(2, 0x20u);
  w.set_predicate(0, 1);
  const Effect wide = w.run("@P0 LDGSTS.E.BYPASS.128 [R2+0x10], desc[UR8][R0.64]");
  EXPECT_EQ(wide.kind, EffectKind::copy);
  EXPECT_EQ(wide.bytes, 16);
  w.run("@P0 LDS R4, [0x3c]");
  EXPECT_EQ(w.bits(4), 13u);
  w.run("@P0 LDGSTS.E [R2], desc[UR8][R0.64+0x8]");
  w.run("@P0 LDS R4, [0x20]");
  EXPECT_EQ(w.bits(4), 12u);
  EXPECT_EQ(w.run("LDGDEPBAR").kind, EffectKind::close_copies);
  EXPECT_EQ(w.run("DEPBAR.LE SB0, 0x0").kind, EffectKind::await_copies);
  EXPECT_THROW(w.run("DEPBAR.LE SB0, 0x1"), ModelError);
  EXPECT_THROW(w.run("@P0 LDGSTS.E [R2], desc[UR8][R0.64], P1"), ModelError);  // with zeros
}

TEST(ModelMemory, EveryClusterHasItsBlocks) {
  Memory memory(4, 64);
  *memory.locate(shared_window | 1u << bits_of_rank, 4, 2) = 9;  // of block 3
  EXPECT_EQ(*memory.locate(shared_window | 3u << bits_of_rank, 4), 9);
  EXPECT_THROW(memory.locate(shared_window | 2u << bits_of_rank, 4, 2), ModelError);
}

TEST(ModelMemory, ValuesOfOtherLanes) {
  OneWarp w;
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    w.warp.vector_register(0)[lane] = lane_times(lane, 1);
  }
  w.run("SHFL.BFLY PT, R1, R0, 0x10, 0x1f");
  EXPECT_EQ(w.bits(1, 3), 19u);
  w.run("SHFL.IDX PT, R1, R0, 0x5, 0x1f");
  EXPECT_EQ(w.bits(1, 31), 5u);
  w.run("SHFL.DOWN PT, R1, R0, 0x2, 0x1f");
  EXPECT_EQ(w.bits(1, 31), 31u);
  w.run("R2UR UR4, R0");
  w.run("MOV R2, UR4");
  EXPECT_EQ(w.bits(2, 9), 0u);
}

/// An access of every lane to shared memory at lane * stride words.
Effect strided(std::uint32_t stride, int bytes) {
  Effect effect{EffectKind::load, bytes, all_lanes, {}};
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
    effect.addresses[lane] = shared_window + lane_times(lane, 4 * stride);
  }
  return effect;
}

TEST(ModelTiming, BanksGiveOneWordAtATime) {
  EXPECT_EQ(bank_passes(strided(1, 4), all_lanes), 1);
  EXPECT_EQ(bank_passes(strided(0, 4), all_lanes), 1);  // all the same word
  EXPECT_EQ(bank_passes(strided(2, 4), all_lanes), 2);
  EXPECT_EQ(bank_passes(strided(32, 4), all_lanes), 32);
  EXPECT_EQ(bank_passes(strided(33, 4), all_lanes), 1);
  EXPECT_EQ(bank_passes(strided(2, 8), all_lanes), 2);
  EXPECT_EQ(bank_passes(strided(4, 16), all_lanes), 4);
  EXPECT_EQ(bank_passes(strided(32, 4), 0b11), 2);
}

TEST(ModelTiming, CachesPortsAndTheOtherBlock) {
  Clocks clocks;
  MemoryTiming timing(clocks, 0, 200 * 1024);
  Effect load{EffectKind::load, 4, all_lanes, {}};
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) load.addresses[lane] = 4096 + 4 * lane;
  const double first = timing.access(load, false, 0.0).done;
  EXPECT_GE(first, clocks.l2_load);
  const double again = timing.access(load, false, 1000.0).done - 1000.0;
  EXPECT_EQ(again, clocks.l1_load);
  timing.access({EffectKind::invalidate_cache, 0, 0, {}}, false, 2000.0);
  EXPECT_GE(timing.access(load, false, 2000.0).done - 2000.0, clocks.l2_load);

  Effect store = strided(1, 16);
  store.kind = EffectKind::store;
  EXPECT_EQ(timing.access(store, true, 3000.0).acknowledged, 0.0);
  for (std::uint64_t& address : store.addresses) address |= 1u << bits_of_rank;
  EXPECT_EQ(timing.access(store, true, 3000.0).acknowledged,
            3000.0 + 32 * 16 / clocks.remote_bytes + clocks.remote_store);
}

TEST(ModelTiming, CopiesPassTheCacheAndThePort) {
  Clocks clocks;
  MemoryTiming timing(clocks, 0, 200 * 1024);
  Effect copy = strided(4, 16);
  copy.kind = EffectKind::copy;
  copy.barriers = copy.addresses;
  for (std::size_t lane = 0; lane < warp_lanes; ++lane) copy.addresses[lane] = 4096 + 16 * lane;
  const double first = timing.access(copy, false, 0.0).done;
  EXPECT_GE(first, 32 * 16 / clocks.l2_bytes + clocks.l2_load);
  EXPECT_EQ(timing.access(copy, false, 1000.0).done - 1000.0, first);  // it is in no cache
}

TEST(ModelTiming, ClocksAreSetByName) {
  Clocks clocks;
  set_clock(clocks, "l2-load=300");
  EXPECT_EQ(clocks.l2_load, 300.0);
  EXPECT_THROW(set_clock(clocks, "l2-load=fast"), UsageError);
  EXPECT_THROW(set_clock(clocks, "l2-load"), UsageError);
  EXPECT_THROW(set_clock(clocks, "l3-load=1"), UsageError);
}

}  // namespace
}  // namespace polyak::model
