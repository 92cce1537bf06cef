#include "services/ledger/domain/entry.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/ledger/domain/budget.h"

namespace smederij::ledger {
namespace {

Uuid Filled(uint8_t byte) {
  Uuid::Bytes bytes;
  bytes.fill(byte);
  return Uuid(bytes);
}

Entry Sample() {
  return {.budget = BudgetId(Filled(0x11)),
          .seq = 7,
          .type = EntryType::kHoldPot,
          .period_no = 12,
          .recorded_at = absl::FromUnixMicros(1'767'225'599'123'456),
          .request = RequestId(Filled(0x22)),
          .actor = "service:proposals",
          .approver = "",
          .decision_ref = "round plan 3",
          .link = Uuid(),
          .reverses_seq = 0,
          .postings = {{.from_no = 1,
                        .from = Available(),
                        .to_no = 4,
                        .to = Pot(RoundId(Filled(0x33))),
                        .amount = Money::Cents(1'000'000),
                        .from_balance = Money::Cents(5),
                        .to_balance = Money::Cents(1'000'000)}},
          .prev_hash = {},
          .hash = {}};
}

// The bytes as the README lays them out, put down by hand. They are a promise: books written today
// must still verify in ten years, so this test never changes.
// clang-format off
TEST(Canonical, AnEntryIsTheseBytes) {
  EXPECT_EQ(absl::BytesToHexString(Canonical(Sample())),
            "736d65646572696a2d656e7472792d7631"    // "smederij-entry-v1"
            "11111111111111111111111111111111"      // budget
            "0000000000000007"                      // seq
            "02"                                    // type
            "0c"                                    // period
            "000647484612e000"                      // recorded_at, microseconds
            "22222222222222222222222222222222"      // request
            "0011" "736572766963653a70726f706f73616c73"
            "0000"                                  // approver
            "000c" "726f756e6420706c616e2033"       // decision_ref
            "00000000000000000000000000000000"      // link
            "0000000000000000"                      // reverses_seq
            "0001"                                  // postings
            "00000001" "02" "0000"
            "00000004" "03" "0024"
            "33333333333333332d333333332d33333333"
            "2d333333332d333333333333333333333333"
            "00000000000f4240");
}

// And one that says on which day it happened, without a record and with one.
TEST(Canonical, AnEntryWithADayIsTheseBytes) {
  Entry entry = Sample();
  entry.effective = absl::CivilDay(2025, 11, 7);
  EXPECT_EQ(absl::BytesToHexString(Canonical(entry)),
            "736d65646572696a2d656e7472792d7633"    // "smederij-entry-v3"
            "11111111111111111111111111111111"      // budget
            "0000000000000007"                      // seq
            "02"                                    // type
            "0c"                                    // period
            "000647484612e000"                      // recorded_at, microseconds
            "22222222222222222222222222222222"      // request
            "0011" "736572766963653a70726f706f73616c73"
            "0000"                                  // approver
            "000c" "726f756e6420706c616e2033"       // decision_ref
            "00000000000000000000000000000000"      // link
            "0000000000000000"                      // reverses_seq
            "00000000000000000000000000000000"      // record: none
            "00000000000000000000000000000000"
            "000a" "323032352d31312d3037"           // 2025-11-07
            "0001"                                  // postings
            "00000001" "02" "0000"
            "00000004" "03" "0024"
            "33333333333333332d333333332d33333333"
            "2d333333332d333333333333333333333333"
            "00000000000f4240");
  const std::string without = Canonical(entry);
  entry.record.emplace().fill(0x44);
  std::string with = Canonical(entry);
  EXPECT_EQ(with.replace(with.find(std::string(32, 0x44)), 32, std::string(32, 0)), without);
}

// clang-format on

// Every field is in the bytes: changing any of them changes the hash.
TEST(Canonical, NothingThatMattersIsLeftOut) {
  const std::string original = Canonical(Sample());
  const std::vector<std::function<void(Entry&)>> changes = {
      [](Entry& e) { e.budget = BudgetId(Filled(9)); },
      [](Entry& e) { e.seq = 8; },
      [](Entry& e) { e.type = EntryType::kReleasePot; },
      [](Entry& e) { e.period_no = 11; },
      [](Entry& e) { e.effective = absl::CivilDay(2025, 11, 7); },
      [](Entry& e) { e.recorded_at += absl::Microseconds(1); },
      [](Entry& e) { e.request = RequestId(Filled(9)); },
      [](Entry& e) { e.actor = "x"; },
      [](Entry& e) { e.approver = "x"; },
      [](Entry& e) { e.decision_ref = "x"; },
      [](Entry& e) { e.link = Filled(9); },
      [](Entry& e) { e.reverses_seq = 3; },
      [](Entry& e) { e.postings[0].amount += Money::Cents(1); },
      [](Entry& e) { e.postings[0].from_no = 2; },
      [](Entry& e) { e.postings[0].to_no = 5; },
      [](Entry& e) { e.postings[0].from.kind = AccountKind::kPot; },
      [](Entry& e) { e.postings[0].to.reference = "x"; },
      [](Entry& e) { e.postings.push_back(e.postings[0]); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Entry entry = Sample();
    changes[i](entry);
    EXPECT_NE(Canonical(entry), original) << i;
  }
}

// A text cannot borrow bytes from its neighbour.
TEST(Canonical, TextsAreToldApart) {
  Entry one = Sample(), two = Sample();
  one.actor = "ab";
  one.approver = "c";
  two.actor = "a";
  two.approver = "bc";
  EXPECT_NE(Canonical(one), Canonical(two));
}

// clang-format off
TEST(Canonical, TheOpeningRecordIsTheseBytes) {
  const Budget budget{.id = BudgetId(Filled(0x11)),
                      .municipality = MunicipalityId(Filled(0x22)),
                      .district = DistrictId(Filled(0x33)),
                      .fund = "general",
                      .fiscal_year = 2026,
                      .currency = "EUR",
                      .opened_at = absl::FromUnixMicros(1),
                      .request = RequestId(Filled(0x44)),
                      .actor = "person:x"};
  EXPECT_EQ(absl::BytesToHexString(CanonicalOpening(budget)),
            "736d65646572696a2d6275646765742d7631"  // "smederij-budget-v1"
            "11111111111111111111111111111111"
            "22222222222222222222222222222222"
            "33333333333333333333333333333333"
            "0007" "67656e6572616c"
            "07ea"
            "0003" "455552"
            "0000000000000001"
            "44444444444444444444444444444444"
            "0008" "706572736f6e3a78");
}

// clang-format on

TEST(ChainHash, CoversThePreviousHashAndTheBytes) {
  Hash previous{};
  const Hash hash = ChainHash(previous, "abc");
  EXPECT_NE(hash, ChainHash(previous, "abd"));
  previous[31] = 1;
  EXPECT_NE(hash, ChainHash(previous, "abc"));
}

}  // namespace
}  // namespace smederij::ledger
