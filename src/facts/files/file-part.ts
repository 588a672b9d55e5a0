import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';

/** A part of a file on the host, in blocks of `blockSize` bytes. */
export interface FilePart {
  readonly [key: string]: string | number;
  readonly path: string;
  readonly blockSize: number;
  /** The index of the first block. */
  readonly block: number;
  readonly count: number;
}

const partFact: Fact<FilePart, string> = {
  name: 'file_part',
  summary: 'bytes from the middle of a file',
  probe: ({ path, blockSize, block, count }) => ({
    script: sh`f="$R"${path}
[ -f "$f" ] && [ -r "$f" ] || exit 0
od -An -v -tx1 -j ${block * blockSize} -N ${count * blockSize} "$f" 2>/dev/null || :
`,
  }),
  parse: ({ stdout }) => {
    const digits = stdout.replace(/\s+/g, '');
    return /^(?:[0-9a-f]{2})*$/.test(digits) ? digits : '';
  },
};

/** Its bytes in hexadecimal digits; none if there is no such readable file, or it ends before. */
export function filePart(part: FilePart): FactRef<string> {
  return factRef(partFact, part);
}
