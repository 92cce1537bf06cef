// The books of a round that was really played: verified, exported, told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/crypto/hash.h"
#include "services/cli/bank/batch.h"
#include "services/cli/books/testing/xaf_reader.h"
#include "tests/e2e/played.h"
#include "tests/e2e/projection.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Sha256Hex(const std::string& bytes) {
  const crypto::Hash hash = crypto::Sha256(bytes);
  return absl::BytesToHexString({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// "K7QX2M", as `bank order` tells it.
std::string BatchIn(const std::string& told) {
  const size_t at = told.find("batch ");
  return at == std::string::npos ? "" : told.substr(at + 6, 6);
}

TEST(Books, OfAPlayedRoundAreVerifiedExportedAndTold) {
  Played played;
  ASSERT_GT(played.trial.size(), 3u);

  // The journal: the chain holds from the opening record to the head, and the postings alone
  // rebuild the trial balance.
  const std::vector<json> journal = Lines(played.Export("jsonl"));
  std::map<std::string, int64_t> rebuilt;
  for (const auto& [account, cents] : played.trial) rebuilt[account] = 0;
  std::string hash =
      Sha256Hex(absl::HexStringToBytes(journal.at(0).at("opening").get<std::string>()));
  for (size_t i = 1; i < journal.size(); ++i) {
    const json& entry = journal[i];
    EXPECT_EQ(entry.at("seq"), i);
    EXPECT_EQ(entry.at("prev_hash"), hash);
    hash = Sha256Hex(
        absl::HexStringToBytes(absl::StrCat(hash, entry.at("canonical").get<std::string>())));
    EXPECT_EQ(entry.at("hash"), hash);
    for (const json& posting : entry.at("postings")) {
      const int64_t cents = posting.at("amount_cents");
      rebuilt[absl::StrCat(posting.at("from").at("no").get<int>())] -= cents;
      rebuilt[absl::StrCat(posting.at("to").at("no").get<int>())] += cents;
    }
  }
  EXPECT_EQ(journal.at(0).at("head_hash"), hash);
  EXPECT_EQ(rebuilt, played.trial);

  // The auditfile, read by a parser that is not ours.
  const std::string xaf = played.Export("xaf");
  cli::XafReader reader(xaf);
  ASSERT_TRUE(reader.well_formed()) << reader.mistake();
  EXPECT_EQ(reader.Balances(), played.trial);
  for (const std::string& text : {xaf, played.Export("csv"), played.Export("jsonl")}) {
    EXPECT_FALSE(absl::StrContains(text, "person:"));
  }
  EXPECT_THAT(played.Export("csv"), StartsWith("\uFEFFentry;line;date;"));

  // The page.
  const std::string district = journal.at(0).at("district_id");
  const std::string year = absl::StrCat(journal.at(0).at("fiscal_year").get<int>());
  const Ended page = played.town.Smederij(
      {"ledger", "report", district, "--year", year, "--html", "--language", "nl"});
  EXPECT_EQ(page.code, 0) << page.err;
  EXPECT_THAT(page.out, StartsWith("<!DOCTYPE html>\n<html lang=\"nl\">"));
  EXPECT_THAT(page.out, HasSubstr("Nog te besteden"));
  const Ended none =
      played.town.Smederij({"ledger", "report", district, "--year", "2001", "--html"});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("YEAR_HAS_NO_BUDGET"));

  // Every entry stands in the signed log, which is checked without anybody's help.
  json head;
  for (int tries = 0; tries < 100; ++tries) {  // It is signed once a second.
    const Ended checkpoint = played.town.Smederij({"ledger", "checkpoint", "--json"});
    if (checkpoint.code == 0) head = json::parse(checkpoint.out);
    if (!head.is_null() && Cents(head.at("size")) + 1 >= static_cast<int64_t>(journal.size()))
      break;
    absl::SleepFor(absl::Milliseconds(100));
  }
  const std::string log_key = head.at("verifier_key"), file = played.town.key("entry.proof");
  const Ended proved = played.town.Smederij(
      {"ledger", "proof", played.budget, absl::StrCat(journal.size() - 1), "--output", file});
  ASSERT_EQ(proved.code, 0) << proved.err;
  const char* const bin = std::getenv("SMEDERIJ_BIN");
  const std::string smederij = absl::StrCat(bin != nullptr ? bin : "bin", "/smederij");
  const auto check = [&] {
    return e2e::Run({smederij, "ledger", "check-proof", file, "--key", log_key, "--json"});
  };
  const Ended checked = check();
  ASSERT_EQ(checked.code, 0) << checked.err;
  const json standing = json::parse(checked.out);
  EXPECT_EQ(standing.at("budget_id"), played.budget);
  EXPECT_EQ(standing.at("seq"), journal.size() - 1);
  EXPECT_EQ(standing.at("entry_hash"), hash);
  EXPECT_EQ(standing.at("origin"), "localhost/ledger");
  std::ofstream(file, std::ios::app) << "x";
  EXPECT_EQ(check().code, 1);

  // Verified by the service, on the word of a treasurer.
  const Ended token = played.town.Smederij(
      {"token", "official:treasurer", "ledger", "--identity-key", played.town.key("identity.key")});
  ASSERT_EQ(token.code, 0) << token.err;
  const std::string bearer(absl::StripAsciiWhitespace(token.out));
  const auto verify = [&] {
    return played.town.Smederij({"ledger", "verify", played.budget, "--token", bearer});
  };
  const Ended sound = verify();
  EXPECT_EQ(sound.code, 0) << sound.out << sound.err;
  EXPECT_THAT(sound.out, StartsWith("SOUND  1 to "));

  // And then somebody with all rights gives a plan a cent.
  const Ended tampered =
      e2e::Run({"psql", "--no-psqlrc", "--quiet", "--dbname",
                played.town.cluster().Conninfo("postgres", "ledger"), "--command",
                "SET session_replication_role = replica;"
                "UPDATE ledger.account SET credits = credits + 1 WHERE kind = 4"});
  ASSERT_EQ(tampered.code, 0) << tampered.err;
  const Ended broken = verify();
  EXPECT_EQ(broken.code, 1) << broken.out << broken.err;
  EXPECT_THAT(broken.out, StartsWith("BROKEN"));
  EXPECT_THAT(broken.out, HasSubstr("is not the sum of its postings"));
}

TEST(Bank, IsToldByFileAndAnswersByFile) {
  Played played;
  Town& town = played.town;
  const std::string& budget = played.budget;
  const auto as = [&](const std::string& subject, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ledger");
    arguments.push_back("--token-file=" + TokenFile(town, subject));
    return town.Smederij(std::move(arguments));
  };
  // Two invoices on an open commitment, approved by somebody else.
  const std::vector<json> commitments =
      Lines(town.Smederij({"ledger", "commitments", budget, "--open", "--json"}).out);
  ASSERT_FALSE(commitments.empty());
  const std::string commitment = commitments[0].at("commitment_id");
  const auto approved = [&](const char* invoice) {
    const Ended requested =
        as("official:area-director", {"pay", "request", budget, commitment, "--cents=1000",
                                      "--json", absl::StrCat("--invoice=", invoice)});
    EXPECT_EQ(requested.code, 0) << requested.err;
    const json payment = json::parse(requested.out);
    EXPECT_EQ(as("official:payment-approver",
                 {"pay", "approve", budget, payment.at("payment_id").get<std::string>()})
                  .code,
              0);
    return payment;
  };
  const std::vector<json> payments = {approved("2026-A"), approved("2026-B")};
  const std::string payee = payments[0].at("payee_id");
  const std::vector<std::string> order = {"bank",
                                          "order",
                                          budget,
                                          "--debtor-name=Gemeente Testdorp",
                                          "--debtor-iban=NL91ABNA0417164300",
                                          "--execute-on=2999-12-01"};
  const Ended told = as("official:treasurer", order);
  ASSERT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.err, HasSubstr("2 payments, EUR 20.00"));
  const std::string batch = BatchIn(told.err);
  std::vector<std::string> references;
  for (const json& payment : payments) {
    references.push_back(cli::EndToEndIdOf(batch, payment.at("payment_id").get<std::string>()));
    EXPECT_THAT(told.out, HasSubstr(references.back()));
  }
  // Nothing is left to order; the same file can be made again, as the same message.
  EXPECT_THAT(as("official:treasurer", order).err, HasSubstr("NOTHING_TO_PAY"));
  std::vector<std::string> again = order;
  again.push_back("--again=" + batch);
  const auto message = [](const Ended& file) {
    return cli::XafReader(file.out).At("CstmrCdtTrfInitn/GrpHdr/MsgId");
  };
  const Ended repeated = as("official:treasurer", again);
  EXPECT_THAT(repeated.out, HasSubstr("<CtrlSum>20.00</CtrlSum>"));
  EXPECT_THAT(message(told), ElementsAre("SMEDERIJ-" + batch));
  EXPECT_EQ(message(repeated), message(told));
  std::vector<std::string> past = order;
  past.back() = "--execute-on=2025-12-01";
  EXPECT_THAT(as("official:treasurer", past).err, HasSubstr("EXECUTION_DAY_PAST"));
  past.back() = "--execute-on=2999-12-1";
  EXPECT_THAT(as("official:treasurer", past).err, HasSubstr("BAD_DATE"));

  // A payee who got another account since the bank was told is left out, with the reason.
  const Ended proposed = as("official:treasurer", {"payee", "propose-iban", payee, "--json",
                                                   "--iban=NL02ABNA0123456789"});
  ASSERT_EQ(proposed.code, 0) << proposed.err;
  // The approver finds what waits, and the account that the payments went to when it has gone.
  const std::string municipality = Lines(played.Export("jsonl")).at(0).at("municipality_id");
  const std::vector<std::string> changes_waiting = {"payee", "list", municipality, "--waiting",
                                                    "--json"};
  const std::vector<json> found = Lines(as("official:payment-approver", changes_waiting).out);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at("payee").at("payee_id"), payee);
  EXPECT_EQ(found[0].at("proposed_iban"), "NL02ABNA0123456789");
  EXPECT_THAT(
      as("official:treasurer", {"payee", "add", "--name=De Vries", "--iban=NL91ABNA0417164300"})
          .err,
      HasSubstr(absl::StrCat("payee_id=", payee)));
  const Ended accepted =
      as("official:payment-approver",
         {"payee", "accept-iban", payee,
          absl::StrCat("--version=", json::parse(proposed.out).at("proposed_version").get<int>())});
  ASSERT_EQ(accepted.code, 0) << accepted.err;
  EXPECT_EQ(as("official:payment-approver", changes_waiting).out, "");
  EXPECT_THAT(as("official:payment-approver", {"payee", "show", payee, "--version=1"}).out,
              HasSubstr("NL91ABNA0417164300"));
  EXPECT_THAT(as("official:treasurer", {"commitments", budget}).out, HasSubstr(payee));
  EXPECT_FALSE(absl::StrContains(town.Smederij({"ledger", "commitments", budget}).out, payee));
  const Ended changed = as("official:treasurer", again);
  EXPECT_EQ(changed.code, 1) << changed.out;
  EXPECT_THAT(changed.err, HasSubstr("IBAN_CHANGED"));
  EXPECT_EQ(changed.out, "");
  EXPECT_THAT(changed.err,
              HasSubstr("left out: payment " + payments[0].at("payment_id").get<std::string>() +
                        ": the payee has another account since the bank was told"));
  // Another batch is another file: none of the first one's payments is in it.
  const std::string later = approved("2026-D").at("payment_id");
  const Ended second = as("official:treasurer", order);
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("1 payments, EUR 10.00"));
  const std::string newer = BatchIn(second.err);
  EXPECT_NE(newer, batch);
  again.back() = "--again=" + newer;
  for (const Ended& file : {second, as("official:treasurer", again)}) {
    EXPECT_EQ(file.code, 0) << file.err;
    EXPECT_THAT(message(file), ElementsAre("SMEDERIJ-" + newer));
    cli::XafReader reader(file.out);
    const std::string transfer = "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/";
    EXPECT_THAT(reader.At(transfer + "PmtId/EndToEndId"),
                ElementsAre(cli::EndToEndIdOf(newer, later)));
    EXPECT_THAT(reader.At(transfer + "CdtrAcct/Id/IBAN"), ElementsAre("NL02ABNA0123456789"));
  }
  const std::vector<json> waiting =
      Lines(as("official:treasurer", {"bank", "waiting", budget, "--json"}).out);
  EXPECT_THAT(waiting, ::testing::UnorderedElementsAre(
                           json{{"batch", batch}, {"payments", 2}, {"sum_cents", 2000}},
                           json{{"batch", newer}, {"payments", 1}, {"sum_cents", 1000}}));
  again.back() = "--again=ZZZZZZ";
  const Ended nothing = as("official:treasurer", again);
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("BATCH_NOT_WAITING"));
  EXPECT_THAT(nothing.err, HasSubstr("batch " + newer + ": 1 payments, EUR 10.00"));

  const auto entry = [](const std::string& reference, const char* cents, const char* direction) {
    return absl::StrCat("<Ntry><Amt Ccy=\"EUR\">", cents, "</Amt><CdtDbtInd>", direction,
                        "</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs><EndToEndId>",
                        reference, "</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>");
  };
  const auto book = [&](const std::string& entries) {
    const std::string path = town.key("statement.xml");
    std::ofstream(path) << "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">"
                        << "<BkToCstmrStmt><Stmt>" << entries
                        << "</Stmt></BkToCstmrStmt></Document>";
    return as("official:treasurer", {"bank", "statement", budget, path, "--json"});
  };
  // One amount differs: nothing at all is recorded.
  const Ended differs =
      book(entry(references[0], "10.00", "DBIT") + entry(references[1], "10.01", "DBIT"));
  EXPECT_EQ(differs.code, 1);
  EXPECT_THAT(differs.err, HasSubstr("STATEMENT_DIFFERS"));
  EXPECT_THAT(differs.err, HasSubstr("the bank says EUR 10.01"));
  // Booked on a day to come: refused with its line, and nothing at all is recorded.
  const std::string to_come =
      absl::FormatCivilTime(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + 2);
  const Ended ahead = book(
      entry(references[0], "10.00", "DBIT") + "\n" +
      absl::StrReplaceAll(
          entry(references[1], "10.00", "DBIT"),
          {{"<NtryDtls>", absl::StrCat("<BookgDt><Dt>", to_come, "</Dt></BookgDt><NtryDtls>")}}));
  EXPECT_EQ(ahead.code, 1);
  EXPECT_THAT(ahead.err, HasSubstr("STATEMENT_DATE_AHEAD"));
  EXPECT_THAT(ahead.err, HasSubstr("field=BookgDt/Dt line=2"));
  // The bank gave value in the year before, on a day that the journal keeps.
  const std::string day =
      absl::StrCat(absl::ToCivilYear(absl::Now(), absl::UTCTimeZone()).year() - 1, "-12-30");
  const std::string right =
      absl::StrReplaceAll(
          entry(references[0], "10.00", "DBIT"),
          {{"<NtryDtls>", absl::StrCat("<ValDt><Dt>", day, "+01:00</Dt></ValDt><NtryDtls>")}}) +
      entry(references[1], "10.00", "DBIT") + entry(references[1], "10.00", "CRDT") +
      entry("another", "3", "DBIT") + "\n" +
      absl::StrReplaceAll(
          entry("a third", "3", "DBIT"),
          {{"<NtryDtls>", absl::StrCat("<BookgDt><Dt>", to_come, "</Dt></BookgDt><NtryDtls>")}});
  const Ended booked = book(right);
  ASSERT_EQ(booked.code, 0) << booked.err;
  EXPECT_EQ(json::parse(booked.out),
            json::parse(R"({"settled":1,"failed":1,"returned":0,"known":0,"pending":0,"foreign":1,)"
                        R"("left_out":1,"not_recorded":0})"));
  EXPECT_THAT(booked.err, HasSubstr("left out, of no payment here: a transaction that is final has "
                                    "a day that is still to come (STATEMENT_DATE_AHEAD)"));
  EXPECT_THAT(booked.err, HasSubstr("field=BookgDt/Dt line=2"));
  const std::vector<json> journal = Lines(played.Export("jsonl"));
  const auto settled = std::find_if(journal.rbegin(), journal.rend(), [](const json& line) {
    return line.contains("type") && line.at("type") == "settle_payment";
  });
  ASSERT_NE(settled, journal.rend());
  EXPECT_EQ(settled->at("effective_date"), day);
  // Whom it paid, and on which account, stands in no log and no metric.
  for (const char* personal : {"De Vries", "ABNA0123456789", "ABNA0417164300"}) {
    EXPECT_FALSE(absl::StrContains(town.log("ledger") + town.Metrics("ledger"), personal));
  }
  // Read again, it says nothing new.
  EXPECT_EQ(json::parse(book(right).out),
            json::parse(R"({"settled":0,"failed":0,"returned":0,"known":3,"pending":0,"foreign":1,)"
                        R"("left_out":1,"not_recorded":0})"));

  // An advance: the bank pays it, receipts and money that comes back account for it.
  const Ended asked =
      as("official:area-director", {"pay", "request", budget, commitment, "--cents=500", "--json",
                                    "--invoice=2026-C", "--receipts-due=2999-12-31"});
  ASSERT_EQ(asked.code, 0) << asked.err;
  const std::string advance = json::parse(asked.out).at("payment_id");
  ASSERT_EQ(as("official:payment-approver", {"pay", "approve", budget, advance}).code, 0);
  const Ended third = as("official:treasurer", order);
  ASSERT_EQ(third.code, 0) << third.err;
  const Ended paid = book(entry(cli::EndToEndIdOf(BatchIn(third.err), advance), "5.00", "DBIT"));
  ASSERT_EQ(paid.code, 0) << paid.err;
  EXPECT_EQ(json::parse(paid.out).at("settled"), 1);
  const Ended overdue = as("official:treasurer", {"payments", budget, "--overdue-on=2999-12-31"});
  EXPECT_EQ(overdue.code, 0) << overdue.err;
  EXPECT_EQ(overdue.out, "");  // Not before the day is over.
  const Ended open = as("official:treasurer", {"payments", budget, "--state=ADVANCED", "--json"});
  ASSERT_EQ(Lines(open.out).size(), 1u) << open.err;
  const std::string receipts = town.key("receipts.pdf");
  std::ofstream(receipts) << "till 1, till 2";
  const std::vector<std::string> account = {
      "pay",         "account",          budget,   advance,
      "--cents=300", "--receipt=till 1", "--json", absl::StrCat("--document=", receipts)};
  const Ended part = as("official:payment-approver", account);
  ASSERT_EQ(part.code, 0) << part.err;
  EXPECT_EQ(json::parse(part.out).at("state"), "STATE_ADVANCED");
  EXPECT_THAT(as("official:payment-approver", account).err, HasSubstr("RECEIPT_USED"));
  const Ended back = as("official:treasurer", {"pay", "return", budget, advance, "--cents=200",
                                               "--bank-ref=BACK-1", "--json"});
  ASSERT_EQ(back.code, 0) << back.err;
  EXPECT_EQ(json::parse(back.out).at("state"), "STATE_SETTLED");
  const std::vector<json> steps =
      Lines(as("official:treasurer", {"pay", "steps", budget, advance, "--json"}).out);
  ASSERT_EQ(steps.size(), 6u);
  EXPECT_EQ(steps[4].at("receipt_ref"), "till 1");
  EXPECT_EQ(steps[5].at("return_ref"), "BACK-1");

  // The municipality's own codes, in the auditfile.
  const std::string codes = town.key("codes.json");
  std::ofstream(codes) << R"({"codes":[{"account_kind":"ACCOUNT_KIND_PAID","code":"4300",)"
                       << R"("description":"Wijkbudget","taakveld":"6.1","category":"3.8"}]})";
  const Ended set = as("official:treasurer", {"codes", "set", codes, "--version=1"});
  ASSERT_EQ(set.code, 0) << set.err;
  EXPECT_THAT(as("official:treasurer", {"codes", "set", codes, "--version=1"}).err,
              HasSubstr("STALE_VERSION"));
  std::ofstream(codes) << R"({"codes":[{"kode":"4300"}]})";
  EXPECT_THAT(as("official:treasurer", {"codes", "set", codes, "--version=2"}).err,
              HasSubstr("BAD_FILE"));
  EXPECT_THAT(town.Smederij({"ledger", "codes", "show", municipality}).out,
              HasSubstr("Wijkbudget"));
  cli::XafReader reader(played.Export("xaf"));
  ASSERT_TRUE(reader.well_formed()) << reader.mistake();
  EXPECT_FALSE(reader.At("company/transactions/journal/transaction/trLine/costID").empty());
  EXPECT_EQ(reader.At("company/generalLedger/ledgerAccount/leadCode").at(0), "4300");
}

}  // namespace
}  // namespace smederij::e2e
