#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "services/cli/bank/bank_day.h"
#include "services/cli/bank/camt053.h"
#include "services/cli/bank/match.h"
#include "services/cli/bank/pain001.h"
#include "services/cli/document/calendar.h"

namespace smederij::cli {
namespace {

using ledger::v1::Payment;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kFirst[] = "5f8f0ee89f0f4a708a543f0d5b6f2a11", kSecond[] = "second";

// An entry with its transactions, as banks write it in version 08.
std::string Entry(const std::string& amount, const std::string& direction,
                  const std::string& transactions, const std::string& status = "BOOK") {
  return absl::StrCat("<Ntry><Amt Ccy=\"EUR\">", amount, "</Amt><CdtDbtInd>", direction,
                      "</CdtDbtInd><Sts><Cd>", status, "</Cd></Sts><NtryDtls>", transactions,
                      "</NtryDtls></Ntry>\n");
}
std::string Tx(const std::string& reference, const std::string& rest = "") {
  return absl::StrCat("<TxDtls><Refs><EndToEndId>", reference, "</EndToEndId></Refs>", rest,
                      "</TxDtls>");
}
std::string Statement(const std::string& entries, const std::string& version = "08") {
  return absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:",
      "20022:tech:xsd:camt.053.001.", version, "\"><BkToCstmrStmt><Stmt>\n", entries,
      "</Stmt></BkToCstmrStmt></Document>");
}
// Read on 25 November 2026.
absl::StatusOr<std::vector<StatementLine>> Read(const std::string& xml) {
  const auto zone = Amsterdam();
  if (!zone.ok()) return zone.status();
  return ReadCamt053(xml, *zone, absl::CivilDay(2026, 11, 25));
}
// Why the whole is refused, or else the first line that cannot be read; empty when all can.
absl::Status MistakeIn(const std::string& xml) {
  const auto lines = Read(xml);
  if (!lines.ok()) return lines.status();
  for (const StatementLine& line : *lines) {
    if (!line.mistake.ok()) return line.mistake;
  }
  return absl::OkStatus();
}
std::string Reason(const std::string& xml) { return std::string(ReasonOf(MistakeIn(xml))); }

// An entry of one payment with these elements before its details.
std::string Dated(const std::string& days) {
  return absl::StrReplaceAll(Entry("1.00", "DBIT", Tx(kFirst)),
                             {{"<NtryDtls>", absl::StrCat(days, "<NtryDtls>")}});
}
std::string DayIn(const std::string& days) {
  const std::string xml = Statement(Dated(days));
  const std::string reason = Reason(xml);
  return reason.empty() ? Read(xml)->at(0).day : reason;
}

TEST(Camt053, ADayIsThatOfItsValueOrOfItsBookingWhenThatIsEarlier) {
  const auto value = [](const std::string& day) { return "<ValDt><Dt>" + day + "</Dt></ValDt>"; };
  const auto booked = [](const std::string& day) {
    return "<BookgDt><Dt>" + day + "</Dt></BookgDt>";
  };
  EXPECT_EQ(DayIn(""), "");
  EXPECT_EQ(DayIn(value("2026-11-24")), "2026-11-24");
  EXPECT_EQ(DayIn(booked("2026-11-25")), "2026-11-25");
  EXPECT_EQ(DayIn(booked("2026-11-25") + value("2026-11-24")), "2026-11-24");
  EXPECT_EQ(DayIn(booked("2026-11-25") + value("2026-11-26")), "2026-11-25");
  for (const char* bad :
       {"2026-02-30", "0000-01-01x", "2026-1-1", "24-11-2026", "tomorrow", "2026-11-24T12:00:00"}) {
    EXPECT_EQ(DayIn(value(bad)), "STATEMENT_DATE") << bad;
    EXPECT_EQ(DayIn(value("2026-11-24") + booked(bad)), "STATEMENT_DATE") << bad;
  }
}

TEST(Camt053, ADayWithItsTimeIsTheDayItThenIsInAmsterdam) {
  const auto timed = [](const std::string& of, const std::string& time) {
    return absl::StrCat("<", of, "><DtTm>", time, "</DtTm></", of, ">");
  };
  EXPECT_EQ(DayIn(timed("ValDt", "2026-11-23T23:30:00Z")), "2026-11-24");
  EXPECT_EQ(DayIn(timed("ValDt", "2026-11-23T22:30:00Z")), "2026-11-23");
  EXPECT_EQ(DayIn(timed("ValDt", "2026-07-01T22:30:00Z")), "2026-07-02");
  EXPECT_EQ(DayIn(timed("BookgDt", "2026-11-24T00:30:00+09:00")), "2026-11-23");
  EXPECT_EQ(DayIn(timed("BookgDt", "2026-11-24T00:30:00")), "2026-11-24");
  // The earlier of both, as days of one calendar.
  EXPECT_EQ(DayIn(timed("BookgDt", "2026-11-23T23:30:00Z") + "<ValDt><Dt>2026-11-24</Dt></ValDt>"),
            "2026-11-24");
}

TEST(Camt053, AnImpossibleDayIsToldByItsLineAndField) {
  const absl::Status mistake = MistakeIn(
      Statement(absl::StrCat(Entry("1.00", "DBIT", Tx(kSecond)),
                             Dated("<BookgDt><Dt>2026-11-24</Dt></BookgDt>\n\n"
                                   "<ValDt>\n<DtTm>2026-11-24T25:00:00+01:00</DtTm></ValDt>"))));
  EXPECT_EQ(ReasonOf(mistake), "STATEMENT_DATE");
  EXPECT_THAT(FactsOf(mistake),
              UnorderedElementsAre(Pair("line", "7"), Pair("field", "ValDt/DtTm")));
}

TEST(Camt053, WhatIsFinalWasNotBookedTomorrow) {
  const auto dated = [](const std::string& of, const std::string& day) {
    return absl::StrCat("<", of, "><Dt>", day, "</Dt></", of, ">");
  };
  EXPECT_EQ(DayIn(dated("BookgDt", "2026-11-25")), "2026-11-25");
  EXPECT_EQ(DayIn(dated("BookgDt", "2026-11-26")), "STATEMENT_DATE_AHEAD");
  EXPECT_EQ(DayIn(dated("BookgDt", "2026-11-26") + dated("ValDt", "2026-11-24")),
            "STATEMENT_DATE_AHEAD");
  EXPECT_EQ(DayIn(dated("ValDt", "2026-11-26")), "STATEMENT_DATE_AHEAD");
  EXPECT_EQ(DayIn("<BookgDt><DtTm>2026-11-25T23:30:00Z</DtTm></BookgDt>"), "STATEMENT_DATE_AHEAD");
  // Value may be given for a day to come.
  EXPECT_EQ(DayIn(dated("BookgDt", "2026-11-25") + dated("ValDt", "2026-11-27")), "2026-11-25");
  const auto mistake = MistakeIn(Statement("\n" + Dated(dated("BookgDt", "2026-11-26"))));
  EXPECT_THAT(FactsOf(mistake),
              UnorderedElementsAre(Pair("line", "4"), Pair("field", "BookgDt/Dt"),
                                   Pair("day", "2026-11-26"), Pair("today", "2026-11-25")));
  // What is pending may still be to come.
  const auto pending = Read(
      Statement(absl::StrReplaceAll(Dated(dated("BookgDt", "2026-11-26")), {{"BOOK", "PDNG"}})));
  ASSERT_TRUE(pending.ok()) << pending.status();
  EXPECT_TRUE(pending->at(0).mistake.ok());
  EXPECT_EQ(pending->at(0).day, "2026-11-26");
}

TEST(Camt053, ADayInAZoneIsTheDayThatIsWritten) {
  const auto dated = [](const std::string& of, const std::string& day) {
    return absl::StrCat("<", of, "><Dt>", day, "</Dt></", of, ">");
  };
  EXPECT_EQ(DayIn(dated("ValDt", "2026-11-24+01:00")), "2026-11-24");
  EXPECT_EQ(DayIn(dated("ValDt", "2026-11-24Z")), "2026-11-24");
  EXPECT_EQ(DayIn(dated("BookgDt", "2026-11-24-14:00")), "2026-11-24");
  EXPECT_EQ(DayIn(dated("BookgDt", "2026-11-24Z") + dated("ValDt", "2026-11-23+14:00")),
            "2026-11-23");
  EXPECT_EQ(DayIn(dated("BookgDt", "2026-11-26+01:00")), "STATEMENT_DATE_AHEAD");
  for (const char* bad : {"2026-11-24+1:00", "2026-11-24+0100", "2026-11-24+14:30",
                          "2026-11-24+25:00", "2026-11-24CET", "2026-11-24ZZ"}) {
    EXPECT_EQ(DayIn(dated("ValDt", bad)), "STATEMENT_DATE") << bad;
  }
}

Payment PaymentOf(const std::string& reference, int64_t cents, Payment::State state) {
  Payment payment;
  payment.set_payment_id("id of " + reference);
  payment.set_bank_ref(reference);
  payment.set_amount_cents(cents);
  payment.set_state(state);
  return payment;
}

TEST(Pain001, IsABatchWithItsTotals) {
  std::ostringstream out;
  WritePain001({.message_id = "M1",
                .made_at = "2026-11-25T10:00:00",
                .execution_day = "2026-11-27",
                .debtor_name = "Gemeente Noord & Zuid",
                .debtor_iban = "NL91ABNA0417164300",
                .transfers = {{.end_to_end_id = kFirst,
                               .cents = 123'45,
                               .name = "De Vries <Klussen>",
                               .iban = "NL02ABNA0123456789",
                               .invoice = "2026-1"},
                              {.end_to_end_id = kSecond,
                               .cents = 5,
                               .name = std::string(71, 'n'),
                               .iban = "NL02ABNA0123456789",
                               .invoice = "2026-2"}}},
               out);
  const std::string xml = out.str();
  EXPECT_THAT(xml, HasSubstr("pain.001.001.09"));
  EXPECT_THAT(xml, HasSubstr("<NbOfTxs>2</NbOfTxs>\n<CtrlSum>123.50</CtrlSum>"));
  EXPECT_THAT(xml, HasSubstr("<PmtMtd>TRF</PmtMtd>\n<BtchBookg>false</BtchBookg>\n<NbOfTxs>"));
  EXPECT_THAT(xml, HasSubstr("<InstdAmt Ccy=\"EUR\">123.45</InstdAmt>"));
  EXPECT_THAT(xml, HasSubstr("<InstdAmt Ccy=\"EUR\">0.05</InstdAmt>"));
  EXPECT_THAT(xml, HasSubstr("Noord &amp; Zuid"));
  EXPECT_THAT(xml, HasSubstr("De Vries &lt;Klussen&gt;"));
  EXPECT_THAT(xml, HasSubstr("<Nm>" + std::string(70, 'n') + "</Nm>"));
}

TEST(Iban, IsCheckedByItsDigits) {
  EXPECT_TRUE(IbanHolds("NL91ABNA0417164300"));
  EXPECT_TRUE(IbanHolds("DE89370400440532013000"));
  for (const char* wrong :
       {"", "NL91ABNA0417164301", "nl91abna0417164300", "NL91 ABNA 0417 1643 00",
        "NL91ABNA041716430", "NL91ABNA0417164300000000000000000000"}) {
    EXPECT_FALSE(IbanHolds(wrong)) << wrong;
  }
}

TEST(Camt053, SaysWhatBecameOfEachReference) {
  const std::string xml = Statement(absl::StrCat(
      Entry("123.45", "DBIT", Tx(kFirst)),
      Entry("10", "DBIT",
            Tx(kSecond, "<Amt Ccy=\"EUR\">4.5</Amt>") +
                Tx("other",
                   "<AmtDtls><TxAmt><Amt Ccy=\"EUR\">5.50000</Amt></TxAmt>"
                   "</AmtDtls>")),
      Entry("123.45", "CRDT", Tx(kFirst, "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")),
      Entry("1.00", "DBIT", Tx("NOTPROVIDED")), Entry("2.00", "DBIT", Tx("later"), "PDNG")));
  const auto lines = Read(xml);
  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_EQ(lines->size(), 5u);
  EXPECT_EQ(lines->at(0), (StatementLine{.line = 3,
                                         .end_to_end_id = kFirst,
                                         .cents = 123'45,
                                         .currency = "EUR",
                                         .debit = true,
                                         .booked = true,
                                         .reason = ""}));
  EXPECT_EQ(lines->at(1).cents, 450);
  EXPECT_EQ(lines->at(2).cents, 550);
  EXPECT_FALSE(lines->at(3).debit);
  EXPECT_EQ(lines->at(3).reason, "AC04");
  EXPECT_FALSE(lines->at(4).booked);
}

TEST(Camt053, OfAnOlderVersionHasItsStatusBare) {
  const auto lines = Read(Statement(
      "<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd>"
      "<Sts>BOOK</Sts><NtryDtls><TxDtls><Refs><EndToEndId>x</EndToEndId></Refs></TxDtls></NtryDtls>"
      "</Ntry>",
      "02"));
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_TRUE(lines->at(0).booked);
  EXPECT_FALSE(lines->at(0).debit);
}

TEST(Camt053, HasTheBanksOwnReferenceOfATransaction) {
  const auto entry = [](const std::string& of_entry, const std::string& transactions) {
    return absl::StrCat("<Ntry><NtryRef>1</NtryRef><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT",
                        "</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>", of_entry, "<NtryDtls>",
                        transactions, "</NtryDtls></Ntry>");
  };
  const auto tx = [](const char* refs) {
    return absl::StrCat("<TxDtls><Refs>", refs, "<EndToEndId>", kSecond,
                        "</EndToEndId></Refs></TxDtls>");
  };
  const std::string of_entry = "<AcctSvcrRef>E1</AcctSvcrRef>",
                    own = tx("<AcctSvcrRef>T1</AcctSvcrRef>");
  const auto lines = Read(Statement(entry(of_entry, own) + entry(of_entry, tx("")) +
                                    entry(of_entry, own + tx("")) + entry("", tx(""))));
  ASSERT_TRUE(lines.ok()) << lines.status();
  std::vector<std::string> references;
  for (const StatementLine& line : *lines) references.push_back(line.bank_ref);
  // That of an entry with more transactions is of none of them.
  EXPECT_THAT(references, ElementsAre("T1", "E1", "T1", "", ""));
}

// The direction is that of the entry itself: a debit that the bank takes back is a credit.
TEST(Camt053, AReversalGoesTheWayItSays) {
  for (const char* reversal :
       {"", "<RvslInd>true</RvslInd>", "<RvslInd>1</RvslInd>", "<RvslInd>false</RvslInd>"}) {
    for (const char* direction : {"DBIT", "CRDT"}) {
      const auto lines = Read(Statement(absl::StrReplaceAll(
          Entry("1.00", direction, Tx(kFirst)), {{"<Sts>", absl::StrCat(reversal, "<Sts>")}})));
      ASSERT_TRUE(lines.ok()) << lines.status();
      EXPECT_EQ(lines->at(0).debit, direction == std::string("DBIT")) << reversal;
    }
  }
  EXPECT_EQ(Reason(Statement(Entry("1.00", "", Tx("x")))), "STATEMENT_DIRECTION");
  EXPECT_EQ(Reason(Statement(Entry("1.00", "debit", Tx("x")))), "STATEMENT_DIRECTION");
}

TEST(Camt053, WhatIsNoStatementIsRefused) {
  const std::string good = Statement(Entry("1.00", "DBIT", Tx("x")));
  ASSERT_TRUE(Read(good).ok());
  EXPECT_EQ(Reason(""), "STATEMENT_NOT_XML");
  EXPECT_EQ(Reason("<Document>"), "STATEMENT_NOT_CAMT053");
  EXPECT_EQ(Reason(good.substr(0, good.size() - 1)), "STATEMENT_NOT_XML");
  EXPECT_EQ(Reason(good + "x"), "STATEMENT_NOT_XML");
  EXPECT_EQ(Reason(absl::StrReplaceAll(good, {{"camt.053", "camt.052"}})), "STATEMENT_NOT_CAMT053");
  EXPECT_EQ(Reason(absl::StrReplaceAll(good, {{"<Stmt>", "<Rpt>"}, {"</Stmt>", "</Rpt>"}})),
            "STATEMENT_NOT_CAMT053");
  // No document type: neither entities that grow nor files that are read.
  EXPECT_EQ(Reason(absl::StrReplaceAll(
                good, {{"?>\n", "?>\n<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"}})),
            "STATEMENT_NOT_XML");
  EXPECT_EQ(Reason(Statement(absl::StrCat(std::string(100 * 3, ' ')) +
                             absl::StrReplaceAll(std::string(100, 'x'), {{"x", "<a>"}}))),
            "STATEMENT_NOT_XML");
  EXPECT_EQ(Reason(std::string(kStatementBytesMax + 1, ' ')), "STATEMENT_TOO_LARGE");
}

TEST(Camt053, AnAmountIsReadExactlyOrNotAtAll) {
  for (const char* amount : {"", "-1.00", "1,00", "1.", ".5", "1.005", "1e2", "12345678901234",
                             "1.000000", "NaN", "0x10", "1 000.00"}) {
    EXPECT_EQ(Reason(Statement(Entry(amount, "DBIT", Tx("x")))), "STATEMENT_AMOUNT") << amount;
  }
  // Two transactions in an entry that says only what they come to together.
  EXPECT_EQ(Reason(Statement(Entry("2.00", "DBIT", Tx("x") + Tx("y")))), "STATEMENT_AMOUNT");
}

TEST(Match, WhatCannotBeReadIsLeftOutUnlessItIsOurs) {
  const std::vector<Payment> payments = {PaymentOf(kFirst, 100, Payment::STATE_INSTRUCTED),
                                         PaymentOf("", 100, Payment::STATE_APPROVED)};
  const std::string tomorrow = "<BookgDt><Dt>2026-11-26</Dt></BookgDt><NtryDtls>";
  const auto entry = [&](const std::string& reference, const std::string& amount,
                         const std::string& details) {
    return absl::StrReplaceAll(Entry(amount, "DBIT", Tx(reference)), {{"<NtryDtls>", details}});
  };
  const std::string odd = entry("elsewhere", "1.00", tomorrow) +
                          entry("another", "1,00", "<NtryDtls>") +
                          entry("a third", "1.00", "<ValDt><Dt>soon</Dt></ValDt><NtryDtls>");
  const auto match = [&](const std::string& entries) {
    const auto lines = Read(Statement(entries));
    EXPECT_TRUE(lines.ok()) << lines.status();
    return MatchStatement(lines.value_or(std::vector<StatementLine>()), payments, "EUR");
  };
  const StatementMatch without = match(odd + Entry("1.00", "DBIT", Tx(kFirst) + Tx("NOTPROVIDED")));
  ASSERT_EQ(without.left_out.size(), 3u);
  EXPECT_EQ(ReasonOf(without.left_out[0]), "STATEMENT_DATE_AHEAD");
  EXPECT_EQ(ReasonOf(without.left_out[1]), "STATEMENT_AMOUNT");
  EXPECT_EQ(ReasonOf(without.left_out[2]), "STATEMENT_DATE");
  EXPECT_EQ(without.foreign, 0);

  const StatementMatch good = match(odd + Entry("1.00", "DBIT", Tx(kFirst)));
  EXPECT_TRUE(good.mistake.ok()) << good.mistake;
  EXPECT_THAT(good.problems, IsEmpty());
  EXPECT_EQ(good.left_out.size(), 3u);
  ASSERT_EQ(good.outcomes.size(), 1u);
  EXPECT_EQ(good.outcomes[0].fate, StatementMatch::Fate::kSettled);
  // Ours is as strict as ever, the first that cannot be read is told.
  EXPECT_EQ(ReasonOf(match(odd + entry(kFirst, "1.00", tomorrow)).mistake), "STATEMENT_DATE_AHEAD");
  EXPECT_EQ(ReasonOf(match(entry(kFirst, "1", tomorrow) + entry(kFirst, "x", tomorrow)).mistake),
            "STATEMENT_DATE_AHEAD");
  EXPECT_EQ(ReasonOf(match(odd + entry(kFirst, "x", tomorrow)).mistake), "STATEMENT_AMOUNT");
  EXPECT_THAT(match(entry(kFirst, "1.00", tomorrow)).outcomes, IsEmpty());
}

}  // namespace
}  // namespace smederij::cli
