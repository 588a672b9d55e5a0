// generate-man.ts DIRECTORY VERSION DATE: writes the manual pages there.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPages } from './man-pages.ts';

const [directory = 'build/man', version = '', date = ''] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
for (const [file, text] of manPages(version, date)) writeFileSync(join(directory, file), text);
