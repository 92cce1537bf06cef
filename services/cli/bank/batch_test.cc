#include "services/cli/bank/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/cli/bank/camt053.h"
#include "services/cli/bank/match.h"

namespace smederij::cli {
namespace {

using ledger::v1::Payment;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kId[] = "5f8f0ee8-9f0f-4a70-8a54-3f0d5b6f2a11";

TEST(Batch, StandsInTheReferencesOfItsPayments) {
  const std::string batch = NewBatch(), reference = EndToEndIdOf(batch, kId);
  EXPECT_EQ(reference, batch + "-5f8f0ee89f0f4a708a543f0d5b6f");
  EXPECT_EQ(reference.size(), 35u) << "all that EndToEndId takes";
  EXPECT_EQ(BatchOf(reference), batch);
  EXPECT_EQ(BatchOfMessage(MessageIdOf(batch)), batch);
  std::set<std::string> batches;
  for (int i = 0; i < 100; ++i) batches.insert(NewBatch());
  EXPECT_EQ(batches.size(), 100u);
}

TEST(Batch, OfAnothersReferenceThereIsNone) {
  for (const std::string& other :
       {std::string(), std::string("NOTPROVIDED"), std::string(35, 'A'),
        "abc234-" + std::string(28, '0'), "ABC23I-" + std::string(28, '0'),
        "ABC234-" + std::string(27, '0'), "ABC234_" + std::string(28, '0')}) {
    EXPECT_EQ(BatchOf(other), "") << other;
  }
  for (const char* other : {"", "SMEDERIJ-", "SMEDERIJ-ABC23", "SMEDERIJ-ABC2345", "ABC234"}) {
    EXPECT_EQ(BatchOfMessage(other), "") << other;
  }
}

// ── Booked as one sum ──────────────────────────────────────────────────────────────────────────

std::string Booked(const std::string& message, const char* amount, const char* direction = "DBIT",
                   const char* status = "BOOK") {
  return absl::StrCat(
      "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>"
      "<Ntry><Amt Ccy=\"EUR\">",
      amount, "</Amt><CdtDbtInd>", direction, "</CdtDbtInd><Sts><Cd>", status,
      "</Cd></Sts><ValDt><Dt>2026-11-24</Dt></ValDt><NtryDtls><Btch><MsgId>other</MsgId><PmtInfId>",
      message, "</PmtInfId><NbOfTxs>2</NbOfTxs></Btch></NtryDtls></Ntry>",
      "</Stmt></BkToCstmrStmt></Document>");
}

StatementMatch Match(const std::string& xml, const std::vector<Payment>& payments) {
  const auto lines = ReadCamt053(xml, absl::UTCTimeZone(), absl::CivilDay(2026, 11, 25));
  EXPECT_TRUE(lines.ok()) << lines.status();
  return MatchStatement(lines.value_or(std::vector<StatementLine>()), payments, "EUR");
}

Payment PaymentOf(const std::string& batch, char digit, int64_t cents, Payment::State state) {
  Payment payment;
  payment.set_payment_id(std::string(1, digit));
  payment.set_bank_ref(EndToEndIdOf(batch, std::string(36, digit)));
  payment.set_amount_cents(cents);
  payment.set_state(state);
  return payment;
}

TEST(Batch, BookedAsOneSumSettlesWhatWaitsOfIt) {
  const std::vector<Payment> payments = {PaymentOf("ABC234", '1', 100, Payment::STATE_INSTRUCTED),
                                         PaymentOf("ABC234", '2', 250, Payment::STATE_INSTRUCTED),
                                         PaymentOf("DEF567", '3', 400, Payment::STATE_INSTRUCTED),
                                         PaymentOf("ABC234", '4', 500, Payment::STATE_FAILED),
                                         PaymentOf("GHJ890", '5', 600, Payment::STATE_SETTLED)};
  const StatementMatch match = Match(Booked("SMEDERIJ-ABC234", "3.50"), payments);
  EXPECT_THAT(match.problems, IsEmpty());
  ASSERT_EQ(match.outcomes.size(), 2u);
  EXPECT_EQ(match.outcomes[0].payment_id, "1");
  EXPECT_EQ(match.outcomes[1].payment_id, "2");
  for (const auto& outcome : match.outcomes) {
    EXPECT_EQ(outcome.fate, StatementMatch::Fate::kSettled);
    EXPECT_EQ(outcome.day, "2026-11-24");
  }
  for (const auto& [amount, direction] : {std::pair("3.51", "DBIT"), std::pair("3.50", "CRDT")}) {
    const StatementMatch wrong = Match(Booked("SMEDERIJ-ABC234", amount, direction), payments);
    EXPECT_THAT(wrong.outcomes, IsEmpty());
    EXPECT_THAT(wrong.problems, ElementsAre(HasSubstr("2 payments of it wait for EUR 3.50")));
  }
  EXPECT_EQ(Match(Booked("SMEDERIJ-ABC234", "3.50", "DBIT", "PDNG"), payments).pending, 1);
  EXPECT_EQ(Match(Booked("SMEDERIJ-GHJ890", "6.00"), payments).known, 1);
  for (const char* other : {"SMEDERIJ-XYZ234", "salaries"}) {
    EXPECT_EQ(Match(Booked(other, "3.50"), payments).foreign, 1) << other;
    const StatementMatch unreadable = Match(Booked(other, "3,50"), payments);
    EXPECT_EQ(unreadable.left_out.size(), 1u) << other;
    EXPECT_EQ(unreadable.foreign, 0) << other;
    EXPECT_TRUE(unreadable.mistake.ok()) << unreadable.mistake;
  }
  // One of them came back, and the statement says so beside the sum, before or after it.
  const std::string sum = Booked("SMEDERIJ-ABC234", "3.50");
  const size_t from = sum.find("<Ntry>"), past = sum.find("</Stmt>");
  const std::string out = sum.substr(from, past - from);
  const std::string back = absl::StrCat(
      "<Ntry><Amt Ccy=\"EUR\">2.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
      "<NtryDtls><TxDtls><Refs><EndToEndId>",
      payments[1].bank_ref(), "</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>");
  for (const std::string& entries : {out + back, back + out}) {
    const StatementMatch both = Match(sum.substr(0, from) + entries + sum.substr(past), payments);
    EXPECT_THAT(both.problems, IsEmpty());
    ASSERT_EQ(both.outcomes.size(), 2u) << "each payment once";
    for (const auto& outcome : both.outcomes) {
      EXPECT_EQ(outcome.fate == StatementMatch::Fate::kSettled, outcome.payment_id == "1")
          << entries;
    }
  }
  EXPECT_THAT(Match(sum.substr(0, from) + out + out + sum.substr(past), payments).problems,
              ElementsAre(HasSubstr("twice"), HasSubstr("twice")));
  const StatementMatch ours = Match(Booked("SMEDERIJ-ABC234", "3,50"), payments);
  EXPECT_EQ(ReasonOf(ours.mistake), "STATEMENT_AMOUNT");
  EXPECT_THAT(ours.left_out, IsEmpty());
  EXPECT_THAT(ours.outcomes, IsEmpty());
}

}  // namespace
}  // namespace smederij::cli
