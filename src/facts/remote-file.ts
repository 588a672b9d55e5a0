import { type Fact, type FactRef, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';

/** A file of the host, with its content when that is a text of moderate size. */
export interface RemoteFile {
  readonly exists: boolean;
  readonly sha256: string | undefined;
  readonly content: string | undefined;
  readonly mode: string | undefined;
  readonly owner: Owner | undefined;
  readonly group: Owner | undefined;
}

export interface Owner {
  readonly name: string;
  readonly id: string;
}

/** Larger files are compared by digest alone. */
const MAX_SHOWN_BYTES = 65_536;

const fileFact: Fact<{ readonly path: string }, RemoteFile> = {
  name: 'remote_file',
  summary: 'a file with its content',
  probe: ({ path }) => ({
    script: sh`f="$R"${path}
[ -f "$f" ] || { echo none; exit 0; }
stat -L -c '%a %u %U %g %G %s' "$f"
sha256sum <"$f"
[ "$(stat -L -c %s "$f")" -gt ${MAX_SHOWN_BYTES} ] || cat "$f"
`,
  }),
  parse({ stdout }) {
    const [state = '', digest = '', ...content] = stdout.split('\n');
    const match = /^([0-7]+) (\d+) (\S+) (\d+) (\S+) (\d+)$/.exec(state);
    if (!match) {
      return {
        exists: false,
        sha256: undefined,
        content: undefined,
        mode: undefined,
        owner: undefined,
        group: undefined,
      };
    }
    const [, mode = '', uid = '', user = '', gid = '', group = '', size] = match;
    return {
      exists: true,
      sha256: digest.slice(0, 64),
      content: Number(size) > MAX_SHOWN_BYTES ? undefined : content.join('\n'),
      mode: mode.padStart(4, '0'),
      owner: { name: user, id: uid },
      group: { name: group, id: gid },
    };
  },
};

/** The file at a path of the host. */
export function remoteFile(path: string): FactRef<RemoteFile> {
  return factRef(fileFact, { path });
}
