// What a municipality calls accounts and entries, and what a commitment says of itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A municipality with a treasurer, its own codes, and a plan with 1,000 cents.
struct Codes {
  TestSpending ledger;
  std::string municipality = ledger.treasurer().municipality.ToString();
  std::string plan = NewId();
  std::string budget = ledger.Awarded(plan, 1'000);

  static v1::SetLedgerCodesRequest Request(int32_t version) {
    v1::SetLedgerCodesRequest request;
    request.set_request_id(NewId());
    request.set_version(version);
    v1::LedgerCode& paid = *request.add_codes();
    paid.set_account_kind(v1::ACCOUNT_KIND_PAID);
    paid.set_code("4300");
    paid.set_description("Wijkbudget");
    paid.set_taakveld("6.1");
    paid.set_category("3.8");
    v1::LedgerCode& settle = *request.add_codes();
    settle.set_entry_type(v1::ENTRY_TYPE_SETTLE_PAYMENT);
    settle.set_code("BET");
    settle.set_description("Betaling");
    return request;
  }
  absl::StatusOr<v1::LedgerCodes> Set(const v1::SetLedgerCodesRequest& request,
                                      const testing::Person& who, bool* replayed = nullptr) {
    return ledger.server().Ask(&BooksStub::SetLedgerCodes, request, ledger.server().As(who),
                               replayed);
  }
  absl::StatusOr<v1::LedgerCodes> Set(const v1::SetLedgerCodesRequest& request) {
    return Set(request, ledger.treasurer());
  }
  absl::StatusOr<v1::LedgerCodes> Get(const std::string& of, int32_t version = 0) {
    v1::GetLedgerCodesRequest request;
    request.set_municipality_id(of);
    request.set_version(version);
    return ledger.server().Ask(&BooksStub::GetLedgerCodes, request);
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
};

TEST(LedgerCodes, AreReplacedAsAWholeAndEveryVersionStays) {
  Codes town;
  const auto none = town.Get(town.municipality);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->version(), 0);
  EXPECT_FALSE(none->has_set_time());
  const auto head = town.ledger.Get(town.budget)->head_seq();
  const auto first = town.Set(Codes::Request(1));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->SerializeAsString(), town.Get(town.municipality)->SerializeAsString());
  EXPECT_GT(first->set_time().seconds(), 0);
  v1::SetLedgerCodesRequest fewer = Codes::Request(2);
  fewer.mutable_codes()->RemoveLast();
  ASSERT_TRUE(town.Set(fewer).ok());
  EXPECT_THAT(town.Get(town.municipality)->codes(), SizeIs(1));
  EXPECT_EQ(town.Get(town.municipality, 1)->SerializeAsString(), first->SerializeAsString());
  // All of them may be given up, and nothing of it is in the books.
  fewer = Codes::Request(3);
  fewer.clear_codes();
  ASSERT_TRUE(town.Set(fewer).ok());
  EXPECT_THAT(town.Get(town.municipality)->codes(), IsEmpty());
  EXPECT_EQ(town.ledger.Get(town.budget)->head_seq(), head);
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(LedgerCodes, AreEachMunicipalitysOwn) {
  Codes town;
  ASSERT_TRUE(town.Set(Codes::Request(1)).ok());
  testing::Person elsewhere = town.ledger.treasurer();
  elsewhere.subject = SubjectId::Random();
  elsewhere.municipality = MunicipalityId::Random();
  const auto theirs = town.Set(Codes::Request(1), elsewhere);
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  EXPECT_EQ(theirs->municipality_id(), elsewhere.municipality.ToString());
  EXPECT_EQ(town.Get(NewId())->version(), 0);
}

TEST(LedgerCodesRefusals, InOrder) {
  Codes town;
  ASSERT_TRUE(town.Set(Codes::Request(1)).ok());
  for (const int32_t version : {1, 3, INT32_MAX}) {
    EXPECT_EQ(Reason(town.Set(Codes::Request(version))), "STALE_VERSION") << version;
  }
  EXPECT_EQ(town.Set(Codes::Request(2), town.ledger.holder()).status().code(),
            absl::StatusCode::kPermissionDenied);
  // A district's treasurer is not the municipality's.
  testing::Person local = town.ledger.treasurer();
  local.grants[0].district = DistrictId::Random();
  EXPECT_EQ(Reason(town.Set(Codes::Request(2), local)), "ROLE_NOT_HELD_THERE");
  for (const int32_t version : {0, -1, INT32_MIN}) {
    EXPECT_EQ(Reason(town.Set(Codes::Request(version))), "OUT_OF_RANGE");
  }
  EXPECT_EQ(Reason(town.Get("x")), "BAD_ID");
  EXPECT_EQ(Reason(town.Get(town.municipality, -1)), "OUT_OF_RANGE");
  EXPECT_EQ(Reason(town.Get(town.municipality, 2)), "CODES_NOT_FOUND");
  EXPECT_EQ(Reason(town.Get(NewId(), 1)), "CODES_NOT_FOUND");
}

TEST(LedgerCodesRefusals, WhatIsMalformedIsRefusedWhereItStands) {
  Codes town;
  const auto reason = [&](auto change) {
    v1::SetLedgerCodesRequest request = Codes::Request(1);
    change(request);
    return Reason(town.Set(request));
  };
  const auto with_code = [&](const std::string& text) {
    return reason([&](auto& r) { r.mutable_codes(0)->set_code(text); });
  };
  const auto with_field = [&](const std::string& text) {
    return reason([&](auto& r) { r.mutable_codes(0)->set_taakveld(text); });
  };
  const auto with_category = [&](const std::string& text) {
    return reason([&](auto& r) { r.mutable_codes(1)->set_category(text); });
  };
  EXPECT_EQ(reason([](auto& r) { r.set_request_id("x"); }), "BAD_ID");
  for (const std::string& bad :
       {std::string(), std::string(21, '4'), std::string("4\n3"), std::string(" 4")}) {
    EXPECT_EQ(with_code(bad), "BAD_TEXT");
  }
  for (const char* bad : {"5", "5.", ".7", "5.7.1", "57", "5.777", "5.7A", "5.7ab", "x.y", "5,7",
                          "5.7 ", "5.7'; DROP TABLE ledger.entry", "<5.7>", "5.7\n"}) {
    EXPECT_EQ(with_field(bad), "BAD_TEXT") << bad;
  }
  for (const char* bad : {"3", "3.", "3.88", "33.8", "3.8.1.1", "a.b", "3.8;", "=3.8"}) {
    EXPECT_EQ(with_category(bad), "BAD_TEXT") << bad;
  }
  EXPECT_EQ(reason([](auto& r) { r.mutable_codes(0)->set_description(""); }), "BAD_TEXT");
  EXPECT_EQ(reason([](auto& r) { r.mutable_codes(0)->clear_account_kind(); }), "OUT_OF_RANGE");
  EXPECT_EQ(reason([](auto& r) { r.mutable_codes(1)->set_account_kind(v1::ACCOUNT_KIND_POT); }),
            "OUT_OF_RANGE");
  EXPECT_EQ(reason([](auto& r) {
              r.mutable_codes(0)->set_account_kind(static_cast<v1::AccountKind>(99));
            }),
            "OUT_OF_RANGE");
  EXPECT_EQ(
      reason([](auto& r) { r.mutable_codes(1)->set_entry_type(static_cast<v1::EntryType>(-1)); }),
      "OUT_OF_RANGE");
  EXPECT_EQ(reason([](auto& r) { *r.add_codes() = r.codes(0); }), "OUT_OF_RANGE");
  EXPECT_EQ(reason([](auto& r) {
              for (int i = 0; i < 99; ++i) *r.add_codes() = r.codes(0);
            }),
            "OUT_OF_RANGE");
  // What a text says stays a text; and the longest there may be is taken.
  v1::SetLedgerCodesRequest harm = Codes::Request(1);
  harm.mutable_codes(0)->set_code("=1+1'; DROP--<x>");
  harm.mutable_codes(0)->set_description(std::string(200, 'x'));
  harm.mutable_codes(0)->set_taakveld("6.71a");
  harm.mutable_codes(0)->set_category("4.3.1");
  ASSERT_TRUE(town.Set(harm).ok());
  EXPECT_EQ(town.Get(town.municipality)->codes(0).SerializeAsString(),
            harm.codes(0).SerializeAsString());
}

TEST(LedgerCodes, ARepeatedRequestGetsItsFirstAnswer) {
  Codes town;
  v1::SetLedgerCodesRequest request = Codes::Request(1);
  const auto first = town.Set(request);
  ASSERT_TRUE(town.Set(Codes::Request(2)).ok());
  bool replayed = false;
  EXPECT_EQ(town.Set(request, town.ledger.treasurer(), &replayed)->SerializeAsString(),
            first->SerializeAsString());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(Reason(town.Set(request, town.ledger.colleague())), "REQUEST_ID_REUSED");
  request.mutable_codes(0)->set_code("4301");
  EXPECT_EQ(Reason(town.Set(request)), "REQUEST_ID_REUSED");
}

TEST(LedgerCodes, OfTwoTreasurersAtOnceOneIsStale) {
  Codes town;
  std::atomic<int> done = 0;
  std::vector<std::thread> running;
  for (int i = 0; i < 8; ++i) {
    running.emplace_back([&, i] {
      const auto answer = town.Set(Codes::Request(1),
                                   i % 2 == 0 ? town.ledger.treasurer() : town.ledger.colleague());
      if (answer.ok()) {
        ++done;
      } else {
        EXPECT_EQ(Reason(answer), "STALE_VERSION");
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(town.Get(town.municipality)->version(), 1);
}

TEST(LedgerCodesSchema, KeepsEveryVersion) {
  Codes town;
  ASSERT_TRUE(town.Set(Codes::Request(1)).ok());
  EXPECT_EQ(town.Stopped("UPDATE ledger.ledger_code SET code = 'x'"), "ledger_code_append_only");
  EXPECT_EQ(town.Stopped("DELETE FROM ledger.ledger_code_version"),
            "ledger_code_version_append_only");
  EXPECT_EQ(
      town.Stopped("INSERT INTO ledger.ledger_code_version (municipality_id, version, set_by) "
                   "SELECT municipality_id, 3, set_by FROM ledger.ledger_code_version"),
      "ledger_code_version_gapless");
  const auto add = [&](const char* values) {
    return town.Stopped(absl::StrCat(
        "INSERT INTO ledger.ledger_code (municipality_id, version, line, account_kind, entry_type, "
        "code, description, taakveld, category) SELECT municipality_id, 1, 9, ",
        values, " FROM ledger.ledger_code_version"));
  };
  EXPECT_EQ(add("7, NULL, 'x', 'x', '', ''"), "ledger_code_once_per_kind");
  EXPECT_EQ(add("NULL, 9, 'x', 'x', '', ''"), "ledger_code_once_per_type");
  EXPECT_EQ(add("1, 1, 'x', 'x', '', ''"), "ledger_code_maps_one");
  EXPECT_EQ(add("99, NULL, 'x', 'x', '', ''"), "ledger_code_kind_known");
  EXPECT_EQ(add("1, NULL, 'x', 'x', '57', ''"), "ledger_code_taakveld_form");
  EXPECT_EQ(add("1, NULL, 'x', 'x', '', '3'"), "ledger_code_category_form");
  EXPECT_EQ(add("1, NULL, '', 'x', '', ''"), "ledger_code_length");
}

// ── What a commitment says of itself ───────────────────────────────────────────────────────────

TEST(CommitmentIv3, StandsWithEveryEntryThatIsAboutIt) {
  Codes town;
  TestSpending& ledger = town.ledger;
  auto commit = ledger.CommitRequest(town.budget, town.plan, 500);
  commit.set_taakveld("5.7");
  commit.set_category("3.8");
  const auto commitment = ledger.Commit(commit);
  ASSERT_TRUE(commitment.ok()) << commitment.status();
  EXPECT_EQ(commitment->taakveld(), "5.7");
  EXPECT_EQ(commitment->category(), "3.8");
  const auto plain = ledger.Commit(ledger.CommitRequest(town.budget, town.plan, 100));
  const auto pay = [&](const std::string& of, int64_t cents, const char* due) {
    auto request = ledger.PaymentRequest(town.budget, of, cents, NewId());
    request.set_receipts_due(due);
    const std::string id = ledger.Request(request)->payment_id();
    CHECK(ledger.Approve(town.budget, id, ledger.approver()).ok());
    CHECK(ledger.Instruct(town.budget, id, NewId().substr(0, 30)).ok());
    return id;
  };
  const std::string& id = commitment->commitment_id();
  ASSERT_TRUE(ledger.Settle(town.budget, pay(id, 10, "")).ok());
  ASSERT_TRUE(ledger.Fail(town.budget, pay(id, 10, "")).ok());
  const std::string advance = pay(id, 10, "2999-12-31");
  ASSERT_TRUE(ledger.Settle(town.budget, advance).ok());
  ASSERT_TRUE(ledger.Account(town.budget, advance, 6, "till 1").ok());
  ASSERT_TRUE(ledger.GiveBack(town.budget, advance, 4, "BACK-1").ok());
  ASSERT_TRUE(ledger.Settle(town.budget, pay(plain->commitment_id(), 10, "")).ok());
  ASSERT_TRUE(ledger.Close(town.budget, id).ok());
  const auto entries = ledger.Entries(town.budget, 100);
  ASSERT_TRUE(entries.ok()) << entries.status();
  std::vector<int> types;
  for (const v1::Entry& entry : entries->entries()) {
    EXPECT_EQ(entry.taakveld().empty(), entry.category().empty());
    if (!entry.taakveld().empty()) types.push_back(entry.type());
  }
  EXPECT_EQ(types, (std::vector<int>{5, 8, 9, 8, 10, 8, 9, 16, 17, 6}));
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CommitmentIv3, GoesOverWithIt) {
  Codes town;
  TestSpending& ledger = town.ledger;
  auto commit = ledger.CommitRequest(town.budget, town.plan, 500);
  commit.set_taakveld("5.3");
  ASSERT_TRUE(ledger.Commit(commit).ok());
  auto next = OpenRequest(ledger.Get(town.budget)->district_id());
  next.set_fiscal_year(2027);
  const std::string to = ledger.Open(next)->budget_id();
  v1::CarryOver request;
  request.set_from_budget_id(town.budget);
  request.set_to_budget_id(to);
  request.add_plan_ids(town.plan);
  request.set_decision_ref("council");
  ASSERT_TRUE(ledger.CarryOver(request).ok());
  EXPECT_EQ(ledger.Commitments(to)->commitments(0).taakveld(), "5.3");
  EXPECT_EQ(ledger.Entries(to)->entries().rbegin()->taakveld(), "5.3");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CommitmentIv3, IsOfItsFormAndPartOfTheRecord) {
  Codes town;
  TestSpending& ledger = town.ledger;
  auto commit = ledger.CommitRequest(town.budget, town.plan, 500);
  commit.set_taakveld("playground");
  EXPECT_EQ(Reason(ledger.Commit(commit)), "BAD_TEXT");
  commit.set_taakveld("5.7");
  commit.set_category("3.8'; --");
  EXPECT_EQ(Reason(ledger.Commit(commit)), "BAD_TEXT");
  commit.set_category("");
  ASSERT_TRUE(ledger.Commit(commit).ok());
  commit.set_taakveld("5.3");
  EXPECT_EQ(Reason(ledger.Commit(commit)), "REQUEST_ID_REUSED");
  EXPECT_EQ(town.Stopped("UPDATE ledger.commitment SET taakveld = '5.3'"),
            "commitment_keeps_its_terms");
  for (const char* sql : {"UPDATE ledger.commitment SET taakveld = '5.3'",
                          "UPDATE ledger.commitment SET taakveld = ''",
                          "UPDATE ledger.commitment SET taakveld = '', category = '5.7'"}) {
    Codes other;
    auto request = other.ledger.CommitRequest(other.budget, other.plan, 500);
    request.set_taakveld("5.7");
    ASSERT_TRUE(other.ledger.Commit(request).ok());
    ASSERT_TRUE(other.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok());
    EXPECT_THAT(other.ledger.Findings(), Contains("what it rests on is not what it says")) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
