#!/usr/bin/env node
// A voter votes through the real services, and votes again: get the credential, cast, keep the
// proof. Arguments are NAME=VALUE: registry, ballots (host:port), registry_authority,
// ballots_authority (PEM files), protos (folder), round, class, first and second (plan numbers,
// comma-separated), secret (hex). The resident's token comes from the environment, TOKEN. Prints
// one line of JSON.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  checkProof, checkReceipt, encodeChoice, leafHash, makeDevice, sha256,
} from './client.mjs';

const args = Object.fromEntries(process.argv.slice(2).map((arg) => {
  const at = arg.indexOf('=');
  return [arg.slice(0, at), arg.slice(at + 1)];
}));
const packages = grpc.loadPackageDefinition(loader.loadSync(
  ['smederij/registry/v1/registry.proto', 'smederij/ballots/v1/ballots.proto'],
  { includeDirs: [args.protos], keepCase: true, longs: String, enums: String, defaults: true },
)).smederij;
// A connection of its own for each service, and nothing in common between them.
const connect = (Service, address, authority) => {
  const trust = grpc.credentials.createSsl(readFileSync(authority));
  const stub = new Service(address, trust, { 'grpc.ssl_target_name_override': 'localhost' });
  return (method, request, headers = {}) => {
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return promisify(stub[method].bind(stub))(request, metadata);
  };
};
const registry = connect(packages.registry.v1.RegistryService, args.registry, args.registry_authority);
const ballots = connect(packages.ballots.v1.BallotsService, args.ballots, args.ballots_authority);

const { manifest } = await ballots('GetElection', { round_id: args.round });
const voters = manifest.classes.find((c) => c.class_id === Number(args.class));
const device = await makeDevice(
  Buffer.from(args.secret, 'hex'), args.round, voters.class_id, voters.issuer_spki);
const issued = await registry('IssueCredential', {
  round_id: args.round,
  class_id: voters.class_id,
  issuer_key_id: sha256(voters.issuer_spki),
  blinded_message: device.blindedMessage,
}, { authorization: `Bearer ${process.env.TOKEN}` });
await device.accept(issued.blind_signature);

const cast = async (numbers, seq) => {
  const ballot = device.fill(encodeChoice(1, numbers.split(',').map((n) => [Number(n), 0])), seq);
  const answer = await ballots('CastBallot', ballot);
  checkReceipt(answer.receipt, manifest.receipt_key, ballot.leaf);
  return { ...ballot, receipt: answer.receipt };
};
const status = (ballot) =>
  ballots('Status', { round_id: args.round, leaf_hash: leafHash(ballot.leaf) });
const settled = async (ballot) => {
  for (;;) {
    const answer = await status(ballot);
    if (answer.state !== 'STATE_PENDING') return answer;
    await pause(20);
  }
};

const first = await cast(args.first, 1);
const included = await settled(first);
const firstIndex = checkProof(included.proof, manifest.log_verifier_key, first.leaf);
const second = await cast(args.second, 2);
const secondIndex =
  checkProof((await settled(second)).proof, manifest.log_verifier_key, second.leaf);
const again = await ballots('CastBallots', { ballots: [first, second] });

let identity;
try {
  await ballots('CastBallot', second, { authorization: `Bearer ${process.env.TOKEN}` });
} catch (error) {
  identity = error.code;
}
console.log(JSON.stringify({
  first: included.state,
  first_later: (await status(first)).state,
  second: (await status(second)).state,
  ascending: firstIndex < secondIndex,
  replayed: again.outcomes.map((o, i) =>
    o.cast.replayed && o.cast.receipt.equals([first, second][i].receipt)),
  with_identity: identity,
}));
process.exit(0);  // Connections would stay open.
