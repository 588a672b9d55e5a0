import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { type BackupManifest, parseManifest } from '../../kubeadm/backup-manifest.ts';
import { GUARD_FUNCTIONS } from '../files/guarded-path.ts';

/** A complete backup on the host. */
export interface Backup extends BackupManifest {
  readonly directory: string;
  /** Paths whose copy is missing or does not match the digest in the manifest. */
  readonly damaged: readonly string[];
  /** Others than root could have changed or replaced it. */
  readonly exposed?: true;
}

const backupsFact: Fact<{ readonly directory: string }, readonly Backup[]> = {
  name: 'backups',
  summary: 'backups on the host, newest first, each read back',
  probe: ({ directory }) => ({
    script: sh`d="$R"${directory}
[ -d "$d" ] || exit 0
${GUARD_FUNCTIONS}
for m in "$d"/*/manifest; do
  [ -f "$m" ] || continue
  # No name of kplay's; what follows it would be taken for what is told of another.
  case $m in *'
'*) continue ;; esac
  b=\${m%/manifest}
  printf '=B %s\n' "\${b##*/}"
  exclusive "$b" || echo =E
  sed 's/^/|/' "$m"
  (cd "$b/files" 2>/dev/null && find . -type f -exec sha256sum {} +) | sed 's/^/=S /'
done
`,
  }),
  parse({ stdout }, { directory }) {
    return `\n${stdout}`
      .split('\n=B ')
      .slice(1)
      .flatMap((section): readonly Backup[] => {
        const lines = section.split('\n');
        const manifest = parseManifest(linesOf(lines, '|').join('\n'));
        if (!manifest || manifest.id !== lines[0]) return [];
        const found = new Map(
          linesOf(lines, '=S ').map((line) => [line.slice(66).replace(/^\./, ''), line.slice(0, 64)] as const),
        );
        const damaged = manifest.files.filter(({ path, sha256 }) => found.get(path) !== sha256).map(({ path }) => path);
        const exposed = lines.includes('=E') ? { exposed: true as const } : {};
        return [{ ...manifest, directory: `${directory}/${manifest.id}`, damaged, ...exposed }];
      })
      .sort((a, b) => compare(b.createdAt, a.createdAt) || compare(b.id, a.id));
  },
};

/** A name tells when its run started; a resumed run may have made the backup long after. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The complete backups below a directory of the host, without interrupted ones. */
export function backups(directory: string): FactRef<readonly Backup[]> {
  return factRef(backupsFact, { directory });
}

function linesOf(lines: readonly string[], prefix: string): readonly string[] {
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
}
