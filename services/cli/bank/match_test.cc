// What a bank statement means for payments.
#include "services/cli/bank/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace smederij::cli {
namespace {

using ledger::v1::Payment;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Fate = StatementMatch::Fate;

Payment PaymentOf(const std::string& reference, int64_t cents, Payment::State state) {
  Payment payment;
  payment.set_payment_id(absl::StrCat("id of ", reference));
  payment.set_budget_id("budget");
  payment.set_bank_ref(reference);
  payment.set_amount_cents(cents);
  payment.set_state(state);
  return payment;
}

StatementLine Line(const char* reference, int64_t cents, bool debit, bool booked = true,
                   const char* reason = "", const char* day = "") {
  return {.line = 7,
          .end_to_end_id = reference,
          .cents = cents,
          .currency = "EUR",
          .debit = debit,
          .booked = booked,
          .reason = reason,
          .day = day};
}

TEST(Match, SettlesWhatWentOutAndFailsWhatCameBack) {
  const std::vector<Payment> payments = {PaymentOf("a", 100, Payment::STATE_INSTRUCTED),
                                         PaymentOf("b", 200, Payment::STATE_INSTRUCTED),
                                         PaymentOf("c", 300, Payment::STATE_INSTRUCTED),
                                         PaymentOf("d", 400, Payment::STATE_SETTLED),
                                         PaymentOf("e", 500, Payment::STATE_APPROVED)};
  const StatementMatch match = MatchStatement(
      {Line("a", 100, true), Line("b", 200, true), Line("b", 200, false, true, "AC04"),
       Line("c", 300, true, /*booked=*/false), Line("d", 400, true), Line("elsewhere", 1, true)},
      payments, "EUR");
  EXPECT_THAT(match.problems, IsEmpty());
  ASSERT_EQ(match.outcomes.size(), 2u);
  EXPECT_EQ(match.outcomes[0].fate, Fate::kSettled);
  EXPECT_EQ(match.outcomes[0].payment_id, "id of a");
  EXPECT_EQ(match.outcomes[1].fate, Fate::kFailed);
  EXPECT_EQ(match.outcomes[1].reason, "returned by the bank: AC04");
  EXPECT_EQ(match.known, 1);
  EXPECT_EQ(match.pending, 1);
  EXPECT_EQ(match.foreign, 1);

  const auto problem = [&](const StatementLine& wrong) {
    return MatchStatement({wrong}, payments, "EUR").problems;
  };
  EXPECT_THAT(problem(Line("a", 101, true)), ElementsAre(HasSubstr("the books EUR 1.00")));
  EXPECT_THAT(problem(Line("d", 401, false)), ElementsAre(HasSubstr("the books EUR 4.00")));
  EXPECT_THAT(
      MatchStatement({Line("a", 100, true), Line("a", 100, true)}, payments, "EUR").problems,
      ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(MatchStatement({Line("a", 100, true)}, payments, "SEK").problems,
              ElementsAre(HasSubstr("SEK 1.00")));
}

TEST(Match, AnAdvanceIsSettledAndWhatCameBackOfItNeedsAPerson) {
  Payment advance = PaymentOf("a", 100, Payment::STATE_INSTRUCTED);
  advance.set_receipts_due("2027-01-31");
  StatementLine line = Line("a", 100, true);
  const auto match = [&] { return MatchStatement({line}, {advance}, "EUR"); };
  ASSERT_EQ(match().outcomes.size(), 1u);
  EXPECT_EQ(match().outcomes[0].fate, Fate::kSettled);
  // The same statement again, when it is paid and not accounted for.
  advance.set_state(Payment::STATE_ADVANCED);
  EXPECT_THAT(match().outcomes, IsEmpty());
  EXPECT_EQ(match().known, 1);
  line.debit = false;
  EXPECT_THAT(match().problems, ElementsAre(HasSubstr("pay return")));
  advance.set_state(Payment::STATE_SETTLED);
  advance.set_returned_cents(99);
  advance.set_accounted_cents(1);
  EXPECT_THAT(match().problems, ElementsAre(HasSubstr("pay return")));
  advance.set_returned_cents(100);
  EXPECT_THAT(match().problems, IsEmpty());
  EXPECT_EQ(match().known, 1);
}

// ── What came back after it was settled ────────────────────────────────────────────────────────

TEST(MatchReturn, OfAllThatWasSettledIsRecordedWithItsVat) {
  Payment paid = PaymentOf("a", 121, Payment::STATE_SETTLED);
  paid.set_vat_cents(21);
  const StatementLine line = Line("a", 121, false, true, "AC04", "2026-11-20");
  const StatementMatch match = MatchStatement({line}, {paid}, "EUR");
  EXPECT_THAT(match.problems, IsEmpty());
  ASSERT_EQ(match.outcomes.size(), 1u);
  EXPECT_EQ(match.outcomes[0].fate, Fate::kReturned);
  EXPECT_EQ(match.outcomes[0].payment_id, "id of a");
  EXPECT_EQ(match.outcomes[0].bank_ref, "a");
  EXPECT_EQ(match.outcomes[0].return_ref, "a-20261120-121-1");
  EXPECT_EQ(match.outcomes[0].line, 7u);
  EXPECT_EQ(match.outcomes[0].cents, 121);
  EXPECT_EQ(match.outcomes[0].vat_cents, 21);
  EXPECT_EQ(match.outcomes[0].day, "2026-11-20");
  // With the line by which it went, which is known; not twice; not before it is booked; and not of
  // another currency.
  const StatementMatch both = MatchStatement({Line("a", 121, true), line}, {paid}, "EUR");
  EXPECT_EQ(both.known, 1);
  EXPECT_EQ(both.outcomes.size(), 1u);
  EXPECT_THAT(MatchStatement({line, line}, {paid}, "EUR").problems,
              ElementsAre(HasSubstr("twice")));
  EXPECT_EQ(MatchStatement({Line("a", 121, false, false)}, {paid}, "EUR").pending, 1);
  EXPECT_THAT(MatchStatement({line}, {paid}, "SEK").problems, ElementsAre(HasSubstr("EUR 1.21")));
  // Again, when the books have it.
  paid.set_returned_cents(121);
  EXPECT_THAT(MatchStatement({line}, {paid}, "EUR").outcomes, IsEmpty());
  EXPECT_EQ(MatchStatement({line}, {paid}, "EUR").known, 1);
}

TEST(MatchReturn, OfAPartNeedsAPersonUntilTheBooksHaveIt) {
  Payment paid = PaymentOf("a", 121, Payment::STATE_SETTLED);
  paid.set_vat_cents(21);
  const StatementLine part = Line("a", 50, false, true, "", "2026-11-20");
  const auto match = [&](const std::vector<StatementLine>& lines,
                         const std::vector<RecordedReturn>& returned = {}) {
    return MatchStatement(lines, {paid}, "EUR", {{"id of a", returned}});
  };
  EXPECT_THAT(
      match({part}).problems,
      ElementsAre(HasSubstr("EUR 0.50 of 1.21 came back after it was paid: record it with "
                            "`pay return budget id of a --cents=50 --bank-ref=a-20261120-50-1 "
                            "--vat-cents=… --effective-date=2026-11-20`")));
  EXPECT_THAT(match({part}).outcomes, IsEmpty());
  paid.set_returned_cents(50);
  EXPECT_EQ(match({part}, {{50, "2026-11-20"}}).known, 1);
  // Without a day: recorded that day, or the next, when the bank's day was over; no other.
  EXPECT_EQ(match({part}, {{50, "", "2026-11-20"}}).known, 1);
  EXPECT_EQ(match({part}, {{50, "", "2026-11-21"}}).known, 1);
  for (const char* recorded_on : {"2026-11-19", "2026-11-22", "2026-08-20", "2027-11-20"}) {
    const StatementMatch other = match({part}, {{50, "", recorded_on}});
    EXPECT_EQ(other.known, 0) << recorded_on;
    EXPECT_THAT(other.problems, ElementsAre(HasSubstr("pay return"))) << recorded_on;
    EXPECT_THAT(other.problems,
                ElementsAre(HasSubstr(absl::StrCat("as much is recorded on ", recorded_on))));
  }
  // Each to its own, whichever was recorded first.
  const StatementLine later = Line("a", 50, false, true, "", "2026-11-21");
  EXPECT_EQ(match({part, later}, {{50, "", "2026-11-21"}, {50, "2026-11-20"}}).known, 2);
  // A line without a day says nothing against it.
  EXPECT_EQ(match({Line("a", 50, false)}, {{50, "", "2026-08-20"}}).known, 1);
  // Another one is another one: of another day, of another amount, or the second on a day.
  EXPECT_THAT(match({part}, {{50, "2026-11-19", "", "b"}}).problems,
              ElementsAre(AllOf(HasSubstr("pay return"),
                                HasSubstr("as much is recorded of 2026-11-19, reference b"))));
  EXPECT_THAT(match({part}, {{49, "2026-11-20"}}).problems, ElementsAre(HasSubstr("pay return")));
  EXPECT_THAT(match({part, part}, {{50, "2026-11-20"}}).problems,
              ElementsAre(HasSubstr("pay return")));
  EXPECT_EQ(match({part, part}, {{50, "2026-11-20"}, {50, "2026-11-20"}}).known, 2);
  // All of it, when a part came back before, needs a person too.
  EXPECT_THAT(match({Line("a", 121, false)}, {{50, ""}}).problems,
              ElementsAre(HasSubstr("pay return")));
  EXPECT_THAT(match({Line("a", 122, false)}).problems,
              ElementsAre(HasSubstr("the books EUR 1.21")));
}

TEST(MatchReturn, OfTwoPartsHasTwoReferencesAndIsKnownByThem) {
  const Payment paid = [] {
    Payment payment = PaymentOf("a", 121, Payment::STATE_SETTLED);
    payment.set_returned_cents(50);
    return payment;
  }();
  StatementLine first = Line("a", 50, false, true, "", "2026-11-20"), second = first;
  const auto match = [&](const std::vector<RecordedReturn>& returned) {
    return MatchStatement({first, second}, {paid}, "EUR", {{"id of a", returned}});
  };
  EXPECT_THAT(match({}).problems, ElementsAre(HasSubstr(" --bank-ref=a-20261120-50-1 "),
                                              HasSubstr(" --bank-ref=a-20261120-50-2 ")));
  // What was recorded for the one is not taken for the other, though amount and day are the same;
  // whenever that was, and without a day.
  EXPECT_THAT(match({{50, "", "2027-02-01", "a-20261120-50-2"}}).problems,
              ElementsAre(HasSubstr(" --bank-ref=a-20261120-50-1 ")));
  EXPECT_THAT(match({{50, "2026-11-20", "2026-11-21", "a-20261120-50-1"}}).problems,
              ElementsAre(HasSubstr(" --bank-ref=a-20261120-50-2 ")));
  // As the bank names them, where it does.
  first.bank_ref = "NL-1";
  second.bank_ref = "NL-2";
  EXPECT_THAT(match({{50, "2026-11-20", "2026-11-21", "NL-2"}}).problems,
              ElementsAre(HasSubstr(" --bank-ref=NL-1 ")));
  EXPECT_EQ(match({{50, "", "2027-02-01", "NL-2"}, {50, "", "2027-02-01", "NL-1"}}).known, 2);
  // As it was recorded under any other reference, by its day.
  EXPECT_EQ(match({{50, "2026-11-20", "", "a"}, {50, "", "2026-11-21", "b"}}).known, 2);
}

TEST(MatchReturn, OfAPartOfWhatTheSameStatementSettlesIsForAPersonAfterwards) {
  const std::vector<Payment> payments = {
      PaymentOf("a", 121, Payment::STATE_INSTRUCTED),
      PaymentOf("ABC234-0123456789abcdef0123456789ab", 200, Payment::STATE_INSTRUCTED)};
  const StatementLine out = Line("a", 121, true, true, "", "2026-11-19"),
                      back = Line("a", 50, false, true, "", "2026-11-20");
  for (const auto& lines : {std::vector{out, back}, std::vector{back, out}}) {
    const StatementMatch match = MatchStatement(lines, payments, "EUR");
    EXPECT_THAT(match.problems, IsEmpty());
    ASSERT_EQ(match.outcomes.size(), 1u);
    EXPECT_EQ(match.outcomes[0].fate, Fate::kSettled);
    EXPECT_EQ(match.outcomes[0].day, "2026-11-19");
    EXPECT_THAT(match.afterwards,
                ElementsAre(HasSubstr("`pay return budget id of a --cents=50 "
                                      "--bank-ref=a-20261120-50-1 --effective-date=2026-11-20`")));
  }
  // Of what a batch settles in one sum, too.
  StatementLine batch = Line("", 200, true), of_batch = back;
  batch.message_id = "SMEDERIJ-ABC234";
  of_batch.end_to_end_id = payments[1].bank_ref();
  const StatementMatch whole = MatchStatement({of_batch, batch}, payments, "EUR");
  EXPECT_EQ(whole.outcomes.size(), 1u);
  EXPECT_THAT(whole.problems, IsEmpty());
  EXPECT_THAT(whole.afterwards, ElementsAre(HasSubstr("pay return")));
  // Not before it is booked; and what nothing says went out cannot come back in part, nor what
  // comes back as a whole.
  StatementLine pending = back;
  pending.booked = false;
  EXPECT_EQ(MatchStatement({out, pending}, payments, "EUR").pending, 1);
  EXPECT_THAT(MatchStatement({out, pending}, payments, "EUR").afterwards, IsEmpty());
  const auto differs = ElementsAre(HasSubstr("the bank says EUR 0.50, the books EUR 1.21"));
  EXPECT_THAT(MatchStatement({back}, payments, "EUR").problems, differs);
  EXPECT_THAT(MatchStatement({back}, payments, "EUR").problems,
              ElementsAre(HasSubstr("read the one that has it first")));
  EXPECT_THAT(MatchStatement({out, back, Line("a", 121, false)}, payments, "EUR").problems,
              differs);
}

TEST(MatchReturn, OfAnAdvanceNeedsAPersonWhereverItStands) {
  Payment advance = PaymentOf("a", 100, Payment::STATE_SETTLED);
  advance.set_receipts_due("2027-01-31");
  advance.set_accounted_cents(100);
  for (const Payment::State state : {Payment::STATE_SETTLED, Payment::STATE_ADVANCED}) {
    advance.set_state(state);
    for (const int64_t cents : {40, 100}) {
      const StatementMatch match = MatchStatement({Line("a", cents, false)}, {advance}, "EUR");
      EXPECT_THAT(match.outcomes, IsEmpty());
      EXPECT_THAT(match.problems, ElementsAre(HasSubstr("an advance: ")));
      EXPECT_THAT(match.problems, ElementsAre(HasSubstr("pay return")));
    }
  }
}

}  // namespace
}  // namespace smederij::cli
