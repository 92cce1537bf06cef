#include "common/crypto/merkle.h"

#include <bit>

#include "common/base/check.h"
#include "common/crypto/hash.h"

namespace smederij::crypto {
namespace {

// The largest power of two below n, n > 1: where RFC 6962 splits a tree.
uint64_t Split(uint64_t n) { return std::bit_floor(n - 1); }

}  // namespace

Hash LeafHash(absl::string_view leaf) { return Sha256({absl::string_view("\0", 1), leaf}); }

Hash NodeHash(const Hash& left, const Hash& right) {
  return Sha256({absl::string_view("\1", 1), View(left), View(right)});
}

std::optional<Frontier> Frontier::Decode(uint64_t size, absl::string_view bytes) {
  const auto hashes = static_cast<size_t>(std::popcount(size));
  if (bytes.size() != hashes * sizeof(Hash)) return std::nullopt;
  Frontier frontier;
  frontier.size_ = size;
  ByteReader reader(bytes);
  for (size_t i = 0; i < hashes; ++i) frontier.edge_.push_back(reader.Array<32>());
  return frontier;
}

Hash Frontier::Root() const {
  if (edge_.empty()) return Sha256("");
  Hash root = edge_.back();
  for (size_t i = edge_.size() - 1; i-- > 0;) root = NodeHash(edge_[i], root);
  return root;
}

void Frontier::Append(const Hash& leaf_hash) {
  edge_.push_back(leaf_hash);
  // Each trailing one bit of the old size is a perfect subtree that the new one now doubles.
  for (uint64_t bits = size_; bits & 1; bits >>= 1) {
    const Hash right = edge_.back();
    edge_.pop_back();
    edge_.back() = NodeHash(edge_.back(), right);
  }
  ++size_;
}

std::string Frontier::Encode() const {
  ByteWriter writer;
  for (const Hash& hash : edge_) writer.Raw(hash);
  return std::move(writer).bytes();
}

MerkleTree::MerkleTree(absl::Span<const Hash> leaf_hashes) {
  for (const Hash& hash : leaf_hashes) Append(hash);
}

void MerkleTree::Append(const Hash& leaf_hash) {
  Hash node = leaf_hash;
  for (size_t level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    std::vector<Hash>& row = levels_[level];
    row.push_back(node);
    if (row.size() % 2 != 0) return;
    node = NodeHash(row[row.size() - 2], row.back());
  }
}

Hash MerkleTree::Range(uint64_t begin, uint64_t end) const {
  const uint64_t width = end - begin;
  if (std::has_single_bit(width)) {
    const auto level = static_cast<size_t>(std::countr_zero(width));
    return levels_[level][begin >> level];
  }
  const uint64_t middle = begin + Split(width);
  return NodeHash(Range(begin, middle), Range(middle, end));
}

Hash MerkleTree::Root(uint64_t size) const {
  CHECK(size <= this->size());
  return size == 0 ? Sha256("") : Range(0, size);
}

std::vector<Hash> MerkleTree::InclusionProof(uint64_t index, uint64_t size) const {
  CHECK(index < size && size <= this->size());
  std::vector<Hash> from_root;
  for (uint64_t begin = 0, end = size; end - begin > 1;) {
    const uint64_t middle = begin + Split(end - begin);
    if (index < middle) {
      from_root.push_back(Range(middle, end));
      end = middle;
    } else {
      from_root.push_back(Range(begin, middle));
      begin = middle;
    }
  }
  return {from_root.rbegin(), from_root.rend()};
}

std::vector<Hash> MerkleTree::ConsistencyProof(uint64_t old_size, uint64_t size) const {
  CHECK(0 < old_size && old_size <= size && size <= this->size());
  std::vector<Hash> proof;
  Consistency(old_size, 0, size, true, proof);
  return proof;
}

// RFC 6962 §2.1.2, SUBPROOF: `known` says whether the verifier already has this subtree's root.
void MerkleTree::Consistency(uint64_t old_size, uint64_t begin, uint64_t end, bool known,
                             std::vector<Hash>& proof) const {
  if (old_size == end) {
    if (!known) proof.push_back(Range(begin, end));
    return;
  }
  const uint64_t middle = begin + Split(end - begin);
  if (old_size <= middle) {
    Consistency(old_size, begin, middle, known, proof);
    proof.push_back(Range(middle, end));
  } else {
    Consistency(old_size, middle, end, false, proof);
    proof.push_back(Range(begin, middle));
  }
}

// RFC 9162 §2.1.3.2.
bool VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf_hash,
                     absl::Span<const Hash> proof, const Hash& root) {
  if (index >= size) return false;
  uint64_t node = index, last = size - 1;
  Hash hash = leaf_hash;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = NodeHash(sibling, hash);
      while ((node & 1) == 0 && node != 0) node >>= 1, last >>= 1;
    } else {
      hash = NodeHash(hash, sibling);
    }
    node >>= 1, last >>= 1;
  }
  return last == 0 && hash == root;
}

// RFC 9162 §2.1.4.2.
bool VerifyConsistency(uint64_t old_size, uint64_t size, const Hash& old_root, const Hash& root,
                       absl::Span<const Hash> proof) {
  if (old_size == 0 || old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (proof.empty()) return false;
  std::vector<Hash> path(proof.begin(), proof.end());
  if (std::has_single_bit(old_size)) path.insert(path.begin(), old_root);
  uint64_t node = old_size - 1, last = size - 1;
  while ((node & 1) != 0) node >>= 1, last >>= 1;
  Hash old_hash = path[0], hash = path[0];
  for (size_t i = 1; i < path.size(); ++i) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      old_hash = NodeHash(path[i], old_hash);
      hash = NodeHash(path[i], hash);
      while ((node & 1) == 0 && node != 0) node >>= 1, last >>= 1;
    } else {
      hash = NodeHash(hash, path[i]);
    }
    node >>= 1, last >>= 1;
  }
  return last == 0 && old_hash == old_root && hash == root;
}

}  // namespace smederij::crypto
