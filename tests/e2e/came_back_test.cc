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
using ::testing::Not;

// A budget, payments of one of its commitments, and statements of its bank.
struct Desk {
  Played played;
  Town& town = played.town;
  const std::string& budget = played.budget;
  std::string commitment, plan;
  const std::string day =
      absl::FormatCivilTime(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) - 1);

  Desk() {
    const std::vector<json> commitments =
        Lines(town.Smederij({"ledger", "commitments", budget, "--open", "--json"}).out);
    if (commitments.empty()) return;
    commitment = commitments[0].at("commitment_id");
    plan = commitments[0].at("plan_id");
  }
  Ended as(const std::string& subject, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ledger");
    arguments.push_back("--token-file=" + TokenFile(town, subject));
    return town.Smederij(std::move(arguments));
  }
  int64_t remaining() {
    for (const json& one : Lines(town.Smederij({"ledger", "commitments", budget, "--json"}).out)) {
      if (one.at("commitment_id") == commitment) return Cents(one.at("remaining_cents"));
    }
    return -1;
  }
  // Of EUR 10, that the bank was told of.
  std::string instructed(const std::string& reference) {
    const Ended requested =
        as("official:area-director", {"pay", "request", budget, commitment, "--cents=1000",
                                      "--json", absl::StrCat("--invoice=", reference)});
    EXPECT_EQ(requested.code, 0) << requested.err;
    const std::string id = json::parse(requested.out).at("payment_id");
    EXPECT_EQ(as("official:payment-approver", {"pay", "approve", budget, id}).code, 0);
    EXPECT_EQ(
        as("official:treasurer", {"pay", "instruct", budget, id, "--bank-ref=" + reference}).code,
        0);
    return id;
  }
  std::string paid(const std::string& reference) {
    const std::string id = instructed(reference);
    EXPECT_EQ(as("official:treasurer", {"pay", "settle", budget, id}).code, 0);
    return id;
  }
  static std::string entry(const std::string& reference, const char* amount, const char* direction,
                           const std::string& on, const std::string& refs = "") {
    return absl::StrCat("<Ntry><Amt Ccy=\"EUR\">", amount, "</Amt><CdtDbtInd>", direction,
                        "</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>", on,
                        "</Dt></ValDt><NtryDtls><TxDtls><Refs>", refs, "<EndToEndId>", reference,
                        "</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>");
  }
  std::string back(const std::string& reference, const char* amount) const {
    return entry(reference, amount, "CRDT", day);
  }
  Ended book(const std::string& entries) {
    const std::string path = town.key("statement.xml");
    std::ofstream(path) << "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">"
                        << "<BkToCstmrStmt><Stmt>" << entries
                        << "</Stmt></BkToCstmrStmt></Document>";
    return as("official:treasurer", {"bank", "statement", budget, path, "--json"});
  }
  // The command that a refusal gives for such a part.
  std::string command(const std::string& payment, const std::string& reference) const {
    return absl::StrCat("pay return ", budget, " ", payment, " --cents=400 --bank-ref=", reference,
                        " --effective-date=", day, "`");
  }
  Ended give_back(const std::string& payment, const std::string& reference) {
    return as("official:treasurer",
              {"pay", "return", budget, payment, "--cents=400", "--bank-ref=" + reference,
               "--effective-date=" + day, "--json"});
  }
  // What a line of this day is known by when the bank does not say.
  std::string known_by(const std::string& reference, const char* rest) const {
    return absl::StrCat(reference, "-", absl::StrReplaceAll(day, {{"-", ""}}), "-", rest);
  }
};

int Count(const Ended& booked, const char* what) {
  return booked.out.empty() ? -1 : json::parse(booked.out).at(what).get<int>();
}

TEST(CameBack, IsBookedFromTheStatementWhenItIsAllOfAPayment) {
  Desk desk;
  Played& played = desk.played;
  Town& town = desk.town;
  const std::string &budget = desk.budget, &plan = desk.plan, &day = desk.day;
  ASSERT_NE(plan, "");
  const auto as = [&](const std::string& subject, std::vector<std::string> arguments) {
    return desk.as(subject, std::move(arguments));
  };
  const auto remaining = [&] { return desk.remaining(); };
  const auto book = [&](const std::string& entries) { return desk.book(entries); };
  const int64_t before = remaining();
  const std::string whole = desk.paid("WHOLE-1"), part = desk.paid("PART-1");
  EXPECT_EQ(remaining(), before - 2'000);

  // One of them came back in part: nothing at all is recorded, and the refusal says what to do.
  const std::string both = desk.back("WHOLE-1", "10.00") + desk.back("PART-1", "4.00");
  const Ended refused = book(both);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("STATEMENT_DIFFERS"));
  const std::string reference = desk.known_by("PART-1", "400-1");
  EXPECT_THAT(refused.err, HasSubstr(desk.command(part, reference)));
  EXPECT_EQ(remaining(), before - 2'000);
  const Ended recorded = desk.give_back(part, reference);
  ASSERT_EQ(recorded.code, 0) << recorded.err;
  EXPECT_EQ(json::parse(recorded.out).at("state"), "STATE_SETTLED");
  EXPECT_EQ(Cents(json::parse(recorded.out).at("returned_cents")), 400);
  EXPECT_THAT(desk.give_back(part, reference).err, HasSubstr("BANK_REFERENCE_USED"));
  EXPECT_THAT(
      as("official:treasurer", {"pay", "return", budget, part, "--cents=601", "--bank-ref=ANOTHER"})
          .err,
      HasSubstr("OVER_PAYMENT"));

  // Now it reads, and books the other; again, it changes nothing.
  const Ended booked = book(both);
  ASSERT_EQ(booked.code, 0) << booked.err;
  EXPECT_EQ(Count(booked, "returned"), 1);
  EXPECT_EQ(Count(booked, "known"), 1);
  EXPECT_EQ(remaining(), before - 600);
  const Ended again = book(both);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(Count(again, "returned"), 0);
  EXPECT_EQ(Count(again, "known"), 2);
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
  EXPECT_EQ(steps[4].at("return_ref"), desk.known_by("WHOLE-1", "1000-1"));
  EXPECT_EQ(Cents(steps[4].at("total_cents")), 1'000);
  const Ended verified = town.Smederij(
      {"ledger", "report", Lines(played.Export("jsonl")).at(0).at("district_id"), "--year",
       absl::StrCat(Lines(played.Export("jsonl")).at(0).at("fiscal_year").get<int>()), "--html"});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("Paid, and came back to plans"));
}

TEST(CameBack, InPartsIsRecordedEachUnderItsOwnReference) {
  Desk desk;
  ASSERT_NE(desk.plan, "");
  const int64_t before = desk.remaining();

  // Two alike on a day, and one that the bank has a name for.
  const std::string twice = desk.paid("TWICE-1"), named = desk.paid("NAMED-1");
  const std::string parts =
      desk.back("TWICE-1", "4.00") + desk.back("TWICE-1", "4.00") +
      Desk::entry("NAMED-1", "4.00", "CRDT", desk.day, "<AcctSvcrRef>NL/77</AcctSvcrRef>");
  const std::string first = desk.known_by("TWICE-1", "400-1"),
                    second = desk.known_by("TWICE-1", "400-2");
  const Ended refused = desk.book(parts);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr(desk.command(twice, first)));
  EXPECT_THAT(refused.err, HasSubstr(desk.command(twice, second)));
  EXPECT_THAT(refused.err, HasSubstr(desk.command(named, "NL/77")));
  // The later one first: the other is still asked for, and is not refused.
  const Ended later = desk.give_back(twice, second);
  EXPECT_EQ(later.code, 0) << later.err;
  const Ended half = desk.book(parts);
  EXPECT_THAT(half.err, HasSubstr(desk.command(twice, first)));
  EXPECT_THAT(half.err, Not(HasSubstr(desk.command(twice, second))));
  const Ended earlier = desk.give_back(twice, first), third = desk.give_back(named, "NL/77");
  EXPECT_EQ(earlier.code, 0) << earlier.err;
  EXPECT_EQ(third.code, 0) << third.err;
  const Ended booked = desk.book(parts);
  EXPECT_EQ(booked.code, 0) << booked.err;
  EXPECT_EQ(Count(booked, "known"), 3);
  EXPECT_EQ(desk.remaining(), before - 2'000 + 1'200);

  // In one statement with the line by which it went: that is settled, and the part told.
  const std::string split = desk.instructed("SPLIT-1");
  const std::string both =
      desk.back("SPLIT-1", "4.00") + Desk::entry("SPLIT-1", "10.00", "DBIT", desk.day);
  const Ended settled = desk.book(both);
  EXPECT_EQ(settled.code, 1);
  EXPECT_EQ(Count(settled, "settled"), 1);
  EXPECT_EQ(Count(settled, "not_recorded"), 1);
  EXPECT_THAT(settled.err, HasSubstr("NOT_ALL_RECORDED"));
  EXPECT_THAT(settled.err, HasSubstr(desk.command(split, desk.known_by("SPLIT-1", "400-1"))));
  const Ended told = desk.give_back(split, desk.known_by("SPLIT-1", "400-1"));
  EXPECT_EQ(told.code, 0) << told.err;
  const Ended again = desk.book(both);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(Count(again, "known"), 2);
}

TEST(CameBack, IsRecordedAsFarAsItCanBeAndAnewWhenItWasTakenBack) {
  Desk desk;
  ASSERT_NE(desk.plan, "");
  const std::string whole = desk.paid("WHOLE-1"), early = desk.instructed("EARLY-1");
  const int64_t before = desk.remaining();

  // The first line is of a day before the books; the next is recorded all the same.
  const std::string entries =
      Desk::entry("EARLY-1", "10.00", "DBIT", "2001-01-01") + desk.back("WHOLE-1", "10.00");
  const Ended booked = desk.book(entries);
  EXPECT_EQ(booked.code, 1);
  EXPECT_THAT(booked.err, HasSubstr("not recorded: line 1, payment " + early + ": "));
  EXPECT_THAT(booked.err, HasSubstr("(EFFECTIVE_DATE_TOO_EARLY)"));
  EXPECT_THAT(booked.err, HasSubstr("NOT_ALL_RECORDED"));
  EXPECT_EQ(Count(booked, "settled"), 0);
  EXPECT_EQ(Count(booked, "returned"), 1);
  EXPECT_EQ(Count(booked, "not_recorded"), 1);
  EXPECT_EQ(desk.remaining(), before + 1'000);
  EXPECT_EQ(Count(desk.book(entries), "known"), 1);
  EXPECT_EQ(desk.remaining(), before + 1'000);

  // Two people take it back: the same statement records it anew, and once.
  const std::string line = desk.back("WHOLE-1", "10.00");
  for (int round = 0; round < 2; ++round) {
    const std::vector<json> steps =
        Lines(desk.as("official:treasurer", {"pay", "steps", desk.budget, whole, "--json"}).out);
    ASSERT_FALSE(steps.empty());
    const Ended proposed = desk.as("official:treasurer", {"reverse", "propose", desk.budget,
                                                          steps.back().at("seq").get<std::string>(),
                                                          "--reason=of another", "--json"});
    ASSERT_EQ(proposed.code, 0) << proposed.err;
    const Ended accepted =
        desk.as("official:budget-holder",
                {"reverse", "accept", desk.budget, json::parse(proposed.out).at("reversal_id")});
    ASSERT_EQ(accepted.code, 0) << accepted.err;
    EXPECT_EQ(desk.remaining(), before);
    const Ended anew = desk.book(line);
    EXPECT_EQ(anew.code, 0) << anew.err;
    EXPECT_EQ(Count(anew, "returned"), 1);
    EXPECT_EQ(desk.remaining(), before + 1'000);
    EXPECT_EQ(Count(desk.book(line), "known"), 1);
    EXPECT_EQ(desk.remaining(), before + 1'000);
  }
}

}  // namespace
}  // namespace smederij::e2e
