// Records what `kplay demo` shows, as a picture for the README: npm run recording
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { terminalPicture } from './terminal-picture.ts';

const shown = execFileSync(process.execPath, ['dist/kplay.js', 'demo'], {
  encoding: 'utf8',
  env: { ...process.env, FORCE_COLOR: '1', COLUMNS: '110' },
});
const title = 'kplay demo: three masters with expired certificates are checked, renewed and verified';
// Where this checkout stands is nobody's business.
const here = `${process.cwd()}/`;
writeFileSync('docs/images/demo.svg', terminalPicture(shown.replaceAll(here, ''), title));
