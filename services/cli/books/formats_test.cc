#include "services/cli/books/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "services/cli/books/testing/small_books.h"
#include "services/cli/books/testing/xaf_reader.h"

namespace smederij::cli {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

namespace v1 = ledger::v1;

constexpr absl::string_view kActor = "2f9d3c1e";

std::string Csv(const SmallBooks& books) {
  std::ostringstream out;
  EXPECT_TRUE(WriteCsv(books.journal, books.Read(), out).ok());
  return out.str();
}
std::string Jsonl(const SmallBooks& books) {
  std::ostringstream out;
  EXPECT_TRUE(WriteJsonl(books.journal, books.Read(), out).ok());
  return out.str();
}
std::string Xaf(const SmallBooks& books, const std::string& name = "Noordveld, general 2026") {
  std::ostringstream out;
  const XafOptions options{.day = "2026-12-31", .tax_id = "001234567B01", .name = name};
  EXPECT_TRUE(WriteXaf(books.journal, books.Read(), options, out).ok());
  return out.str();
}

// What accounts hold, by number, as a trial balance tells it.
std::map<std::string, int64_t> Trial(const SmallBooks& books) {
  std::map<std::string, int64_t> balances;
  for (const auto& account : books.journal.accounts) {
    balances[std::to_string(account.account_no())] = account.balance_cents();
  }
  return balances;
}

// A payment with VAT that the bank made.
void Settle(SmallBooks& books) {
  const std::string plan = "70000000-0000-4000-8000-000000000003";
  books.Account(v1::ACCOUNT_KIND_CLEARING, plan);
  books.Account(v1::ACCOUNT_KIND_PAID, plan);
  books.Post(v1::ENTRY_TYPE_SETTLE_PAYMENT, "grant", {{6, 7, 121'00}});
  books.entries.back().set_vat_cents(21'00);
}

// What the municipality calls what is paid, and what settles it.
void Name(SmallBooks& books) {
  v1::LedgerCode& paid = *books.journal.codes.add_codes();
  paid.set_account_kind(v1::ACCOUNT_KIND_PAID);
  paid.set_code("4300");
  paid.set_description("Wijkbudget; =uitgaven");
  paid.set_taakveld("6.1");
  v1::LedgerCode& settle = *books.journal.codes.add_codes();
  settle.set_entry_type(v1::ENTRY_TYPE_SETTLE_PAYMENT);
  settle.set_code("=B7");
  settle.set_description("Betaling");
  settle.set_category("3.8");
}

TEST(Csv, HasARowForEveryPostingWithTheAmountTwice) {
  const std::vector<std::string> rows = absl::StrSplit(Csv(MakeSmallBooks()), "\r\n");
  ASSERT_THAT(rows, SizeIs(7));
  EXPECT_EQ(rows[0],
            "\uFEFFentry;line;date;period;type;from;to;amount;amount_cents;currency;decision;"
            "effective_date;vat_cents;type_code;from_code;to_code;taakveld;category");
  EXPECT_EQ(rows[1],
            "1;1;2026-01-01;1;appropriate;source municipality;available;1234567,05;123456705;EUR;"
            "council 2026-17;2026-01-01;;;;;;");
  EXPECT_THAT(rows[3], HasSubstr(";0,01;1;EUR;"));
  EXPECT_THAT(rows[4], StartsWith("3;2;"));
  EXPECT_EQ(rows[6], "");
}

TEST(Csv, AFormulaIsATextAndASeparatorStaysInItsCell) {
  for (const char* formula : {"=1+1", "+31", "-2", "@SUM(A1)", "\t=1"}) {
    EXPECT_THAT(Csv(MakeSmallBooks(formula)),
                HasSubstr(absl::StrCat(";'", formula, ";2026-01-01;;;;;;\r\n")));
  }
  EXPECT_THAT(Csv(MakeSmallBooks("a;b \"c\"")),
              HasSubstr(";\"a;b \"\"c\"\"\";2026-01-01;;;;;;\r\n"));
}

// When it happened, and when it was recorded, are two days.
TEST(Formats, TellTheDayOnWhichItHappened) {
  SmallBooks books = MakeSmallBooks();
  books.entries[0].set_effective_date("2025-11-07");
  const std::vector<std::string> rows = absl::StrSplit(Csv(books), "\r\n");
  EXPECT_THAT(rows[1], StartsWith("1;1;2026-01-01;1;"));
  EXPECT_THAT(rows[1], ::testing::EndsWith(";council 2026-17;2025-11-07;;;;;;"));
  EXPECT_THAT(rows[2], ::testing::EndsWith(";2026-01-01;;;;;;"));
  const std::string jsonl = Jsonl(books);
  EXPECT_THAT(jsonl, HasSubstr("\"effective_date\":\"2025-11-07\""));
  EXPECT_THAT(jsonl, HasSubstr("\"effective_date\":\"2026-01-01\""));
  const std::string xaf = Xaf(books);
  EXPECT_THAT(xaf, HasSubstr("<effDate>2025-11-07</effDate>"));
  EXPECT_THAT(xaf, HasSubstr("<effDate>2026-01-01</effDate>"));
  EXPECT_FALSE(absl::StrContains(xaf, "<trDt>2025-11-07</trDt>"));
}

TEST(Jsonl, IsTheBytesThatWereHashedAndWhatTheySay) {
  const SmallBooks books = MakeSmallBooks();
  const std::vector<std::string> lines = absl::StrSplit(Jsonl(books), '\n', absl::SkipEmpty());
  ASSERT_THAT(lines, SizeIs(5));
  const json head = json::parse(lines[0]);
  EXPECT_EQ(head["journal"], "smederij-journal-v1");
  EXPECT_EQ(head["entries"], 4);
  std::map<std::string, int64_t> balances;
  for (size_t i = 1; i < lines.size(); ++i) {
    const json entry = json::parse(lines[i]);
    EXPECT_EQ(entry["canonical"], "01ff");
    for (const json& posting : entry["postings"]) {
      balances[std::to_string(posting["from"]["no"].get<int>())] -=
          posting["amount_cents"].get<int>();
      balances[std::to_string(posting["to"]["no"].get<int>())] +=
          posting["amount_cents"].get<int>();
    }
  }
  EXPECT_EQ(balances, Trial(books));
}

TEST(AnyFormat, TellsNobodysName) {
  const SmallBooks books = MakeSmallBooks();
  for (const std::string& text : {Csv(books), Jsonl(books), Xaf(books)}) {
    EXPECT_THAT(text, Not(HasSubstr(std::string(kActor))));
  }
}

TEST(Xaf, AnotherReaderComesToTheSameTrialBalance) {
  const SmallBooks books = MakeSmallBooks();
  XafReader reader(Xaf(books));
  ASSERT_TRUE(reader.well_formed()) << reader.mistake();
  EXPECT_TRUE(reader.only_the_namespace());
  EXPECT_EQ(reader.Balances(), Trial(books));
  EXPECT_EQ(reader.mistake(), "");
  const std::string line = "company/transactions/journal/transaction/trLine/";
  EXPECT_THAT(reader.At("company/transactions/linesCount"), ElementsAre("10"));
  EXPECT_THAT(reader.At(line + "accID"), SizeIs(10));
  EXPECT_THAT(reader.At("company/transactions/totalDebit"), ElementsAre("1252567.05"));
  EXPECT_EQ(reader.At("company/transactions/totalDebit"),
            reader.At("company/transactions/totalCredit"));
  EXPECT_THAT(reader.At(line + "projID"),
              ElementsAre("70000000000040008000000000000002", "70000000000040008000000000000003"));
}

TEST(Xaf, WhatDoesNotAddUpIsNotWritten) {
  SmallBooks books = MakeSmallBooks();
  const auto reason = [&] {
    std::ostringstream out;
    const absl::Status status =
        WriteXaf(books.journal, books.Read(), {.day = "2026-12-31", .name = "x"}, out);
    EXPECT_EQ(out.str().empty(), !status.ok());
    return ReasonOf(status);
  };
  EXPECT_EQ(reason(), "");
  books.journal.accounts[3].set_balance_cents(2);
  EXPECT_EQ(reason(), "ENTRIES_DIFFER");
  books = MakeSmallBooks();
  books.journal.accounts.pop_back();
  EXPECT_EQ(reason(), "ENTRIES_DIFFER");
}

TEST(AnyFormat, KnowsWhatMovesNothing) {
  SmallBooks books = MakeSmallBooks();
  const std::string before = Csv(books), audited = Xaf(books);
  books.Post(v1::ENTRY_TYPE_CLOSE_PERIOD, "closing c", {});
  EXPECT_EQ(Csv(books), before) << "a row is a posting";
  EXPECT_EQ(Xaf(books), audited) << "a transaction has lines";
  EXPECT_THAT(Jsonl(books), HasSubstr("\"close_period\"")) << "the chain goes on over it";
}

TEST(AnyFormat, KnowsAdvancesAndWhoseTheyAre) {
  SmallBooks books = MakeSmallBooks();
  const std::string plan = "70000000-0000-4000-8000-000000000003";
  books.Account(v1::ACCOUNT_KIND_COMMITTED, "70000000-0000-4000-8000-000000000004");
  books.Account(v1::ACCOUNT_KIND_CLEARING, plan);
  books.Account(v1::ACCOUNT_KIND_ADVANCED, plan);
  books.Account(v1::ACCOUNT_KIND_PAID, plan);
  books.Account(v1::ACCOUNT_KIND_CARRIED_OUT, "municipality");
  books.Post(v1::ENTRY_TYPE_SETTLE_PAYMENT, "d", {{7, 8, 500}});
  books.Post(v1::ENTRY_TYPE_ACCOUNT_ADVANCE, "d", {{8, 9, 300}});
  books.Post(v1::ENTRY_TYPE_RETURN_ADVANCE, "d", {{8, 6, 200}});
  books.Post(v1::ENTRY_TYPE_CARRY_OUT, "d", {{6, 10, 200}});
  EXPECT_THAT(Csv(books),
              HasSubstr(absl::StrCat(";account_advance;advanced ", plan, ";paid ", plan)));
  EXPECT_THAT(Jsonl(books), HasSubstr("\"return_advance\""));
  XafReader reader(Xaf(books));
  EXPECT_EQ(reader.Balances(), Trial(books));
  // Five more lines of the plan's; none of the commitment's, nor of the source's that went over.
  EXPECT_THAT(reader.At("company/transactions/journal/transaction/trLine/projID"), SizeIs(2 + 5));
}

TEST(AnyFormat, GoesByTheMunicipalitysOwnCodes) {
  SmallBooks books = MakeSmallBooks();
  Settle(books);
  Name(books);
  books.entries.back().set_taakveld("5.7");
  books.Post(v1::ENTRY_TYPE_FAIL_PAYMENT, "grant", {{7, 6, 1'00}});
  // Of the settled payment: its commitment's task field, its type's category; of the other line:
  // what the account paid has.
  EXPECT_THAT(Csv(books), HasSubstr(";grant;2026-01-01;2100;'=B7;;4300;5.7;3.8\r\n"));
  EXPECT_THAT(Csv(books), HasSubstr(";grant;2026-01-01;;;4300;;6.1;\r\n"));
  EXPECT_THAT(Jsonl(books), HasSubstr("\"code\":\"4300\""));
  EXPECT_THAT(Jsonl(books), HasSubstr("\"taakveld\":\"5.7\",\"category\":\"3.8\""));
  XafReader reader(Xaf(books));
  ASSERT_TRUE(reader.well_formed()) << reader.mistake();
  const std::string line = "company/transactions/journal/transaction/trLine/";
  EXPECT_THAT(reader.At(line + "costID"), ElementsAre("5.7", "5.7", "6.1"));
  EXPECT_THAT(reader.At(line + "prodID"), ElementsAre("3.8", "3.8"));
  EXPECT_THAT(reader.At("company/generalLedger/ledgerAccount/leadCode"), ElementsAre("4300"));
  EXPECT_EQ(reader.At("company/transactions/journal/transaction/desc")[4],
            "settle_payment, =B7 Betaling");
  // Read back, every account holds what it did.
  std::map<std::string, int64_t> trial = Trial(books);
  trial["4300.7"] = trial.at("7");
  trial.erase("7");
  EXPECT_EQ(reader.Balances(), trial);
}

// The table of the ledger's README, held to the file.
TEST(Xaf, EveryFieldIsOfTheFormAskedForAndInItsPlace) {
  struct Rule {
    std::string path;
    char form;  // 'T'ext, 'D'ate, 'A'mount, 'N'umber
    size_t max;
  };
  const std::string transaction = "company/transactions/journal/transaction/";
  const std::vector<Rule> rules = {
      {"header/fiscalYear", 'T', 9},
      {"header/startDate", 'D', 10},
      {"header/endDate", 'D', 10},
      {"header/curCode", 'T', 3},
      {"header/dateCreated", 'D', 10},
      {"header/softwareDesc", 'T', 50},
      {"header/softwareVersion", 'T', 20},
      {"company/companyIdent", 'T', 35},
      {"company/companyName", 'T', 999},
      {"company/taxRegistrationCountry", 'T', 2},
      {"company/taxRegIdent", 'T', 30},
      {"company/generalLedger/ledgerAccount/accID", 'T', 35},
      {"company/generalLedger/ledgerAccount/accDesc", 'T', 999},
      {"company/generalLedger/ledgerAccount/accTp", 'T', 1},
      {"company/vatCodes/vatCode/vatID", 'T', 35},
      {"company/vatCodes/vatCode/vatDesc", 'T', 999},
      {"company/periods/period/periodNumber", 'N', 3},
      {"company/periods/period/startDatePeriod", 'D', 10},
      {"company/periods/period/endDatePeriod", 'D', 10},
      {"company/transactions/linesCount", 'N', 10},
      {"company/transactions/totalDebit", 'A', 20},
      {"company/transactions/totalCredit", 'A', 20},
      {"company/transactions/journal/jrnID", 'T', 35},
      {"company/transactions/journal/desc", 'T', 9999},
      {"company/transactions/journal/jrnTp", 'T', 1},
      {"company/generalLedger/ledgerAccount/leadCode", 'T', 35},
      {"company/generalLedger/ledgerAccount/leadDescription", 'T', 999},
      {transaction + "nr", 'T', 35},
      {transaction + "desc", 'T', 9999},
      {transaction + "periodNumber", 'N', 3},
      {transaction + "trDt", 'D', 10},
      {transaction + "trLine/nr", 'T', 35},
      {transaction + "trLine/accID", 'T', 35},
      {transaction + "trLine/docRef", 'T', 999},
      {transaction + "trLine/effDate", 'D', 10},
      {transaction + "trLine/amnt", 'A', 20},
      {transaction + "trLine/amntTp", 'T', 1},
      {transaction + "trLine/costID", 'T', 35},
      {transaction + "trLine/prodID", 'T', 35},
      {transaction + "trLine/projID", 'T', 35},
      {transaction + "trLine/vat/vatID", 'T', 35},
      {transaction + "trLine/vat/vatAmnt", 'A', 20},
      {transaction + "trLine/vat/vatAmntTp", 'T', 1}};
  SmallBooks books = MakeSmallBooks(std::string(200, 'x'));
  Settle(books);
  Name(books);
  XafReader reader(Xaf(books));
  std::set<std::string> known;
  for (const Rule& rule : rules) {
    known.insert(rule.path);
    EXPECT_FALSE(reader.At(rule.path).empty()) << rule.path;
    for (const std::string& text : reader.At(rule.path)) {
      EXPECT_LE(text.size(), rule.max) << rule.path;
      int64_t number = 0;
      const std::vector<std::string> day = absl::StrSplit(text, '-');
      const std::vector<std::string> amount = absl::StrSplit(text, '.');
      const bool fits = rule.form == 'N'   ? absl::SimpleAtoi(text, &number)
                        : rule.form == 'D' ? day.size() == 3 && text.size() == 10
                        : rule.form == 'A' ? amount.size() == 2 && amount[1].size() == 2
                                           : true;
      EXPECT_TRUE(fits) << rule.path << ": " << text;
    }
  }
  for (const auto& [path, texts] : reader.texts()) EXPECT_TRUE(known.contains(path)) << path;
  // The order is part of the format.
  EXPECT_THAT(reader.ChildrenOf(""), ElementsAre("header company"));
  EXPECT_THAT(reader.ChildrenOf("company"),
              ElementsAre("companyIdent companyName taxRegistrationCountry taxRegIdent "
                          "generalLedger vatCodes periods transactions"));
  EXPECT_THAT(reader.ChildrenOf("company/transactions/journal/transaction")[0],
              "nr desc periodNumber trDt trLine trLine");
  const std::string children = "nr accID docRef effDate amnt amntTp";
  EXPECT_THAT(reader.ChildrenOf("company/transactions/journal/transaction/trLine")[0], children);
  EXPECT_THAT(reader.ChildrenOf("company/transactions/journal/transaction/trLine")[5],
              children + " projID");
  EXPECT_EQ(reader.ChildrenOf("company/transactions/journal/transaction/trLine").back(),
            children + " costID prodID projID vat");
  EXPECT_EQ(reader.ChildrenOf("company/generalLedger/ledgerAccount").back(),
            "accID accDesc accTp leadCode leadDescription");
  EXPECT_THAT(reader.ChildrenOf("company/transactions/journal/transaction/trLine/vat"),
              ElementsAre("vatID vatAmnt vatAmntTp"));
}

TEST(Xaf, TheVatOfAPaymentStandsOnceOnTheSideOfWhatIsPaid) {
  SmallBooks books = MakeSmallBooks();
  Settle(books);
  XafReader reader(Xaf(books));
  EXPECT_EQ(reader.Balances(), Trial(books));
  const std::string vat = "company/transactions/journal/transaction/trLine/vat/";
  EXPECT_THAT(reader.At(vat + "vatID"), ElementsAre("BCF"));
  EXPECT_THAT(reader.At(vat + "vatAmnt"), ElementsAre("21.00"));
  EXPECT_THAT(reader.At(vat + "vatAmntTp"), ElementsAre("C"));
  EXPECT_EQ(reader.At("company/vatCodes/vatCode/vatID"), reader.At(vat + "vatID"));
  EXPECT_THAT(Csv(books), HasSubstr(";12100;EUR;grant;2026-01-01;2100;;;;;\r\n"));
  EXPECT_THAT(Jsonl(books), HasSubstr("\"vat_cents\":2100"));
}

TEST(Xaf, TheVatOfWhatCameBackStandsOnTheOtherSide) {
  SmallBooks books = MakeSmallBooks();
  Settle(books);
  books.Post(v1::ENTRY_TYPE_RETURN_PAYMENT, "grant", {{7, 5, 60'50}});
  books.entries.back().set_vat_cents(-10'50);
  XafReader reader(Xaf(books));
  EXPECT_EQ(reader.Balances(), Trial(books));
  const std::string vat = "company/transactions/journal/transaction/trLine/vat/";
  EXPECT_THAT(reader.At(vat + "vatAmnt"), ElementsAre("21.00", "10.50"));
  EXPECT_THAT(reader.At(vat + "vatAmntTp"), ElementsAre("C", "D"));
  EXPECT_THAT(Csv(books), HasSubstr(";60,50;6050;EUR;grant;2026-01-01;-1050;;;;;\r\n"));
  EXPECT_THAT(Csv(books), HasSubstr(";return_payment;paid "));
  EXPECT_THAT(Jsonl(books), HasSubstr("\"vat_cents\":-1050"));
}

TEST(Xaf, NoTextGetsOutOfItsElement) {
  const std::string harm =
      "]]></docRef></trLine><trLine><amnt>9</amnt><!-- & &amp; &#0; <?x ?> "
      "\"'\u202E\uFFFE\uFFFF\x01";
  SmallBooks books = MakeSmallBooks(harm);
  XafReader reader(Xaf(books, harm));
  ASSERT_TRUE(reader.well_formed()) << reader.mistake();
  EXPECT_EQ(reader.Balances(), Trial(books));
  const std::string line = "company/transactions/journal/transaction/trLine/";
  EXPECT_THAT(
      reader.At(line + "docRef")[0],
      StartsWith("]]></docRef></trLine><trLine><amnt>9</amnt><!-- & &amp; &#0; <?x ?> \"'"));
  EXPECT_THAT(reader.At(line + "docRef")[0], HasSubstr("\uFFFD"));
}

TEST(Xaf, ALongNameIsCutBetweenCharacters) {
  std::string name;
  while (name.size() < 1'100) name += "é";
  XafReader reader(Xaf(MakeSmallBooks(), name));
  ASSERT_TRUE(reader.well_formed()) << reader.mistake();
  EXPECT_EQ(reader.At("company/companyName").at(0).size(), 998u);
}

}  // namespace
}  // namespace smederij::cli
