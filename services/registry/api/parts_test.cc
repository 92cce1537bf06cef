#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "services/registry/api/page.h"
#include "services/registry/api/particulars.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/api/signing_lane.h"

namespace smederij::registry {
namespace {

Pseudonyms::Secret Filled(uint8_t byte) {
  Pseudonyms::Secret secret;
  secret.fill(byte);
  return secret;
}

TEST(Pseudonyms, DependOnTheirSecretsAndOnNothingElse) {
  const SubjectId person = SubjectId::Random();
  const Pseudonyms one(Filled(1), Filled(2)), same(Filled(1), Filled(2)),
      other(Filled(3), Filled(4));
  EXPECT_EQ(one.PersonKey("anna"), same.PersonKey("anna"));
  EXPECT_NE(one.PersonKey("anna"), one.PersonKey("anna "));
  EXPECT_NE(one.PersonKey("anna"), other.PersonKey("anna"));
  EXPECT_EQ(one.For("smederij-ledger", person), same.For("smederij-ledger", person));
  EXPECT_NE(one.For("smederij-ledger", person), other.For("smederij-ledger", person));
  EXPECT_NE(one.For("smederij-ledger", person), one.For("smederij-ballots", person));
  EXPECT_EQ(one.For(kOwnAudience, person), person);
  // What other services read must be a UUID to them.
  const std::string text = one.For("smederij-ledger", person).ToString();
  EXPECT_EQ(text[14], '8');
  EXPECT_TRUE(Uuid::Parse(text).has_value());
}

TEST(Audience, IsOneOfTheFour) {
  EXPECT_TRUE(IsAudience("smederij-proposals"));
  for (const char* bad : {"", "registry", "smederij-cli", "smederij-ledger "}) {
    EXPECT_FALSE(IsAudience(bad)) << bad;
  }
}

TEST(Page, SizesAreClampedAndTokensRoundTrip) {
  EXPECT_EQ(*PageSize(0), 50);
  EXPECT_EQ(*PageSize(1), 1);
  EXPECT_EQ(*PageSize(500), 500);
  EXPECT_EQ(*PageSize(501), 500);
  EXPECT_EQ(ReasonOf(PageSize(-1).status()), "BAD_PAGE");
  EXPECT_EQ(*FromPageToken(ToPageToken("noord-veld")), "noord-veld");
  EXPECT_EQ(*FromPageToken(""), std::nullopt);
  EXPECT_EQ(ReasonOf(FromPageToken("***").status()), "BAD_PAGE");
}

TEST(SigningLane, RefusesWhatDoesNotFitAndRunsTheRest) {
  absl::Notification started, release;
  std::atomic<int> ran = 0, busy = 0, late = 0;
  {
    SigningLane lane(1, 2, obs::Gauge());
    lane.Submit(absl::InfiniteFuture(), [&](absl::Status admitted) {
      EXPECT_TRUE(admitted.ok());
      started.Notify();
      release.WaitForNotification();
      ++ran;
    });
    started.WaitForNotification();  // The queue is empty, the thread is taken.
    const auto count = [&](absl::Status admitted) {
      if (admitted.ok()) {
        ++ran;
      } else if (ReasonOf(admitted) == "ISSUING_BUSY") {
        ++busy;
      } else if (absl::IsDeadlineExceeded(admitted)) {
        ++late;
      }
    };
    lane.Submit(absl::InfiniteFuture(), count);
    lane.Submit(absl::InfinitePast(), count);
    lane.Submit(absl::InfiniteFuture(), count);
    EXPECT_EQ(busy, 1);
    release.Notify();
  }  // Going down it still runs what it took.
  EXPECT_EQ(ran, 2);
  EXPECT_EQ(late, 1);
}

TEST(ParticularsSeal, OpensForTheSamePersonUnderTheSameKeyAlone) {
  const Pseudonyms::Secret secret{7};
  const Pseudonyms pseudonyms(secret, secret);
  const ParticularsSeal seal(crypto::SealingKey({1}), pseudonyms);
  const Hash anna = pseudonyms.PersonKey("anna"), bert = pseudonyms.PersonKey("bert");
  const Particulars particulars{
      .name = "Zwanenburg, A. é", .birth_date = absl::CivilDay(1931, 12, 5), .postcode = "7901AB"};
  const pg::Bytes sealed = seal.Seal(anna, particulars);
  EXPECT_EQ(*seal.Open(anna, sealed.value), particulars);
  EXPECT_EQ(ReasonOf(seal.Open(bert, sealed.value).status()), "SEAL_BROKEN");
  const ParticularsSeal other(crypto::SealingKey({2}), pseudonyms);
  EXPECT_EQ(ReasonOf(other.Open(anna, sealed.value).status()), "SEAL_BROKEN");
  EXPECT_NE(seal.Seal(anna, particulars), sealed);
  // What changes is seen without opening; equal names of two people are not.
  EXPECT_EQ(seal.Fingerprint(anna, particulars), seal.Fingerprint(anna, particulars));
  EXPECT_NE(seal.Fingerprint(anna, particulars), seal.Fingerprint(bert, particulars));
  for (const Particulars& changed :
       {Particulars{"Zwanenburg, B.", particulars.birth_date, "7901AB"},
        Particulars{particulars.name, absl::CivilDay(1931, 12, 6), "7901AB"},
        Particulars{particulars.name, particulars.birth_date, "7901AC"}}) {
    EXPECT_NE(seal.Fingerprint(anna, changed), seal.Fingerprint(anna, particulars));
  }
}

}  // namespace
}  // namespace smederij::registry
