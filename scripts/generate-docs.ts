// Writes docs/reference, and the entries of docs/troubleshooting.md, from the program itself. A test says when it is not current.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { referencePages } from './reference.ts';
import { troubleshootingPage } from './troubleshooting.ts';

mkdirSync('docs/reference', { recursive: true });
for (const [file, text] of referencePages()) writeFileSync(`docs/reference/${file}`, text);
const TROUBLES = 'docs/troubleshooting.md';
writeFileSync(TROUBLES, troubleshootingPage(readFileSync(TROUBLES, 'utf8')));
