// A reference client: what a voter's device does, from the formats in services/ballots/README.md,
// sharing no line with the services. Needs Node 20 or newer and the packages beside it.
//
//   const device = await makeDevice(secret, roundId, classId, issuerSpki);
//   …send device.blindedMessage to IssueCredential as a resident…
//   await device.accept(blindSignature);
//   const ballot = device.fill(encodeChoice(KIND.points, [[1, 3], [2, 2]]), 1);
//   …on a fresh connection, without any identity, CastBallot(ballot)…
//   checkReceipt(answer.receipt, ballot.leaf, receiptKey);
//
// The secret is 32 random bytes that never leave the device but as words the voter writes down.
// Whoever has it can vote; whoever loses it cannot.
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import {
  createCipheriv, createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, sign,
} from 'node:crypto';
import { ballotLayout, ed25519Holds, pssHolds, read } from './verify.mjs';

export const KIND = { approval: 1, chooseOne: 2, knapsack: 3, points: 4, ranking: 5 };

export const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const u16 = (value) => Buffer.from([value >> 8, value & 255]);
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const uuidBytes = (text) => Buffer.from(text.replaceAll('-', ''), 'hex');
export const leafHash = (leaf) => sha256(Buffer.from([0]), leaf);

// A choice as bytes: [plan number, points] each, points only where the kind has them. Only in a
// ranking the order is the voter's.
export function encodeChoice(kind, lines) {
  const sorted = kind === KIND.ranking ? lines : [...lines].sort((a, b) => a[0] - b[0]);
  return Buffer.concat([
    Buffer.from([1, kind]), u16(sorted.length),
    ...sorted.flatMap(([plan, points]) => (kind === KIND.points ? [u32(plan), u32(points)] : [u32(plan)])),
  ]);
}

// The inverse, strict: throws for bytes that encodeChoice does not write.
export function parseChoice(bytes) {
  if (bytes.length < 4 || bytes[0] !== 1 || bytes[1] < 1 || bytes[1] > 5) throw new Error('no choice');
  const kind = bytes[1], width = kind === KIND.points ? 8 : 4;
  if (bytes.length !== 4 + bytes.readUInt16BE(2) * width) throw new Error('another length');
  const lines = [];
  for (let at = 4; at < bytes.length; at += width) {
    lines.push([bytes.readUInt32BE(at), width === 8 ? bytes.readUInt32BE(at + 4) : 0]);
  }
  if (new Set(lines.map(([plan]) => plan)).size !== lines.length) throw new Error('a plan twice');
  if (kind === KIND.points && lines.some(([, points]) => points === 0)) throw new Error('no points');
  if (!encodeChoice(kind, lines).equals(bytes)) throw new Error('not in order');
  return { kind, lines };
}

// Whether a leaf is a ballot of this round and class, by everything in it.
export function ballotHolds(leaf, roundId, classId, issuerSpki) {
  let ballot;
  try {
    ballot = read(leaf, ballotLayout);
  } catch {
    return false;
  }
  const issuer = createPublicKey({ key: issuerSpki, format: 'der', type: 'spki' });
  const input = Buffer.concat([ballot.prefix, Buffer.from('smederij-cred-v1'), ballot.round,
    u16(ballot.class), ballot.issuer, ballot.key]);
  return leaf[0] === 2 && ballot.round.equals(uuidBytes(roundId)) && ballot.class === classId &&
    ballot.issuer.equals(sha256(issuerSpki)) && pssHolds(issuer, input, ballot.credential) &&
    ed25519Holds(ballot.key, ballot.signed, ballot.signature);
}

// The ChaCha20 keystream of a key, as a source of bytes.
function keystream(key) {
  const cipher = createCipheriv('chacha20', key, Buffer.alloc(16));
  return (length) => cipher.update(Buffer.alloc(length));
}

// Blinds with salt and factor from `draw`: the same device asks for the same signature, also after
// it was restored from its words. The library takes its random bytes from `crypto` alone, salt
// first, then the factor by rejection; while it does, the stream stands there.
async function blindFrom(draw, suite, key, input) {
  const real = globalThis.crypto.getRandomValues;
  globalThis.crypto.getRandomValues = (array) => {
    array.set(draw(array.length));
    return array;
  };
  try {
    return await suite.blind(key, input);
  } finally {
    globalThis.crypto.getRandomValues = real;
  }
}

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

// A device with one credential to get. `secret` 32 bytes, `roundId` a UUID, `issuerSpki` the DER key
// of the class from the manifest, which must be the same for everybody.
export async function makeDevice(secret, roundId, classId, issuerSpki) {
  const suite = RSABSSA.SHA384.PSS.Randomized();
  const issuerKeyId = sha256(issuerSpki);
  const round = uuidBytes(roundId);
  const issuer = await crypto.subtle.importKey(
    'spki', issuerSpki, { name: 'RSA-PSS', hash: 'SHA-384' }, true, ['verify']);
  const info = Buffer.concat([Buffer.from('smederij-device-v1'), round, u16(classId), issuerKeyId]);
  const draw = keystream(Buffer.from(hkdfSync('sha256', secret, '', info, 32)));
  const seed = draw(32), prefix = draw(32), nonceKey = draw(32);
  const signingKey = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const votingKey = createPublicKey(signingKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const input = Buffer.concat(
    [prefix, Buffer.from('smederij-cred-v1'), round, u16(classId), issuerKeyId, votingKey]);
  const { blindedMsg, inv } = await blindFrom(draw, suite, issuer, input);

  const device = { votingKey, prefix, input, issuerKeyId, blindedMessage: Buffer.from(blindedMsg) };
  // Unblinds and verifies with the manifest's key; throws where it does not hold.
  device.accept = async (blindSignature) => {
    device.credential = Buffer.from(await suite.finalize(issuer, input, blindSignature, inv));
  };
  // The ballot with these choice bytes. A higher seq replaces an earlier one.
  device.fill = (choice, seq) => {
    const nonce = createHmac('sha256', nonceKey).update(u32(seq)).digest();
    const commitment = sha256('smederij-commit-v1', round, votingKey, u32(seq), nonce, choice);
    const unsigned = Buffer.concat([
      Buffer.from([2]), round, u16(classId), votingKey, Buffer.from([1]), issuerKeyId, prefix,
      u16(device.credential.length), device.credential, u32(seq), commitment,
    ]);
    const signature = sign(
      null, Buffer.concat([Buffer.from('smederij-cast-v1'), unsigned]), signingKey);
    return { leaf: Buffer.concat([unsigned, signature]), choice, nonce, commitment };
  };
  return device;
}

// What a receipt promises; throws unless it is signed by the round's receipt key and, where `leaf`
// is given, about that ballot.
export function checkReceipt(bytes, receiptKey, leaf) {
  const head = Buffer.from('smederij-receipt-v1');
  if (bytes.length < head.length + 2 || !bytes.subarray(0, head.length).equals(head)) {
    throw new Error('no receipt');
  }
  const originLength = bytes.readUInt16BE(head.length);
  const at = head.length + 2 + originLength;
  if (bytes.length !== at + 32 + 8 + 64) throw new Error('no receipt');
  const receipt = {
    origin: bytes.subarray(head.length + 2, at).toString(),
    leafHash: bytes.subarray(at, at + 32),
    includeBy: bytes.readBigUInt64BE(at + 32),
  };
  const signed = bytes.subarray(0, at + 40);
  if (!ed25519Holds(receiptKey, signed, bytes.subarray(at + 40))) throw new Error('not signed');
  if (leaf && !receipt.leafHash.equals(leafHash(leaf))) throw new Error('another ballot');
  return receipt;
}

// RFC 9162 §2.1.3.2: the root that a leaf and its path make up.
function rootOfPath(index, size, leaf, path) {
  let node = index, last = size - 1, hash = leaf;
  for (const sibling of path) {
    if (last === 0) throw new Error('the path is too long');
    if (node % 2 === 1 || node === last) {
      hash = sha256(Buffer.from([1]), sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = sha256(Buffer.from([1]), hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Error('the path is too short');
  return hash;
}

// Checks a C2SP tlog-proof that `leaf` stands in the log with this verifier key: offline, for ever.
// Answers the leaf's index; throws where anything does not hold.
export function checkProof(text, verifierKey, leaf) {
  const [, name, , key] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey);
  const keyBytes = Buffer.from(key, 'base64').subarray(1);  // Behind its algorithm's number.
  const cut = text.indexOf('\n\n');
  const [version, indexLine, ...hashes] = text.slice(0, cut).split('\n');
  if (version !== 'c2sp.org/tlog-proof@v1' || !indexLine.startsWith('index ')) {
    throw new Error('no proof');
  }
  const note = text.slice(cut + 2);
  const body = note.slice(0, note.indexOf('\n\n') + 1);
  const signed = note.slice(body.length + 1).split('\n').some((line) => {
    const parts = /^— (\S+) (\S+)$/.exec(line);
    return parts !== null && parts[1] === name &&
      ed25519Holds(keyBytes, Buffer.from(body), Buffer.from(parts[2], 'base64').subarray(4));
  });
  if (!signed) throw new Error('the checkpoint is not signed');
  const [origin, size, root] = body.split('\n');
  if (origin !== name) throw new Error('another log');
  const index = Number(indexLine.slice('index '.length));
  const path = hashes.map((line) => Buffer.from(line, 'base64'));
  if (!(index < Number(size)) ||
      !rootOfPath(index, Number(size), leafHash(leaf), path).equals(Buffer.from(root, 'base64'))) {
    throw new Error('the leaf is not in this log');
  }
  return index;
}
