// Loaded before kplay (node --import): ends the process, as kill -9 does, at one record of its journal.
//   KILL_AT=12 KILL_HOW=before|torn|after
// The record is not written, half of it is, or all of it is.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.KILL_AT);
const how = process.env.KILL_HOW;
const append = fs.appendFileSync;
let written = 0;

fs.appendFileSync = (file, text, ...rest) => {
  written += 1;
  if (written < at) return append(file, text, ...rest);
  if (how !== 'before') append(file, how === 'torn' ? text.slice(0, text.length / 2) : text, ...rest);
  return process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
