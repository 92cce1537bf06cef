#!/usr/bin/env node
// A second verifier of bundles, written from the formats in services/ballots/README.md and sharing
// nothing with the first: `node verify.mjs DIR`. One line of JSON; exits with 0 verified, 1 not,
// 3 partial. Needs Node 20 or newer and nothing else.
//
// It stops at the first thing that does not hold. Of a count it checks the sums of every rule and
// the winners of greedy_votes and greedy_points without extras; for the rest it says so (`count`).
import { createHash, createPublicKey, verify as verifySignature, constants } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

class Refusal extends Error {
  constructor(step, wrong) {
    super(wrong);
    this.step = step;
  }
}
const must = (holds, step, wrong) => {
  if (!holds) throw new Refusal(step, wrong);
};

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

// Strict reading of the big-endian layouts: whatever does not end where it should throws.
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  raw(length) {
    if (this.at + length > this.bytes.length) throw new RangeError('the bytes end too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  u8() { return this.raw(1).readUInt8(); }
  u16() { return this.raw(2).readUInt16BE(); }
  u32() { return this.raw(4).readUInt32BE(); }
  u64() { return this.raw(8).readBigUInt64BE(); }
  text() { return this.raw(this.u16()); }
  list(count, read) { return Array.from({ length: count }, read); }
  end() {
    if (this.at !== this.bytes.length) throw new RangeError('bytes are left over');
  }
}

const read = (bytes, layout) => {
  const reader = new Reader(bytes);
  const value = layout(reader);
  reader.end();
  return value;
};

const u16 = (value) => Buffer.from([value >> 8, value & 255]);
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const uuid = (bytes) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

// --- Ed25519 by the strict rule: OpenSSL's equation, and nothing of small order or not canonical.
const P = 2n ** 255n - 19n;
const SMALL_ORDER = new Set([
  0n, 1n, P - 1n,
  // The two y of the points of order eight.
  BigInt('0x' + Buffer.from(
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex').reverse().toString('hex')),
  BigInt('0x' + Buffer.from(
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex').reverse().toString('hex')),
]);
const yOf = (point) => {
  const little = Buffer.from(point).reverse();
  little[0] &= 0x7f;
  return BigInt('0x' + little.toString('hex'));
};
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
export const ed25519Holds = (key, message, signature) => {
  const y = yOf(key);
  if (y >= P || SMALL_ORDER.has(y) || SMALL_ORDER.has(yOf(signature.subarray(0, 32)) % P)) {
    return false;
  }
  const der = Buffer.concat([SPKI_ED25519, key]);
  try {
    return verifySignature(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }),
      signature);
  } catch {
    return false;  // No point on the curve.
  }
};

const pssHolds = (key, input, signature) => verifySignature('sha384', input, {
  key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48,
}, signature);

// --- RFC 6962 over whole trees, level by level.
const leafHash = (leaf) => sha256(Buffer.from([0]), leaf);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);
const rootOf = (hashes) => {
  // An odd one at the end of a row goes up unpaired: the same tree as the recursive definition's.
  let row = hashes;
  while (row.length > 1) {
    const above = [];
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i], row[i + 1]));
    if (row.length % 2) above.push(row[row.length - 1]);
    row = above;
  }
  return row.length ? row[0] : sha256(Buffer.alloc(0));
};

const TILE = 256;
const tilePath = (level, n, width) => {
  let number = String(n % 1000).padStart(3, '0');
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    number = `x${String(rest % 1000).padStart(3, '0')}/${number}`;
  }
  return `tile/${level}/${number}${width === TILE ? '' : `.p/${width}`}`;
};
const rowsOf = (level, nodes) => Array.from({ length: Math.ceil(nodes / TILE) }, (_, n) => {
  const width = Math.min(TILE, nodes - n * TILE);
  return { first: n * TILE, width, path: tilePath(level, n, width) };
});

// --- The layouts.
const bool = (value) => {
  if (value > 1) throw new RangeError('a flag that is neither yes nor no');
  return value === 1;
};
const manifestLayout = (r) => {
  const m = {};
  if (r.u8() !== 1 || r.u8() !== 1) throw new RangeError('no manifest');
  m.origin = r.text().toString();
  m.round = r.raw(16);
  r.raw(32);  // Municipality and district.
  m.title = r.text().toString();
  m.currency = r.text();
  r.raw(32);  // The charter's hash.
  m.classes = r.list(r.u16(), () => {
    const c = { id: r.u16(), name: r.text().toString() };
    r.u16(), r.u16();
    return { ...c, weight: BigInt(r.u16()), roll: r.u64(), spki: r.text() };
  });
  m.options = r.list(r.u16(), () => {
    const o = { plan: r.raw(16), number: r.u32(), title: r.text(), cost: r.u64(), horizon: r.u8() };
    if (o.horizon > 2) throw new RangeError('no horizon');
    return { ...o, category: r.text().toString(), group: r.text().toString(), text: r.raw(32) };
  });
  m.kind = r.u8();
  [m.least, m.most, m.pointsTotal, m.pointsEach] = [r.u32(), r.u32(), r.u32(), r.u32()];
  m.ladder = r.list(r.u16(), () => r.u32());
  m.rule = r.text().toString();
  m.stops = bool(r.u8());
  m.partial = r.u8();
  m.supportLeast = r.u64();
  m.supportShare = BigInt(r.u32());
  r.u64();  // The endowment's step.
  m.ties = r.list(r.u8(), () => r.u8());
  r.u64();  // The cap of a plan.
  m.pots = r.list(r.u16(), () => {
    r.raw(16);
    const amount = r.u64();
    r.raw(32);
    return { amount, category: r.text().toString(), horizon: r.u8() };
  });
  m.stations = r.list(r.u16(), () => ({ number: r.u16(), name: r.text().toString() }));
  r.raw(32);  // Four instants.
  m.kMin = r.u32();
  m.demonstration = bool(r.u8());
  r.u32();  // The smallest batch.
  m.logKey = r.text().toString();
  r.raw(32), r.u8(), r.text();  // The receipts' key, the witnesses, the software.
  return m;
};

const ballotLayout = (r) => {
  r.u8();
  const b = { round: r.raw(16), class: r.u16(), key: r.raw(32) };
  if (r.u8() !== 1) throw new RangeError('one credential');
  [b.issuer, b.prefix] = [r.raw(32), r.raw(32)];
  if (r.u16() !== 384) throw new RangeError('a credential has 384 bytes');
  b.credential = r.raw(384);
  [b.seq, b.commitment] = [r.u32(), r.raw(32)];
  b.signed = Buffer.concat([Buffer.from('smederij-cast-v1'), r.bytes.subarray(0, r.at)]);
  b.signature = r.raw(64);
  if (b.seq === 0) throw new RangeError('seq starts at 1');
  return b;
};

const BATCH_MOST = 500;
const batchLayout = (r) => {
  r.u8();
  if (r.u8() !== 1) throw new RangeError('no such version');
  const b = { round: r.raw(16), class: r.u16(), station: r.u16(), id: r.raw(16) };
  b.supersedes = r.raw(32).toString('hex');
  [b.ballots, b.invalid, b.commitment] = [r.u32(), r.u32(), r.raw(32)];
  b.officials = r.list(r.u8(), () => r.raw(16).toString('hex'));
  if (b.ballots === 0 || b.ballots > BATCH_MOST || b.invalid > b.ballots) {
    throw new RangeError('no stack of so many');
  }
  b.valid = b.ballots - b.invalid;
  return b;
};

const EVENTS = { 1: 'approved', 2: 'forward', 3: 'closed', 4: 'lot', 5: 'station' };
const eventLayout = (r) => {
  const type = r.u8();
  if (r.u8() !== 1) throw new RangeError('no such version');
  const e = { round: r.raw(16), kind: { 4: '', 5: 'openings', 6: 'tally' }[type], officials: [] };
  if (e.kind === '') e.kind = EVENTS[r.u8()];
  if (e.kind === undefined) throw new RangeError('no such leaf');
  if (e.kind === 'openings' || e.kind === 'tally') e.version = r.u32();
  if (['approved', 'openings', 'tally'].includes(e.kind)) e.hash = r.raw(32);
  if (e.kind === 'forward') r.u64();
  if (e.kind === 'closed') e.ballots = r.u64();
  if (e.kind === 'lot') e.numbers = r.list(r.u16(), () => r.u32());
  if (e.kind === 'station') {
    e.station = r.u16();
    e.lines = r.list(r.u16(), () => (
      { class: r.u16(), marked: r.u32(), spoiled: r.u32(), home: r.u32(), box: r.u32() }));
    e.reason = r.text();
  }
  if (e.kind !== 'closed' && e.kind !== 'openings') {
    e.officials = r.list(r.u8(), () => r.raw(16).toString('hex'));
  }
  return e;
};
const byTwo = (e) => new Set(e.officials).size === e.officials.length && e.officials.length >= 2;

const resultLayout = (r) => {
  if (r.raw(18).toString() !== 'smederij-result-v3') throw new RangeError('no result');
  const s = { round: r.raw(16), version: r.u32(), manifest: r.raw(32), digest: r.raw(32) };
  [s.rule, s.currency] = [r.text().toString(), r.text()];
  s.demonstration = bool(r.u8());
  s.turnout = r.list(r.u16(), () => ({
    class: r.u16(), roll: r.u64(), issued: r.u64(), marked: r.u64(), ballots: r.u64(),
    paper: r.u64(), invalid: r.u64(), blank: r.u64(),
  }));
  s.plans = r.list(r.u16(), () => {
    const p = { plan: r.raw(16), number: r.u32(), decision: r.u8(), award: r.u64() };
    p.support = r.u64();
    p.reason = r.text().toString();
    p.facts = r.list(r.u16(), () => [r.text(), r.text()]);
    return p;
  });
  s.contests = r.list(r.u16(), () => {
    r.text(), r.u64(), r.text(), r.u64();
    return r.list(r.u16(), () => {
      r.u32(), r.text(), r.u64();
      r.list(r.u16(), () => r.u32());
    });
  });
  [s.awarded, s.pot] = [r.u64(), r.u64()];
  return s;
};

const choiceLayout = (r) => {
  if (r.u8() !== 1) throw new RangeError('no such version');
  const kind = r.u8();
  if (kind < 1 || kind > 5) throw new RangeError('no such kind');
  const lines = r.list(r.u16(), () => ({ number: r.u32(), points: kind === 4 ? r.u32() : 0 }));
  return { kind, lines };
};

// What the valid ballots of a batch say: sums, or ballot by ballot.
const contentLayout = (r) => {
  if (r.u8() !== 1) throw new RangeError('no such version');
  const kind = r.u8();
  if (kind === 1) {
    const blank = r.u32();
    const totals = r.list(r.u16(), () => ({ number: r.u32(), support: r.u64() }));
    if (totals.some((t, i) => t.support === 0n || (i > 0 && totals[i - 1].number >= t.number))) {
      throw new RangeError('sums out of order, or of nothing');
    }
    return { kind, blank, totals };
  }
  if (kind !== 2) throw new RangeError('no such kind');
  const count = r.u32();
  if (count > BATCH_MOST) throw new RangeError('no stack of so many');
  const choices = r.list(count, () => read(r.text(), choiceLayout));
  return { kind, choices, blank: choices.filter((choice) => choice.lines.length === 0).length };
};

// --- The steps.
const readFolder = (root, below = '') => readdirSync(join(root, below), { withFileTypes: true })
  .filter((entry) => !entry.name.startsWith('.'))
  .flatMap((entry) => {
    const path = posix.join(below, entry.name);
    return entry.isDirectory() ? readFolder(root, path) : [[path, readFileSync(join(root, path))]];
  });

const NAMES = ['README.txt', 'checkpoint', 'manifest.bin', 'openings.jsonl', 'paper.jsonl',
  'result.bin', 'turnout.csv'];
const checkFiles = (files) => {
  for (const name of NAMES) must(files.has(name), 'files', `${name} is missing`);
  for (const path of files.keys()) {
    must(NAMES.includes(path) || path.startsWith('tile/'), 'files', `${path} does not belong here`);
  }
};

const attempt = (step, wrong, make) => {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(step, `${wrong}: ${error.message}`);
  }
};

const strictBase64 = (text) => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new RangeError('base64 of another form');
  return bytes;
};

const checkCheckpoint = (note, manifest) => attempt('checkpoint', 'it cannot be read', () => {
  const key = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(manifest.logKey);
  const encoded = strictBase64(key[3]);
  must(encoded.length === 33 && encoded[0] === 1, 'checkpoint', 'the key is not Ed25519');
  const id = sha256(key[1], '\n', encoded).subarray(0, 4);
  must(id.toString('hex') === key[2], 'checkpoint', 'the key has another id');
  const text = note.toString('utf8');
  must(Buffer.from(text).equals(note), 'checkpoint', 'it is not UTF-8');
  const split = text.lastIndexOf('\n\n');
  must(split >= 0 && text.endsWith('\n'), 'checkpoint', 'it is no note');
  const body = text.slice(0, split + 1);
  must(!/[\x00-\x09\x0b-\x1f]/.test(text), 'checkpoint', 'it holds a control character');
  let ours = 0;
  for (const line of text.slice(split + 2, -1).split('\n')) {
    const [, name, base64] = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
    const signature = strictBase64(base64);
    must(signature.length >= 5, 'checkpoint', 'a signature is too short');
    if (name !== key[1] || !signature.subarray(0, 4).equals(id)) continue;
    must(signature.length === 68 && ed25519Holds(encoded.subarray(1), Buffer.from(body),
      signature.subarray(4)), 'checkpoint', 'the signature is wrong');
    ++ours;
  }
  must(ours > 0, 'checkpoint', 'it is not signed by the log');
  const [origin, size, root] = body.split('\n');
  must(origin === manifest.origin, 'checkpoint', 'it is of another log');
  must(/^[1-9][0-9]{0,8}$/.test(size), 'checkpoint', 'it has no size');
  const hash = strictBase64(root);
  must(hash.length === 32, 'checkpoint', 'it has no root');
  return { size: Number(size), root: hash };
});

const checkLog = (files, head) => {
  const entries = rowsOf('entries', head.size);
  const wanted = new Set(entries.map((row) => row.path));
  for (let level = 0, n = head.size; n > 0; ++level, n = Math.floor(n / TILE)) {
    for (const row of rowsOf(level, n)) wanted.add(row.path);
  }
  for (const path of wanted) must(files.has(path), 'log', `${path} is missing`);
  for (const path of files.keys()) {
    must(!path.startsWith('tile/') || wanted.has(path), 'log', `${path} does not belong here`);
  }
  const leaves = entries.flatMap((row) => attempt('log', `${row.path} is no bundle`,
    () => read(files.get(row.path), (r) => r.list(row.width, () => r.text()))));
  const manifest = files.get('manifest.bin');
  if (leaves[0].length === 0 && manifest.length > 65535) leaves[0] = manifest;
  const hashes = leaves.map(leafHash);
  must(rootOf(hashes).equals(head.root), 'log', 'the leaves do not make up the signed log');
  let row = hashes;
  for (let level = 0; row.length > 0; ++level) {
    const above = [];
    for (const { first, width, path } of rowsOf(level, row.length)) {
      const part = row.slice(first, first + width);
      must(Buffer.concat(part).equals(files.get(path)), 'log', `${path} has other hashes`);
      if (width === TILE) above.push(rootOf(part));
    }
    row = above;
  }
  return { leaves, hashes };
};

const checkManifest = (files, manifest, log) => {
  must(files.get('manifest.bin').equals(log.leaves[0]), 'manifest', 'it is not leaf 0');
  const ascending = (values) => values.every((v, i) => i === 0 || values[i - 1] < v);
  must(ascending(manifest.classes.map((c) => c.id)) && ascending(manifest.options.map((o) => o.number)),
    'manifest', 'classes or plans are not in order');
  must(ascending([0, ...manifest.stations.map((s) => s.number)]), 'manifest',
    'stations are not in order');
  must(manifest.classes.length > 0 && manifest.options.length > 0 && manifest.pots.length > 0 &&
    manifest.kMin > 0, 'manifest', 'something is missing');
  must(manifest.origin.endsWith(`/ballots/${uuid(manifest.round)}`), 'manifest', 'another origin');
  for (const c of manifest.classes) {
    c.key = attempt('manifest', 'an issuer key cannot be read',
      () => createPublicKey({ key: c.spki, format: 'der', type: 'spki' }));
    const about = c.key.asymmetricKeyDetails;
    must(c.key.asymmetricKeyType === 'rsa' && about.modulusLength === 3072 &&
      about.publicExponent === 65537n, 'manifest', 'an issuer key is not RSA-3072');
    c.keyId = sha256(c.spki);
  }
  const approved = attempt('manifest', 'leaf 1 is no event', () => read(log.leaves[1], eventLayout));
  must(approved.kind === 'approved' && approved.round.equals(manifest.round) && byTwo(approved) &&
    approved.hash.equals(sha256(log.leaves[0])), 'manifest', 'it was not approved by two');
};

const checkBallots = (manifest, log) => {
  const story = {
    ballots: 0n, counted: new Map(), perClass: new Map(), lot: null, batches: new Map(),
    stations: new Map(),
  };
  const last = new Map();
  const seen = new Set();
  const classes = new Map(manifest.classes.map((c) => [c.id, c]));
  for (let i = 2; i < log.leaves.length; ++i) {
    const leaf = log.leaves[i];
    const hash = log.hashes[i].toString('hex');
    must(!seen.has(hash), 'ballots', `leaf ${i} stands in the log twice`);
    seen.add(hash);
    const ballot = leaf[0] === 2;
    const layout = { 2: ballotLayout, 3: batchLayout }[leaf[0]] ?? eventLayout;
    const it = attempt('ballots', `leaf ${i} cannot be read`, () => read(leaf, layout));
    must(it.round.equals(manifest.round), 'ballots', `leaf ${i} is of another round`);
    if (ballot) {
      checkBallot(it, i, classes.get(it.class), story);
      const key = it.key.toString('hex');
      if (!last.has(key) || it.seq > last.get(key).seq) last.set(key, { ...it, hash, leaf: i });
      continue;
    }
    if (leaf[0] === 3) {
      checkBatch({ ...it, hash, leaf: i }, manifest, story);
      continue;
    }
    checkEvent(it, i, manifest, story);
  }
  must(story.closed, 'ballots', 'the log was never closed');
  must(story.tally, 'ballots', 'nothing was certified');
  must(!manifest.ties.includes(4) || story.lot, 'ballots', 'the lot is missing');
  for (const ballot of last.values()) {
    story.counted.set(ballot.hash, ballot);
    story.perClass.set(ballot.class, (story.perClass.get(ballot.class) ?? 0) + 1);
  }
  return story;
};

const checkBallot = (ballot, i, voters, story) => {
  ++story.ballots;
  must(!story.closed, 'ballots', `leaf ${i} came after the close`);
  must(voters, 'ballots', `leaf ${i} has a class that nobody is in`);
  const input = Buffer.concat([ballot.prefix, Buffer.from('smederij-cred-v1'), ballot.round,
    u16(ballot.class), ballot.issuer, ballot.key]);
  must(ballot.issuer.equals(voters.keyId) && pssHolds(voters.key, input, ballot.credential),
    'ballots', `leaf ${i} has no credential`);
  must(ed25519Holds(ballot.key, ballot.signed, ballot.signature), 'ballots',
    `leaf ${i} is not signed by its voter`);
};

const checkBatch = (batch, manifest, story) => {
  const place = (holds, wrong) => must(holds, 'ballots', `leaf ${batch.leaf} ${wrong}`);
  place(story.closed && !story.openings, '(paper) cannot stand there');
  place(manifest.classes.some((c) => c.id === batch.class), 'has a class that nobody is in');
  place(manifest.stations.some((s) => s.number === batch.station), 'has no such station');
  place(byTwo(batch), 'was not sealed by two');
  const before = [...story.batches.values()];
  place(before.every((b) => !b.id.equals(batch.id)), 'is a batch that was sealed before');
  if (!/^0+$/.test(batch.supersedes)) {
    const earlier = story.batches.get(batch.supersedes);
    place(earlier && !earlier.superseded && earlier.class === batch.class &&
      earlier.station === batch.station, 'cannot count instead of another');
    earlier.superseded = true;
  }
  story.batches.set(batch.hash, batch);
};

const standing = (story) => [...story.batches.values()].filter((batch) => !batch.superseded);

const checkEvent = (event, i, manifest, story) => {
  const place = (holds) => must(holds, 'ballots', `leaf ${i} (${event.kind}) cannot stand there`);
  switch (event.kind) {
    case 'forward':
      place(!story.closed && manifest.demonstration && byTwo(event));
      break;
    case 'closed':
      place(!story.closed && event.ballots === story.ballots);
      story.closed = true;
      break;
    case 'lot': {
      const sorted = [...event.numbers].sort((a, b) => a - b);
      place(story.closed && !story.openings && !story.lot && manifest.ties.includes(4) &&
        byTwo(event) && sorted.join() === manifest.options.map((o) => o.number).join());
      story.lot = event.numbers;
      break;
    }
    case 'station': {
      place(story.closed && !story.openings && byTwo(event));
      place(manifest.stations.some((s) => s.number === event.station));
      place(event.lines.map((l) => l.class).join() === manifest.classes.map((c) => c.id).join());
      const equal = event.lines.every((l) => l.marked - l.spoiled - l.home === l.box);
      place(equal || event.reason.length > 0);
      story.stations.set(event.station, event);
      break;
    }
    case 'openings':
      place(story.closed && !story.openings);
      story.openings = event;
      break;
    case 'tally':
      place(story.openings && !story.tally && byTwo(event) &&
        event.version === story.openings.version);
      story.tally = event;
      break;
    default:
      place(false);
  }
};

// What an outsider can tell apart: what was cast online in a class, and each batch of paper.
const unitsOf = (story) => [
  ...[...story.perClass].map(([id, count]) => ({ class: id, batch: '', count })),
  ...standing(story).map((b) => ({ class: b.class, batch: b.hash, count: b.valid })),
].filter((unit) => unit.count > 0);

// What k_min keeps from the public: the small units, and what hides them.
const withheldOf = (units, kMin) => {
  const withheld = [];
  let hidden = 0;
  const byName = (a, b) => (a.batch < b.batch ? -1 : a.batch > b.batch ? 1 : 0);
  for (const unit of [...units].sort((a, b) => a.count - b.count || a.class - b.class || byName(a, b))) {
    if (unit.count >= kMin && (hidden === 0 || hidden >= kMin)) break;
    withheld.push(unit);
    hidden += unit.count;
  }
  return withheld;
};
// The blank ballots of a class are told where what is hidden of it is nothing, or k_min at least.
const tellsBlank = (id, withheld, kMin) => {
  const hidden = withheld.filter((unit) => unit.class === id).reduce((sum, u) => sum + u.count, 0);
  return hidden === 0 || hidden >= kMin;
};

const choiceHolds = ({ kind, lines }, manifest) => {
  if (kind !== manifest.kind) return false;
  const numbers = lines.map((line) => line.number);
  if (new Set(numbers).size !== numbers.length) return false;
  if (kind !== 5 && numbers.some((n, i) => i > 0 && numbers[i - 1] > n)) return false;
  if (kind === 4 && lines.some((line) => line.points === 0)) return false;
  if (lines.length === 0) return true;
  const costs = new Map(manifest.options.map((o) => [o.number, o.cost]));
  if (!numbers.every((n) => costs.has(n))) return false;
  const most = kind === 2 ? 1 : manifest.most || manifest.options.length;
  if (lines.length < manifest.least || lines.length > most) return false;
  if (kind === 3) {
    return numbers.reduce((sum, n) => sum + costs.get(n), 0n) <= potOf(manifest);
  }
  if (kind !== 4) return true;
  const total = lines.reduce((sum, line) => sum + line.points, 0);
  if (manifest.pointsTotal && total > manifest.pointsTotal) return false;
  const each = manifest.pointsEach || manifest.pointsTotal;
  if (each && lines.some((line) => line.points > each)) return false;
  const ladder = [...manifest.ladder];
  return manifest.ladder.length === 0 || lines.every((line) => {
    const rung = ladder.indexOf(line.points);
    if (rung >= 0) ladder.splice(rung, 1);
    return rung >= 0;
  });
};
const potOf = (manifest) => manifest.pots.reduce((sum, pot) => sum + pot.amount, 0n);

const onlySums = (manifest) => manifest.rule.startsWith('greedy_') && manifest.kind !== 5;

// The most one ballot gives a plan, and all plans together; nothing where the rule has no limit.
const mostOf = (manifest) => {
  const choices = manifest.kind === 2 ? 1 : manifest.most || manifest.options.length;
  if (manifest.kind !== 4) return { plan: 1, all: choices };
  const ladder = [...manifest.ladder].sort((a, b) => b - a).slice(0, choices);
  const least = (limits) => Math.min(...limits.filter((limit) => limit > 0));
  const rungs = ladder.reduce((sum, rung) => sum + rung, 0);
  return {
    plan: least([manifest.pointsEach, manifest.pointsTotal, ladder[0] ?? 0]),
    all: least([manifest.pointsTotal, rungs]),
  };
};

const contentHolds = (content, valid, manifest) => {
  if (content.kind !== (onlySums(manifest) ? 1 : 2)) return false;
  if (content.kind === 2) {
    return content.choices.length === valid && content.choices.every((c) => choiceHolds(c, manifest));
  }
  if (content.blank > valid) return false;
  const filled = BigInt(valid - content.blank);
  const most = mostOf(manifest);
  const within = (sum, limit) => limit === Infinity || sum <= filled * BigInt(limit);
  const costs = new Map(manifest.options.map((o) => [o.number, o.cost]));
  if (!content.totals.every((t) => costs.has(t.number) && within(t.support, most.plan))) return false;
  if (content.totals.length > 0 && filled === 0n) return false;
  const given = content.totals.reduce((sum, t) => sum + t.support, 0n);
  if (given < filled * BigInt(Math.max(1, manifest.least)) || !within(given, most.all)) return false;
  const cost = content.totals.reduce((sum, t) => sum + t.support * costs.get(t.number), 0n);
  return manifest.kind !== 3 || cost <= filled * potOf(manifest);
};

const PAPER = /^\{"leaf_hash":"([0-9a-f]{64})","content":"((?:[0-9a-f]{2})*)","nonce":"([0-9a-f]{64})"\}$/;
const CONTENT_MOST = 16 + BATCH_MOST * (2 + 2048);
// Opens the batches, and goes on with the digest.
const checkPapers = (text, manifest, story, digest) => {
  must(text.length === 0 || text.at(-1) === 10, 'openings', 'the last line of paper has no end');
  let before = '';
  for (const [i, line] of text.toString('latin1').split('\n').slice(0, -1).entries()) {
    const parts = PAPER.exec(line);
    must(parts && parts[2].length <= 2 * CONTENT_MOST, 'openings', `line ${i + 1} of paper is none`);
    const [, hash, contentHex, nonceHex] = parts;
    must(hash > before, 'openings', `line ${i + 1} of paper is out of order`);
    before = hash;
    const batch = story.batches.get(hash);
    must(batch && !batch.superseded, 'openings', `line ${i + 1} opens no batch that counts`);
    const [content, nonce] = [Buffer.from(contentHex, 'hex'), Buffer.from(nonceHex, 'hex')];
    must(sha256('smederij-paper-v1', batch.round, batch.id, nonce, content).equals(batch.commitment),
      'openings', `line ${i + 1} of paper is not what was sealed`);
    batch.content = attempt('openings', `line ${i + 1} of paper cannot be read`,
      () => read(content, contentLayout));
    must(contentHolds(batch.content, batch.valid, manifest), 'openings',
      `line ${i + 1}: so many ballots cannot say that`);
    digest = sha256(digest, Buffer.from(hash, 'hex'), u32(content.length), content, nonce);
  }
  return digest;
};

const LINE = /^\{"leaf_hash":"([0-9a-f]{64})","choice":"((?:[0-9a-f]{2})*)","nonce":"([0-9a-f]{64})"\}$/;
const checkOpenings = (text, papers, manifest, story) => {
  must(text.length === 0 || text.at(-1) === 10, 'openings', 'the last line has no end');
  const lines = text.toString('latin1').split('\n').slice(0, -1);
  let digest = Buffer.alloc(32);
  let before = '';
  for (const [i, line] of lines.entries()) {
    const parts = LINE.exec(line);
    must(parts && parts[2].length <= 4096, 'openings', `line ${i + 1} is none`);
    const [, hash, choiceHex, nonceHex] = parts;
    must(hash > before, 'openings', `line ${i + 1} is out of order`);
    before = hash;
    const ballot = story.counted.get(hash);
    must(ballot, 'openings', `line ${i + 1} opens no ballot that counts`);
    const [choice, nonce] = [Buffer.from(choiceHex, 'hex'), Buffer.from(nonceHex, 'hex')];
    must(sha256('smederij-commit-v1', ballot.round, ballot.key, u32(ballot.seq), nonce, choice)
      .equals(ballot.commitment), 'openings', `line ${i + 1} is not what was sealed`);
    ballot.choice = attempt('openings', `line ${i + 1} is no choice`, () => read(choice, choiceLayout));
    must(choiceHolds(ballot.choice, manifest), 'openings', `line ${i + 1} breaks the ballot rule`);
    digest = sha256(digest, Buffer.from(hash, 'hex'), u16(choice.length), choice, nonce);
  }
  digest = checkPapers(papers, manifest, story, digest);
  story.withheld = withheldOf(unitsOf(story), manifest.kMin);
  const hidden = new Set(story.withheld.map((unit) => `${unit.class}/${unit.batch}`));
  const ballots = [...story.counted.values()].map((b) => (
    { unit: `${b.class}/`, open: Boolean(b.choice), leaf: b.leaf, count: 1 }));
  const batches = standing(story).map((b) => (
    { unit: `${b.class}/${b.hash}`, open: Boolean(b.content), leaf: b.leaf, count: b.valid }));
  const all = [...ballots, ...batches];
  if (all.some((it) => it.open && hidden.has(it.unit))) hidden.clear();
  for (const it of all) must(it.open || hidden.has(it.unit), 'openings', `leaf ${it.leaf} is not opened`);
  must(hidden.size > 0 || digest.equals(story.openings.hash), 'openings', 'the digest is another');
  return all.filter((it) => !it.open).reduce((sum, it) => sum + it.count, 0);
};

// Every station was closed over what its batches hold.
const checkStations = (manifest, story) => {
  for (const { number } of manifest.stations) {
    const closing = story.stations.get(number);
    must(closing, 'balance', `station ${number} was not closed`);
    for (const line of closing.lines) {
      const box = standing(story).filter((b) => b.station === number && b.class === line.class)
        .reduce((sum, b) => sum + b.ballots, 0);
      must(box === line.box, 'balance', `station ${number} has another number of ballots`);
    }
  }
};

const checkBalance = (files, manifest, story) => {
  const bytes = files.get('result.bin');
  const result = attempt('balance', 'the result cannot be read', () => read(bytes, resultLayout));
  must(sha256(bytes).equals(story.tally.hash) && result.version === story.tally.version &&
    result.digest.equals(story.openings.hash) && result.manifest.equals(sha256(files.get('manifest.bin'))),
  'balance', 'this result was not certified');
  must(result.turnout.length === manifest.classes.length, 'balance', 'other classes');
  let table = 'class_id,roll_size,issued,marked,ballots,paper,invalid,blank\n';
  checkStations(manifest, story);
  for (const [i, c] of result.turnout.entries()) {
    const voters = manifest.classes[i];
    const keys = BigInt(story.perClass.get(c.class) ?? 0);
    const batches = standing(story).filter((b) => b.class === c.class);
    const paper = BigInt(batches.reduce((sum, b) => sum + b.valid, 0));
    const invalid = BigInt(batches.reduce((sum, b) => sum + b.invalid, 0));
    const marked = [...story.stations.values()].reduce((sum, s) => sum + BigInt(s.lines[i].marked), 0n);
    must(c.class === voters.id && c.roll === voters.roll && c.ballots === keys + paper &&
      c.paper === paper && c.invalid === invalid && c.marked === marked, 'balance',
    `class ${c.class} has other numbers`);
    must(keys <= c.issued && c.issued + c.marked <= c.roll, 'balance',
      `class ${c.class} does not balance`);
    const blank = tellsBlank(c.class, story.withheld, manifest.kMin) ? c.blank : '';
    table += `${[c.class, c.roll, c.issued, c.marked, c.ballots, c.paper, c.invalid, blank]}\n`;
  }
  must(files.get('turnout.csv').equals(Buffer.from(table)), 'balance', 'turnout.csv says otherwise');
  return result;
};

// --- The count.
const contestOf = (manifest, of) => {
  if (manifest.pots[0].horizon) return of.horizon === 2 ? 'long_strike' : 'short_strike';
  return manifest.pots[0].category ? of.category : '';
};

const sumsOf = (manifest, story) => {
  const weights = new Map(manifest.classes.map((c) => [c.id, c.weight]));
  const sums = { voters: 0n, blank: new Map(), support: new Map() };
  for (const option of manifest.options) sums.support.set(option.number, 0n);
  const addBlank = (of, count) => sums.blank.set(of, (sums.blank.get(of) ?? 0) + count);
  const single = [...story.counted.values()].map((b) => ({ class: b.class, choice: b.choice }));
  for (const batch of standing(story)) {
    const { content } = batch;
    for (const choice of content.choices ?? []) single.push({ class: batch.class, choice });
    if (content.kind !== 1) continue;
    const weight = weights.get(batch.class);
    sums.voters += weight * BigInt(batch.valid);
    addBlank(batch.class, content.blank);
    for (const { number, support } of content.totals) {
      sums.support.set(number, sums.support.get(number) + support * weight);
    }
  }
  for (const ballot of single) {
    const weight = weights.get(ballot.class);
    const { kind, lines } = ballot.choice;
    sums.voters += weight;
    if (lines.length === 0) addBlank(ballot.class, 1);
    for (const [place, { number, points }] of lines.entries()) {
      const given = kind === 5 ? lines.length - place : kind === 4 ? points : 1;
      sums.support.set(number, sums.support.get(number) + BigInt(given) * weight);
    }
  }
  return sums;
};

const greedyAwards = (manifest, story, sums) => {
  const share = (sums.voters * manifest.supportShare + 9999n) / 10000n;
  const least = share > manifest.supportLeast ? share : manifest.supportLeast;
  const sign = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const support = (option) => sums.support.get(option.number);
  const criteria = {
    1: (a, b) => sign(support(b), support(a)),
    2: (a, b) => sign(a.cost, b.cost),
    3: (a, b) => sign(a.number, b.number),
    4: (a, b) => sign(story.lot.indexOf(a.number), story.lot.indexOf(b.number)),
  };
  const order = [1, ...manifest.ties, 3];
  const before = (a, b) => order.map((by) => criteria[by](a, b)).find((found) => found !== 0) ?? 0;
  const left = new Map();
  for (const pot of manifest.pots) {
    const contest = contestOf(manifest, pot);
    left.set(contest, (left.get(contest) ?? 0n) + pot.amount);
  }
  const awards = new Map();
  const won = new Set();
  for (const option of manifest.options.filter((o) => support(o) >= least).sort(before)) {
    const contest = contestOf(manifest, option);
    const rival = option.group && `${contest}/${option.group}`;
    if ((rival && won.has(rival)) || option.cost > left.get(contest)) continue;
    left.set(contest, left.get(contest) - option.cost);
    awards.set(option.number, option.cost);
    if (rival) won.add(rival);
  }
  return awards;
};

// Sums and, where it can, winners; "full", "sums", or "" when ballots are withheld.
const checkCount = (manifest, story, result, withheld) => {
  const awarded = result.plans.reduce((sum, plan) => sum + plan.award, 0n);
  must(result.round.equals(manifest.round) && result.rule === manifest.rule &&
    result.pot === potOf(manifest) && result.awarded === awarded && awarded <= result.pot,
  'count', 'rule, pot or awards are others');
  const numbers = result.plans.map((plan) => plan.number).sort((a, b) => a - b);
  must(numbers.join() === manifest.options.map((o) => o.number).join(), 'count', 'other plans');
  if (withheld > 0) return '';
  const sums = sumsOf(manifest, story);
  for (const plan of result.plans) {
    must(plan.support === sums.support.get(plan.number), 'count', `plan ${plan.number} has other support`);
  }
  for (const c of result.turnout) {
    const told = tellsBlank(c.class, story.withheld, manifest.kMin);
    const blank = told ? sums.blank.get(c.class) ?? 0 : 0;
    must(c.blank === BigInt(blank), 'count', `class ${c.class} has other blank ballots`);
  }
  const plain = ['greedy_votes', 'greedy_points'].includes(manifest.rule) && !manifest.stops &&
    manifest.partial === 0;
  if (!plain) return 'sums';
  const awards = greedyAwards(manifest, story, sums);
  for (const plan of result.plans) {
    must(plan.award === (awards.get(plan.number) ?? 0n), 'count', `plan ${plan.number} is awarded otherwise`);
  }
  return 'full';
};

const verify = (root) => {
  const files = new Map(attempt('files', 'the folder cannot be read', () => readFolder(root)));
  checkFiles(files);
  const manifest = attempt('manifest', 'it cannot be read',
    () => read(files.get('manifest.bin'), manifestLayout));
  const head = checkCheckpoint(files.get('checkpoint'), manifest);
  const log = checkLog(files, head);
  checkManifest(files, manifest, log);
  const story = checkBallots(manifest, log);
  const withheld = checkOpenings(files.get('openings.jsonl'), files.get('paper.jsonl'), manifest,
    story);
  const result = checkBalance(files, manifest, story);
  const count = checkCount(manifest, story, result, withheld);
  const ballots = story.counted.size + standing(story).reduce((sum, b) => sum + b.valid, 0);
  return { outcome: withheld > 0 ? 'PARTIAL' : 'VERIFIED', ballots, withheld, count };
};

// Any number of folders, a line and a verdict each; the exit code is the worst.
const EXIT = { VERIFIED: 0, REFUSED: 1, PARTIAL: 3 };
const main = (roots) => {
  let code = 0;
  for (const root of roots) {
    let report;
    try {
      report = verify(root);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      report = { outcome: 'REFUSED', step: error.step, wrong: error.message };
    }
    console.log(JSON.stringify({ bundle: root, ...report }));
    if (code !== 1 && EXIT[report.outcome] !== 0) code = EXIT[report.outcome];
  }
  return roots.length > 0 ? code : 2;
};
// For a client that checks what it sends.
export { ballotLayout, pssHolds, read };
if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
