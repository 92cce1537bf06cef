#include "services/ballots/bundle/finding.h"

#include <array>

#include "common/base/check.h"

namespace smederij::ballots::bundle {
namespace {

struct StepWords {
  Step step;
  absl::string_view name, english, dutch;
};

constexpr std::array<StepWords, kSteps> kStepWords{{
    {Step::kFiles, "files", "every file is there, and nothing else",
     "alle bestanden zijn er, en geen andere"},
    {Step::kCheckpoint, "checkpoint", "the log's head is signed by its key",
     "de stand van het logboek is ondertekend met zijn sleutel"},
    {Step::kLog, "log", "all leaves are the ones that were signed",
     "alle bladen zijn die welke ondertekend zijn"},
    {Step::kManifest, "manifest", "two officials approved what was voted on",
     "twee ambtenaren hebben vastgelegd waarover gestemd is"},
    {Step::kBallots, "ballots", "every ballot is by somebody entitled, and in time",
     "elke stem is van iemand die mocht stemmen, en op tijd"},
    {Step::kOpenings, "openings", "every counted ballot is opened, as it was sealed",
     "elke getelde stem is geopend, zoals ze is dichtgeplakt"},
    {Step::kBalance, "balance", "no more ballots than ballot papers, no more of those than voters",
     "niet meer stemmen dan stembiljetten, niet meer daarvan dan kiezers"},
    {Step::kCount, "count", "counted again, the result is the certified one",
     "opnieuw geteld is de uitslag de vastgestelde"},
}};

struct WrongWords {
  Wrong wrong;
  absl::string_view name, english, dutch;
};

constexpr WrongWords kWrongWords[] = {
    {Wrong::kFileMissing, "FILE_MISSING", "the file is missing", "het bestand ontbreekt"},
    {Wrong::kFileUnknown, "FILE_UNKNOWN", "the file does not belong in a bundle",
     "het bestand hoort niet in deze map"},
    {Wrong::kCheckpointMalformed, "CHECKPOINT_MALFORMED", "this is not a signed log head",
     "dit is geen ondertekende stand van een logboek"},
    {Wrong::kCheckpointUnsigned, "CHECKPOINT_UNSIGNED",
     "the signature of the log's key is missing or wrong",
     "de handtekening van de sleutel van het logboek ontbreekt of klopt niet"},
    {Wrong::kCheckpointOfAnotherLog, "CHECKPOINT_OF_ANOTHER_LOG", "this is another log's head",
     "dit is de stand van een ander logboek"},
    {Wrong::kLogKeyDiffers, "LOG_KEY_DIFFERS", "the log's key is not the one you gave",
     "de sleutel van het logboek is niet die welke u gaf"},
    {Wrong::kEntriesMalformed, "ENTRIES_MALFORMED", "this is not a bundle of so many leaves",
     "dit is geen bundel van zoveel bladen"},
    {Wrong::kEntryDiffers, "ENTRY_DIFFERS", "the leaf is not the one that was signed",
     "het blad is niet dat wat ondertekend is"},
    {Wrong::kTileDiffers, "TILE_DIFFERS", "the hashes are not those of the leaves",
     "de codes zijn niet die van de bladen"},
    {Wrong::kRootDiffers, "ROOT_DIFFERS", "the leaves do not make up the log that was signed",
     "de bladen vormen niet het logboek dat ondertekend is"},
    {Wrong::kManifestUnreadable, "MANIFEST_UNREADABLE", "these are not a manifest's bytes",
     "dit zijn niet de bytes van een manifest"},
    {Wrong::kManifestDiffers, "MANIFEST_DIFFERS", "the manifest is not the log's first leaf",
     "het manifest is niet het eerste blad van het logboek"},
    {Wrong::kManifestInvalid, "MANIFEST_INVALID", "no vote can be held under this manifest",
     "onder dit manifest kan niet gestemd worden"},
    {Wrong::kManifestNotApproved, "MANIFEST_NOT_APPROVED",
     "two different officials have not approved this manifest",
     "geen twee verschillende ambtenaren hebben dit manifest vastgelegd"},
    {Wrong::kLeafUnreadable, "LEAF_UNREADABLE", "the leaf cannot be read",
     "het blad is niet te lezen"},
    {Wrong::kLeafOutOfPlace, "LEAF_OUT_OF_PLACE", "such a leaf cannot stand here",
     "zo'n blad kan hier niet staan"},
    {Wrong::kLeafOfAnotherRound, "LEAF_OF_ANOTHER_ROUND", "the leaf is of another round",
     "het blad is van een andere ronde"},
    {Wrong::kLeafTwice, "LEAF_TWICE", "the same ballot stands in the log twice",
     "dezelfde stem staat twee keer in het logboek"},
    {Wrong::kBallotAfterClose, "BALLOT_AFTER_CLOSE", "the ballot came after the close",
     "de stem kwam na de sluiting"},
    {Wrong::kClassUnknown, "CLASS_UNKNOWN", "no class of voters has this number",
     "geen groep kiezers heeft dit nummer"},
    {Wrong::kCredentialWrong, "CREDENTIAL_WRONG",
     "the voting key was not signed by its class's issuer",
     "het stembiljet is niet ondertekend door de uitgever van deze groep"},
    {Wrong::kSignatureWrong, "SIGNATURE_WRONG", "the ballot is not signed by its voting key",
     "de stem is niet ondertekend met haar stembiljet"},
    {Wrong::kCloseMissing, "CLOSE_MISSING", "the log has no closing leaf",
     "het logboek heeft geen sluitblad"},
    {Wrong::kCloseDiffers, "CLOSE_DIFFERS", "the closing leaf tells another number of ballots",
     "het sluitblad noemt een ander aantal stemmen"},
    {Wrong::kLotWrong, "LOT_WRONG", "the lot is missing, or is none that two officials entered",
     "het lot ontbreekt, of is niet door twee ambtenaren ingevoerd"},
    {Wrong::kStationUnknown, "STATION_UNKNOWN", "nobody votes on paper there",
     "daar wordt niet op papier gestemd"},
    {Wrong::kBatchNotSealed, "BATCH_NOT_SEALED",
     "two different officials have not sealed the batch of paper",
     "geen twee verschillende ambtenaren hebben de stapel papier vastgelegd"},
    {Wrong::kBatchTwice, "BATCH_TWICE", "the same batch of paper stands in the log twice",
     "dezelfde stapel papier staat twee keer in het logboek"},
    {Wrong::kSupersedesWrong, "SUPERSEDES_WRONG",
     "the batch of paper cannot count instead of that one",
     "de stapel papier kan die andere niet vervangen"},
    {Wrong::kStationWrong, "STATION_WRONG",
     "the station's closing is not of its classes, or not by two officials",
     "de afsluiting van het stembureau noemt andere groepen, of is niet van twee ambtenaren"},
    {Wrong::kStationUnexplained, "STATION_UNEXPLAINED",
     "the box holds another number than the roll tells, and nobody says why",
     "de bus bevat een ander aantal dan het kiezersregister zegt, zonder reden"},
    {Wrong::kOpeningsMalformed, "OPENINGS_MALFORMED", "this is no line of openings",
     "dit is geen regel met een geopende stem"},
    {Wrong::kOpeningsOutOfOrder, "OPENINGS_OUT_OF_ORDER",
     "the line is a repetition, or not in the order of leaf hashes",
     "de regel staat er dubbel, of niet in de volgorde van de codes"},
    {Wrong::kOpeningStray, "OPENING_STRAY", "the opening belongs to no ballot that counts",
     "de opening hoort bij geen stem die telt"},
    {Wrong::kOpeningWrong, "OPENING_WRONG", "the ballot was sealed over something else",
     "de stem is over iets anders dichtgeplakt"},
    {Wrong::kChoiceInvalid, "CHOICE_INVALID", "the choice breaks the ballot rule",
     "de keuze is tegen de stemregel"},
    {Wrong::kOpeningMissing, "OPENING_MISSING", "the ballot counts and is not opened",
     "de stem telt en is niet geopend"},
    {Wrong::kPaperMalformed, "PAPER_MALFORMED", "this is no line with a batch of paper",
     "dit is geen regel met een stapel papier"},
    {Wrong::kPaperOutOfOrder, "PAPER_OUT_OF_ORDER",
     "the line is a repetition, or not in the order of leaf hashes",
     "de regel staat er dubbel, of niet in de volgorde van de codes"},
    {Wrong::kPaperStray, "PAPER_STRAY", "the opening belongs to no batch of paper that counts",
     "de opening hoort bij geen stapel papier die telt"},
    {Wrong::kPaperWrong, "PAPER_WRONG", "the batch of paper was sealed over something else",
     "de stapel papier is over iets anders vastgelegd"},
    {Wrong::kContentInvalid, "CONTENT_INVALID", "so many ballots cannot say that",
     "zoveel stemmen kunnen dat niet zeggen"},
    {Wrong::kPaperMissing, "PAPER_MISSING", "the batch of paper counts and is not opened",
     "de stapel papier telt en is niet geopend"},
    {Wrong::kOpeningsDigestDiffers, "OPENINGS_DIGEST_DIFFERS",
     "the openings are not those that were certified",
     "de geopende stemmen zijn niet die welke zijn vastgesteld"},
    {Wrong::kMoreKeysThanIssued, "MORE_KEYS_THAN_ISSUED", "more voting keys cast than were issued",
     "er stemden meer stembiljetten dan zijn uitgegeven"},
    {Wrong::kMoreIssuedThanVoters, "MORE_ISSUED_THAN_VOTERS", "more were issued than may vote",
     "er zijn er meer uitgegeven dan er mogen stemmen"},
    {Wrong::kStationOpen, "STATION_OPEN", "the station has not been closed",
     "het stembureau is niet afgesloten"},
    {Wrong::kStationDiffers, "STATION_DIFFERS",
     "the batches of paper are not so many ballots as were signed for",
     "de stapels papier zijn niet zoveel stemmen als waarvoor getekend is"},
    {Wrong::kTurnoutDiffers, "TURNOUT_DIFFERS",
     "the numbers are not those of the log or the result",
     "de aantallen zijn niet die van het logboek of de uitslag"},
    {Wrong::kResultUnreadable, "RESULT_UNREADABLE", "these are not a result's bytes",
     "dit zijn niet de bytes van een uitslag"},
    {Wrong::kNotCertified, "NOT_CERTIFIED", "two different officials have not certified a result",
     "geen twee verschillende ambtenaren hebben een uitslag vastgesteld"},
    {Wrong::kResultDiffersFromLog, "RESULT_DIFFERS_FROM_LOG",
     "the result is not the one that was certified", "de uitslag is niet die welke is vastgesteld"},
    {Wrong::kCountRefused, "COUNT_REFUSED", "this cannot be counted", "dit is niet te tellen"},
    {Wrong::kCountDiffers, "COUNT_DIFFERS", "counted again, the result is another",
     "opnieuw geteld is de uitslag een andere"},
    {Wrong::kCountImbalance, "COUNT_IMBALANCE", "the count does not balance",
     "de telling klopt niet"},
    {Wrong::kAwardsAbovePot, "AWARDS_ABOVE_POT", "the awards cost more than the pot holds",
     "er is meer toegekend dan er in de pot zit"},
};

const StepWords& WordsOf(Step step) { return kStepWords[static_cast<size_t>(step)]; }

const WrongWords& WordsOf(Wrong wrong) {
  for (const WrongWords& words : kWrongWords) {
    if (words.wrong == wrong) return words;
  }
  CHECK(false);
}

}  // namespace

absl::string_view NameOf(Step step) { return WordsOf(step).name; }
absl::string_view NameOf(Wrong wrong) { return WordsOf(wrong).name; }

std::string SentenceOf(Step step, Language language) {
  const StepWords& words = WordsOf(step);
  return std::string(language == Language::kDutch ? words.dutch : words.english);
}

std::string SentenceOf(Wrong wrong, Language language) {
  const WrongWords& words = WordsOf(wrong);
  return std::string(language == Language::kDutch ? words.dutch : words.english);
}

}  // namespace smederij::ballots::bundle
