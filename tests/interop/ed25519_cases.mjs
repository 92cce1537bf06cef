// Which signatures hold for the second verifier: reads lines of key, message and signature in
// hexadecimal from the file it is given, and prints a line of ones and zeros.
import { readFileSync } from 'node:fs';
import { ed25519Holds } from './verify.mjs';

const cases = readFileSync(process.argv[2], 'latin1').trimEnd().split('\n');
console.log(cases.map((line) => {
  const [key, message, signature] = line.split(',').map((hex) => Buffer.from(hex, 'hex'));
  return ed25519Holds(key, message, signature) ? 1 : 0;
}).join(''));
