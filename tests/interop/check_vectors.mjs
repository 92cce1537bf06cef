#!/usr/bin/env node
// `node check_vectors.mjs DIR`: the reference client against the published vectors. Exits with 0
// when all hold.
import assert from 'node:assert/strict';
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ballotHolds, checkReceipt, encodeChoice, leafHash, makeDevice, parseChoice,
} from './client.mjs';

const folder = process.argv[2];
const file = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const hex = (text) => Buffer.from(text, 'hex');
let passed = 0, failed = 0;
const check = async (what, body) => {
  try {
    await body();
    ++passed;
  } catch (error) {
    ++failed;
    console.log(`${what}: ${error.message}`);
  }
};

const credentials = file('credential.json');
const spki = hex(credentials.issuer_spki);
const signed = new Map();
const issuer = await crypto.subtle.importKey(
  'pkcs8', hex(credentials.issuer_private_key_pkcs8), { name: 'RSA-PSS', hash: 'SHA-384' }, true,
  ['sign']);
for (const [i, c] of credentials.cases.entries()) {
  await check(`credential ${i}`, async () => {
    const device = await makeDevice(
      hex(c.device_secret), credentials.round_id, credentials.class_id, spki);
    assert.equal(device.issuerKeyId.toString('hex'), credentials.issuer_key_id);
    assert.equal(device.votingKey.toString('hex'), c.voting_key);
    assert.equal(device.prefix.toString('hex'), c.prefix);
    assert.equal(device.input.toString('hex'), c.input);
    assert.equal(device.blindedMessage.toString('hex'), c.blinded_message);
    const suite = RSABSSA.SHA384.PSS.Randomized();
    const blindSignature = await suite.blindSign(issuer, device.blindedMessage);
    assert.equal(Buffer.from(blindSignature).toString('hex'), c.blind_signature);
    await device.accept(blindSignature);
    assert.equal(device.credential.toString('hex'), c.credential);
    signed.set(c.device_secret, device);
    const bent = Buffer.from(blindSignature);
    bent[0] ^= 1;
    await assert.rejects(device.accept(bent));
    device.credential = hex(c.credential);
  });
}

const ballots = file('ballot.json');
const holds = (leaf) => ballotHolds(leaf, ballots.round_id, ballots.class_id, spki);
for (const c of ballots.cases) {
  await check(`ballot seq ${c.seq}`, () => {
    const ballot = signed.get(c.device_secret).fill(hex(c.choice), c.seq);
    assert.equal(ballot.nonce.toString('hex'), c.nonce);
    assert.equal(ballot.commitment.toString('hex'), c.commitment);
    assert.equal(ballot.leaf.toString('hex'), c.leaf);
    assert.equal(leafHash(ballot.leaf).toString('hex'), c.leaf_hash);
    assert.ok(holds(ballot.leaf));
  });
}
for (const c of ballots.bad) {
  await check(`bad leaf: ${c.what}`, () => assert.ok(!holds(hex(c.leaf))));
}

const choices = file('choice.json');
for (const c of choices.good) {
  await check(`choice ${c.bytes}`, () => {
    assert.equal(encodeChoice(c.kind, c.lines).toString('hex'), c.bytes);
    assert.deepEqual(parseChoice(hex(c.bytes)), { kind: c.kind, lines: c.lines });
  });
}
for (const c of choices.bad) {
  await check(`bad choice ${c.bytes}`, () => assert.throws(() => parseChoice(hex(c.bytes))));
}

const receipts = file('receipt.json');
for (const c of receipts.good) {
  await check('receipt', () => {
    const receipt = checkReceipt(hex(c.bytes), hex(receipts.receipt_key));
    assert.equal(receipt.origin, c.origin);
    assert.equal(receipt.leafHash.toString('hex'), c.leaf_hash);
    assert.equal(receipt.includeBy, BigInt(c.include_by));
  });
}
for (const c of receipts.bad) {
  await check(`bad receipt: ${c.what}`, () =>
    assert.throws(() => checkReceipt(hex(c.bytes), hex(receipts.receipt_key))));
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
