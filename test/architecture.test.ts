import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { referencePages } from '../scripts/reference.ts';
import { schemaFiles } from '../scripts/schema-files.ts';
import { troubleshootingPage } from '../scripts/troubleshooting.ts';

const ROOT = join(import.meta.dirname, '..');

interface SourceText {
  /** Below src: `core/yaml/yaml.ts`. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  /** Without comments. */
  readonly code: string;
}

const SOURCES: readonly SourceText[] = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(ROOT, 'src', path), 'utf8');
    return { path, folder: path.split('/')[0] ?? '', text, code: withoutComments(text) };
  });

/** Folders by floor, from the table of docs/architecture.md: what people read is what is checked. */
const FLOORS = new Map(
  [...readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').matchAll(/^\| (\d) +\| ([^|]*) \|/gm)].flatMap(
    ([, floor, cell = '']) =>
      [...cell.matchAll(/`([a-z]+)`/g)].map(([, folder = '']) => [folder, Number(floor)] as const),
  ),
);

describe('floors', () => {
  test('every folder of src stands on one', () => {
    expect([...FLOORS.keys()].sort()).toEqual([...new Set(SOURCES.map(({ folder }) => folder))].sort());
  });

  test('imports go down only, and on one floor folders do not import each other', () => {
    const upward = SOURCES.flatMap(({ path, folder, code }) =>
      importsOf(code).flatMap((specifier) => {
        if (!specifier.startsWith('.')) return [];
        const target = posix.join(posix.dirname(path), specifier).split('/')[0] ?? '';
        const isDown = target === folder || (FLOORS.get(target) ?? Infinity) < (FLOORS.get(folder) ?? -1);
        return isDown ? [] : [`${path} imports ${specifier}`];
      }),
    );
    expect(upward).toEqual([]);
  });

  test.each(['engine', 'report'])('rooms of %s import only rooms below them', (folder) => {
    const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
    const line = new RegExp(`^\\| \`${folder}/([a-z]+)\` \\|(?! \`)`, 'gm');
    const rooms = [...page.matchAll(line)].map(([, room = '']) => room).reverse();
    const roomOf = (path: string) => new RegExp(`^${folder}/([a-z]+)/`).exec(path)?.[1] ?? '';
    const upward = SOURCES.flatMap(({ path, code }) =>
      importsOf(code).flatMap((specifier) => {
        const [room, target] = [roomOf(path), roomOf(posix.join(posix.dirname(path), specifier))];
        if (room === '' || target === '' || room === target) return [];
        return rooms.indexOf(target) < rooms.indexOf(room) ? [] : [`${path} imports ${specifier}`];
      }),
    );
    expect(upward).toEqual([]);
    expect(new Set(SOURCES.map(({ path }) => roomOf(path)))).toEqual(new Set(['', ...rooms]));
  });

  test('every package that is imported has its line in the table of libraries, and no other has', () => {
    const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
    const table = page.slice(page.indexOf('## Libraries'), page.indexOf('## How a certificate'));
    const lines = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace('/…', '')),
    );
    const imported = SOURCES.flatMap(({ code }) => importsOf(code))
      .filter((specifier) => !/^[.]|^node:/.test(specifier))
      .map((specifier) => specifier.split('/')[0] ?? '');
    expect(new Set(lines)).toEqual(new Set(imported));
  });

  test('what is imported is a file of this project by its name, a package of package.json, or Node’s own', () => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    ) as Readonly<Record<string, Readonly<Record<string, string>>>>;
    const packages = Object.keys({ ...dependencies, ...devDependencies });
    const files = new Set(SOURCES.map(({ path }) => path));
    const odd = SOURCES.flatMap(({ path, code }) =>
      importsOf(code).flatMap((specifier) => {
        if (specifier.startsWith('node:')) return [];
        if (!specifier.startsWith('.'))
          return packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))
            ? []
            : [`${path}: ${specifier}`];
        const target = posix.join(posix.dirname(path), specifier);
        return files.has(target) || specifier.endsWith('.json') ? [] : [`${path}: ${specifier}`];
      }),
    );
    expect(odd).toEqual([]);
  });

  test('no imports run in a circle, those of types neither', () => {
    const graph = new Map(
      SOURCES.map(({ path, code }) => [
        path,
        importsOf(code).flatMap((specifier) =>
          specifier.startsWith('.') ? [posix.join(posix.dirname(path), specifier)] : [],
        ),
      ]),
    );
    expect(circlesIn(graph)).toEqual([]);
  });
});

describe('manners', () => {
  test('no file is longer than 300 lines', () => {
    expect(SOURCES.filter(({ text }) => text.trimEnd().split('\n').length > 300).map(({ path }) => path)).toEqual([]);
  });

  test('files have names in lower case with hyphens', () => {
    expect(
      SOURCES.filter(({ path }) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*(\.d)?\.ts$/.test(path)).map(({ path }) => path),
    ).toEqual([]);
  });

  test.each<[what: string, pattern: RegExp, where: (path: string) => boolean]>([
    ['writes to the console', /\bconsole\s*\.|from 'node:console'/, everywhere],
    ['exits', /\bprocess\.(exit|exitCode|abort)\b/, belowCli],
    ['reads the environment', /\bprocess\.(env|argv|cwd|platform)\b/, belowCli],
    // In transport, `process` is the name of a process of a host.
    [
      'writes to the streams of the process',
      /\bprocess\.(stdin|stdout|stderr)\b/,
      (path) => belowCli(path) && !path.startsWith('transport/'),
    ],
    ['knows of the process', /\bprocess\b/, (path) => path.startsWith('report/')],
    [
      'has a clock of its own',
      /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/,
      // Inside a workflow these tell the time of the server, the same each time that it is replayed.
      (path) => belowCli(path) && !path.startsWith('fleet/temporal/workflow'),
    ],
    ['throws dice', /\bMath\.random\(/, everywhere],
    ['exports a default', /\bexport default\b|\bas default\b/, everywhere],
    ['has an enum', /^\s*(export )?(const )?enum /m, everywhere],
    ['has an any', /(:|\bas|<) any\b/, everywhere],
    ['evaluates a text', /\beval\(|\bnew Function\(/, everywhere],
  ])('nothing %s where it must not', (_what, pattern, where) => {
    expect(
      SOURCES.filter(({ path, code }) => where(path) && pattern.test(withoutTexts(code))).map(({ path }) => path),
    ).toEqual([]);
  });

  test('comments leave no work to be done', () => {
    expect(SOURCES.filter(({ text }) => /\b(TODO|FIXME|XXX)\b/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('scripts for hosts are made by sh alone, and users’ own by one step', () => {
    const using = (pattern: RegExp) => SOURCES.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
    expect(using(/\bnew ShellScript\(/)).toEqual(['core/shell.ts']);
    expect(using(/\buserScript\(/)).toEqual(['core/shell.ts', 'steps/general/shell.ts']);
  });

  test('secrets are revealed where they are used and nowhere else', () => {
    expect(
      SOURCES.filter(({ path, code }) => !path.startsWith('simulation/') && /\.reveal\(\)/.test(code)).map(
        ({ path }) => path,
      ),
    ).toEqual([
      // What is typed becomes a variable of a play, for its templates.
      'cli/inputs/var-prompts.ts',
      // The API key of a Temporal server.
      'cli/temporal/connect.ts',
      'core/secret.ts',
      'core/shell.ts',
      'pki/private-key.ts',
      'transport/shell/session.ts',
      'transport/shell/sudo-password.ts',
      'transport/ssh/authentication.ts',
      'transport/ssh/key-ring.ts',
    ]);
  });
});

describe('what is exported', () => {
  /** Functions whose names say all there is to say. There may only be fewer of them. */
  const SILENT = 48;

  test('functions and classes have a doc comment, nearly all', () => {
    const silent = SOURCES.flatMap(({ path, text }) =>
      [...text.matchAll(/^export (?:async )?(?:function\*?|class|abstract class) (\w+)/gm)]
        .filter(({ index }) => !text.slice(0, index).trimEnd().endsWith('*/'))
        .map(([, name = '']) => `${path} ${name}`),
    );
    expect(silent.length, silent.join('\n')).toBeLessThanOrEqual(SILENT);
  });
});

test('the schemas are those of the steps and events as they are: npm run schemas', { timeout: 120_000 }, () => {
  const published = schemaFiles();
  expect(readdirSync(join(ROOT, 'schemas')).sort()).toEqual([...published.keys()].sort());
  for (const [name, text] of published) expect(readFileSync(join(ROOT, 'schemas', name), 'utf8'), name).toBe(text);
});

test('docs/reference is made from commands, steps and keywords as they are: npm run docs', () => {
  const pages = referencePages();
  expect(readdirSync(join(ROOT, 'docs/reference')).sort()).toEqual([...pages.keys()].sort());
  for (const [name, text] of pages) expect(readFileSync(join(ROOT, 'docs/reference', name), 'utf8'), name).toBe(text);
});

test('docs/troubleshooting.md has the entries of the problems as they are: npm run docs', () => {
  const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  expect(page).toBe(troubleshootingPage(page));
});

/** Measures how long a regular expression takes, to stop it. */
const STOPWATCH = 'template/regex/regex-guard.ts';

function everywhere(): boolean {
  return true;
}

function belowCli(path: string): boolean {
  return !path.startsWith('cli/') && path !== STOPWATCH;
}

function importsOf(code: string): readonly string[] {
  return [
    ...code.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm,
    ),
  ].map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '');
}

function circlesIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' > '));
    if (trail.includes(path) || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return circles;
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** With nothing between quotes and backticks: what a message or a script says is not what the code does. */
function withoutTexts(code: string): string {
  return code.replace(/'(?:\\.|[^'\\\n])*'/g, "''").replace(/`(?:\\.|[^`\\])*`/g, '``');
}
