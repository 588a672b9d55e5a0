// Measures what reports cost of a run over many hosts: npm run bench:reports -- [--hosts 1000] [--repeat 3]
import { join } from 'node:path';
import { compare } from './ways.ts';
import { readWords } from './words.ts';

const given = readWords(process.argv.slice(2), { hosts: '1000', repeat: '3' });

const KINDS = ['junit', 'json', 'markdown', 'html', 'gitlab'] as const;

await compare({ hosts: Math.max(...given.hosts), repeat: Math.max(...given.repeat), kplay: given.kplay }, [
  { name: 'without reports' },
  {
    name: 'with all',
    words: (directory) => KINDS.flatMap((kind) => ['--report', `${kind}=${join(directory, kind)}`]),
  },
]);
