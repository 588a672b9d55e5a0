import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../cli/support/bundled-program.ts';

/** A page for people, by its path in the repository. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

export const DOCUMENTS: readonly Document[] = [
  ...['README.md', 'CHANGELOG.md', 'SECURITY.md', 'bench/README.md', 'test/lab/README.md'],
  ...readdirSync(join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => `docs/${path}`),
].map((path) => ({ path, text: readFileSync(join(PROJECT, path), 'utf8') }));

/** Where the links of a page lead, code left out. */
export function linksIn({ text }: Document): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
}

/** The headings of a page as GitHub names them in addresses. */
export function anchorsIn({ text }: Document): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

export interface CommandLine {
  /** `README.md:9` */
  readonly place: string;
  /** What stands behind `kplay`, as a shell reads it. */
  readonly text: string;
}

/** Every command line of kplay in the code blocks of a page, without comments, pipes and redirections. */
export function commandLinesIn({ path, text }: Document): readonly CommandLine[] {
  const lines = text.split('\n');
  let fence = false;
  return lines.flatMap((line, index) => {
    if (line.startsWith('```')) fence = !fence;
    if (!fence && !line.startsWith('    ')) return [];
    const command = line.replace(/(?:^|\s)#.*$/, '').replace(/<\([^)]*\)/g, 'FILE');
    return [...command.matchAll(/(?:^|[\s(/])kplay ((?:'[^']*'|[^'|>)&])+)/g)]
      .filter(([, words = '']) => /^[a-z-]/.test(words))
      .map(([, words = '']) => ({ place: `${path}:${index + 1}`, text: words.trim() }));
  });
}
