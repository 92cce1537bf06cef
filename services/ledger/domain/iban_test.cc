#include "services/ledger/domain/iban.h"

#include <gtest/gtest.h>

#include "common/base/error.h"

namespace smederij::ledger {
namespace {

std::string Reason(absl::string_view text) { return ReasonOf(ParseIban(text, "iban").status()); }

TEST(Iban, RightOnesAreTakenWithoutTheirSpaces) {
  EXPECT_EQ(*ParseIban("NL91 ABNA 0417 1643 00", "iban"), "NL91ABNA0417164300");
  for (const char* right : {"GB82WEST12345698765432", "DE89370400440532013000", "NO9386011117947",
                            "MT84MALT011000012345MTLCAST001S"}) {
    EXPECT_EQ(*ParseIban(right, "iban"), right);
  }
}

TEST(Iban, OneWrongDigitOrTwoSwappedOnesAreRefused) {
  const std::string right = "NL91ABNA0417164300";
  for (size_t i = 2; i < right.size(); ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      std::string wrong = right;
      wrong[i] = c;
      EXPECT_EQ(Reason(wrong), wrong == right ? "" : "BAD_IBAN") << wrong;
    }
    std::string swapped = right;
    if (i + 1 < right.size()) std::swap(swapped[i], swapped[i + 1]);
    EXPECT_EQ(Reason(swapped), swapped == right ? "" : "BAD_IBAN") << swapped;
  }
}

TEST(Iban, WhatIsNoneIsRefusedAndNotRepeated) {
  for (const char* wrong :
       {"", " ", "NL", "NL91", "nl91ABNA0417164300", "NL91-ABNA-0417164300", "91NLABNA0417164300",
        "NL91ABNA0417164300NL91ABNA0417164300", "NL91\n"}) {
    EXPECT_EQ(Reason(wrong), "BAD_IBAN") << wrong;
  }
  const absl::Status status = ParseIban("NL92ABNA0417164300", "iban").status();
  EXPECT_EQ(status.ToString().find("0417"), std::string::npos) << status;
}

}  // namespace
}  // namespace smederij::ledger
