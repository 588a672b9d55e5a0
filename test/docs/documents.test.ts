import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { readableWords } from '../../src/cli/options/command-words.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { PROJECT } from '../cli/support/bundled-program.ts';
import { MemoryOutput } from '../cli/support/memory-streams.ts';
import { anchorsIn, commandLinesIn, DOCUMENTS, linksIn } from './support/documents.ts';

const PAGES = new Map(DOCUMENTS.map((page) => [page.path, page]));

describe.each(DOCUMENTS.map((page) => [page.path, page] as const))('%s', (path, page) => {
  test('has no link that leads nowhere', () => {
    const broken = linksIn(page).filter((target) => {
      if (/^https?:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
      if (!existsSync(join(PROJECT, to))) return true;
      const there = PAGES.get(to);
      return anchor !== undefined && there !== undefined && !anchorsIn(there).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  // Those of the reference are forms, and no command lines.
  test.skipIf(path.startsWith('docs/reference/'))('has no command line that kplay does not take', async () => {
    const wrong: string[] = [];
    for (const { place, text } of commandLinesIn(page)) {
      const complaint = await complaintAbout(shellWords(text));
      if (complaint !== '') wrong.push(`${place}: kplay ${text}\n${complaint}`);
    }
    expect(wrong).toEqual([]);
  });
});

test('the files and folders that the architecture names are there', () => {
  const text = PAGES.get('docs/architecture.md')?.text ?? '';
  const inRows = [...text.matchAll(/\| `([a-z/-]+)` \| `([a-z-]+\.ts)` \|$/gm)].map(
    ([, folder, file]) => `${folder}/${file}`,
  );
  expect(inRows.length).toBeGreaterThanOrEqual(10);
  const inText = [...text.matchAll(/`([a-z][a-z0-9-]*(?:\/[a-z0-9.-]+)+)`/g)].flatMap(([, path]) => path ?? []);
  const places = (path: string) => [`src/${path}`, `src/${path}.ts`, path].map((one) => join(PROJECT, one));
  expect([...inRows, ...inText].filter((path) => !places(path).some(existsSync))).toEqual([]);
});

test('the architecture names every folder of the source', () => {
  const text = PAGES.get('docs/architecture.md')?.text ?? '';
  const source = join(PROJECT, 'src');
  const folders = readdirSync(source, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [posix.relative(source, posix.join(entry.parentPath, entry.name))] : [],
  );
  expect(folders.length).toBeGreaterThan(50);
  expect(folders.filter((folder) => !text.includes(`\`${folder}\``))).toEqual([]);
});

test('the index names every page of docs', () => {
  const index = PAGES.get('docs/README.md');
  const named = index ? linksIn(index).map((target) => posix.join('docs', target.split('#')[0] ?? '')) : [];
  const pages = [...PAGES.keys()].filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
  expect(pages.filter((path) => !named.includes(path))).toEqual([]);
});

/** As sh parts them. A placeholder for a number or a time is one; an elision is left out. */
function shellWords(text: string): readonly string[] {
  const script = `set -f; printf '%s\\n' ${text.replaceAll('…', '')}`;
  const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n').slice(0, -1);
  return words.map((word) => ({ N: '1', TIME: '30d' })[word] ?? word);
}

/** What the parser of the command line says of it; nothing is run. */
async function complaintAbout(words: readonly string[]): Promise<string> {
  const [stdout, stderr] = [new MemoryOutput(), new MemoryOutput()];
  const environment = { ...processEnvironment(), variables: {}, stdout, stderr } as unknown as Environment;
  const program = buildProgram(environment, () => undefined);
  withoutActions(program);
  try {
    await program.parseAsync([...readableWords(program, words)], { from: 'user' });
    return '';
  } catch (error) {
    return stderr.text || (stdout.text === '' ? String(error) : '');
  }
}

function withoutActions(program: Command): void {
  for (const command of program.commands) {
    if (command.commands.length === 0) command.action(() => undefined);
    withoutActions(command);
  }
}
