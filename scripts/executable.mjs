// executable.mjs [FILE]: makes FILE, or build/kplay: a single executable for the system that this runs on, with Node.js and the
// playbooks inside. It is the Node.js that runs this script, with kplay written into it.
import { rmSync, statSync } from 'node:fs';
import { programBlob, writeExecutable } from './single-executable.mjs';

const file = process.argv[2] ?? 'build/kplay';

rmSync(file, { force: true });
const blob = await programBlob(process.execPath, `${file}.work`);
await writeExecutable(file, { node: process.execPath, platform: process.platform }, blob);
const megabytes = Math.round(statSync(file).size / 1e6);
console.log(`${file}: ${megabytes} MB, ${process.platform} ${process.arch}, Node.js ${process.version}`);
