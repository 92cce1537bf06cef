// Money that the bank says came back after it was paid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "tests/e2e/played.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(CameBack, IsBookedFromTheStatementWhenItIsAllOfAPayment) {
  Played played;
  Town& town = played.town;
  const std::string& budget = played.budget;
  const auto as = [&](const std::string& subject, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ledger");
    arguments.push_back("--token-file=" + TokenFile(town, subject));
    return town.Smederij(std::move(arguments));
  };
  const std::vector<json> commitments =
      Lines(town.Smederij({"ledger", "commitments", budget, "--open", "--json"}).out);
  ASSERT_FALSE(commitments.empty());
  const std::string commitment = commitments[0].at("commitment_id"),
                    plan = commitments[0].at("plan_id");
  const auto remaining = [&] {
    for (const json& one : Lines(town.Smederij({"ledger", "commitments", budget, "--json"}).out)) {
      if (one.at("commitment_id") == commitment) return Cents(one.at("remaining_cents"));
    }
    return int64_t{-1};
  };
  const auto paid = [&](const std::string& reference) {
    const Ended requested =
        as("official:area-director", {"pay", "request", budget, commitment, "--cents=1000",
                                      "--json", absl::StrCat("--invoice=", reference)});
    EXPECT_EQ(requested.code, 0) << requested.err;
    const std::string id = json::parse(requested.out).at("payment_id");
    EXPECT_EQ(as("official:payment-approver", {"pay", "approve", budget, id}).code, 0);
    EXPECT_EQ(
        as("official:treasurer", {"pay", "instruct", budget, id, "--bank-ref=" + reference}).code,
        0);
    EXPECT_EQ(as("official:treasurer", {"pay", "settle", budget, id}).code, 0);
    return id;
  };
  const std::string day =
      absl::FormatCivilTime(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) - 1);
  const auto back = [&](const std::string& reference, const char* amount) {
    return absl::StrCat("<Ntry><Amt Ccy=\"EUR\">", amount,
                        "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>", day,
                        "</Dt></ValDt><NtryDtls><TxDtls><Refs><EndToEndId>", reference,
                        "</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>");
  };
  const auto book = [&](const std::string& entries) {
    const std::string path = town.key("statement.xml");
    std::ofstream(path) << "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">"
                        << "<BkToCstmrStmt><Stmt>" << entries
                        << "</Stmt></BkToCstmrStmt></Document>";
    return as("official:treasurer", {"bank", "statement", budget, path, "--json"});
  };
  const auto count = [](const Ended& booked, const char* what) {
    return booked.code == 0 ? json::parse(booked.out).at(what).get<int>() : -1;
  };
  const int64_t before = remaining();
  const std::string whole = paid("WHOLE-1"), part = paid("PART-1");
  EXPECT_EQ(remaining(), before - 2'000);

  // One of them came back in part: nothing at all is recorded, and the refusal says what to do.
  const std::string both = back("WHOLE-1", "10.00") + back("PART-1", "4.00");
  const Ended refused = book(both);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("STATEMENT_DIFFERS"));
  EXPECT_THAT(refused.err, HasSubstr(absl::StrCat("pay return ", budget, " ", part,
                                                  " --cents=400 --bank-ref=PART-1 "
                                                  "--effective-date=",
                                                  day)));
  EXPECT_EQ(remaining(), before - 2'000);
  const std::vector<std::string> command = {"pay",
                                            "return",
                                            budget,
                                            part,
                                            "--cents=400",
                                            "--bank-ref=PART-1",
                                            "--effective-date=" + day,
                                            "--json"};
  const Ended recorded = as("official:treasurer", command);
  ASSERT_EQ(recorded.code, 0) << recorded.err;
  EXPECT_EQ(json::parse(recorded.out).at("state"), "STATE_SETTLED");
  EXPECT_EQ(Cents(json::parse(recorded.out).at("returned_cents")), 400);
  EXPECT_THAT(as("official:treasurer", command).err, HasSubstr("BANK_REFERENCE_USED"));
  EXPECT_THAT(
      as("official:treasurer", {"pay", "return", budget, part, "--cents=601", "--bank-ref=ANOTHER"})
          .err,
      HasSubstr("OVER_PAYMENT"));

  // Now it reads, and books the other; again, it changes nothing.
  const Ended booked = book(both);
  ASSERT_EQ(booked.code, 0) << booked.err;
  EXPECT_EQ(count(booked, "returned"), 1);
  EXPECT_EQ(count(booked, "known"), 1);
  EXPECT_EQ(remaining(), before - 600);
  const Ended again = book(both);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(count(again, "returned"), 0);
  EXPECT_EQ(count(again, "known"), 2);
  EXPECT_EQ(remaining(), before - 600);

  // What anybody reads: the entries, and the plan's money.
  int returns = 0;
  for (const json& line : Lines(played.Export("jsonl"))) {
    if (line.contains("type") && line.at("type") == "return_payment") {
      ++returns;
      EXPECT_EQ(line.at("effective_date"), day);
    }
  }
  EXPECT_EQ(returns, 2);
  EXPECT_THAT(played.Export("csv"), HasSubstr(";return_payment;paid " + plan + ";committed "));

  // Who recorded it, on which line of the bank's; and the page for everybody.
  const std::vector<json> steps =
      Lines(as("official:treasurer", {"pay", "steps", budget, whole, "--json"}).out);
  ASSERT_EQ(steps.size(), 5u);
  EXPECT_EQ(steps[4].at("return_ref"), "WHOLE-1");
  EXPECT_EQ(Cents(steps[4].at("total_cents")), 1'000);
  const Ended verified = town.Smederij(
      {"ledger", "report", Lines(played.Export("jsonl")).at(0).at("district_id"), "--year",
       absl::StrCat(Lines(played.Export("jsonl")).at(0).at("fiscal_year").get<int>()), "--html"});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("Paid, and came back to plans"));
}

}  // namespace
}  // namespace smederij::e2e
