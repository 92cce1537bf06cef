#include "services/ledger/domain/invoice.h"

#include <gtest/gtest.h>

namespace smederij::ledger {
namespace {

TEST(InvoiceKey, IsTheSameHoweverTheReferenceIsSpelled) {
  const char* const first = "F2026-1";
  for (const char* const again :
       {"F2026-1", "f2026-1", "f2026-1 ", "F 2026/1", "F.2026_1", "(f20261)"}) {
    EXPECT_EQ(InvoiceKeyOf(again), InvoiceKeyOf(first)) << again;
  }
  EXPECT_EQ(InvoiceKeyOf(first), "f20261");
}

TEST(InvoiceKey, IsAnotherOfWhateverElseDiffers) {
  for (const char* const other : {"F2026-2", "G2026-1", "F2026-1a", "F2026-01",
                                  "\xc3\xa9"
                                  "F2026-1"}) {
    EXPECT_NE(InvoiceKeyOf(other), InvoiceKeyOf("F2026-1")) << other;
  }
  // No Unicode folding: these are told apart.
  EXPECT_NE(InvoiceKeyOf("\xc3\xa9"), InvoiceKeyOf("\xc3\x89"));
}

TEST(InvoiceKey, OfPunctuationAloneIsTheReference) {
  EXPECT_EQ(InvoiceKeyOf("-"), "-");
  EXPECT_EQ(InvoiceKeyOf("--"), "--");
}

}  // namespace
}  // namespace smederij::ledger
