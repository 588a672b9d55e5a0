import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { type BackupManifest, parseManifest, parseManifestHead } from '../../kubeadm/backup-manifest.ts';
import { GUARD_FUNCTIONS } from '../files/guarded-path.ts';

/** A complete backup on the host. */
export interface Backup extends BackupManifest {
  readonly directory: string;
  /** Paths whose copy is missing or does not match the digest in the manifest. */
  readonly damaged: readonly string[];
  /** Others than root could have changed or replaced it. */
  readonly exposed?: true;
  /** There are too many newer ones: it was not read beyond its head, so `files`, `absent` and `damaged` are empty. */
  readonly unread?: true;
}

/** Whether it was read, nothing of it is damaged, and only root could have written it. */
export function isWhole({ damaged, exposed, unread }: Backup): boolean {
  return damaged.length === 0 && !exposed && !unread;
}

/**
 * How many bytes of manifests are sent, about a hundred of them, the newest first: no number of backups may make the answer too
 * long to be read.
 */
const MAX_BYTES = 400_000;
/** How many are told of at all, the newest ones. */
const MAX_BACKUPS = 2_000;

const backupsFact: Fact<{ readonly directory: string }, readonly Backup[]> = {
  name: 'backups',
  summary: 'backups on the host, newest first, read back as far as there is room for the answer',
  probe: ({ directory }) => ({
    script: sh`d="$R"${directory}
[ -d "$d" ] || exit 0
${GUARD_FUNCTIONS}
# By the time at which they were made, which is in the fourth line.
for m in "$d"/*/manifest; do
  [ -f "$m" ] || continue
  # No name of kplay's; what follows it would be taken for what is told of another.
  case $m in *'
'*) continue ;; esac
  made=
  { read -r made && read -r made && read -r made && read -r made; } <"$m" || :
  printf '%s/%s\n' "\${made%%/*}" "\${m%/manifest}"
done | LC_ALL=C sort -r | head -n ${MAX_BACKUPS} | {
  room=${MAX_BYTES}
  while IFS= read -r line; do
    b=\${line#*/}
    m=$b/manifest
    printf '=B %s\n' "\${b##*/}"
    exclusive "$b" || echo =E
    [ "$room" -le 0 ] || room=$((room - $(wc -c <"$m")))
    if [ "$room" -le 0 ]; then
      echo =U
      head -n 5 "$m" | cut -c 1-200 | sed 's/^/|/'
      continue
    fi
    sed 's/^/|/' "$m"
    echo
    # Of its files those that differ from the manifest, whose lines tell digest, four properties, link and path.
    (cd "$b/files" 2>/dev/null && find . -type f -exec sha256sum {} +) | awk '
      !saved { found[substr($0, 68)] = substr($0, 1, 64); next }
      /^file\t/ {
        digest = substr($0, 6, 64)
        path = $0
        for (i = 0; i < 7; i++) sub(/^[^\t]*\t/, "", path)
        if (found[path] != digest) print "=D " path
      }' - saved=1 "$m"
  done
}
`,
  }),
  parse({ stdout }, { directory }) {
    return `\n${stdout}`
      .split('\n=B ')
      .slice(1)
      .flatMap((section): readonly Backup[] => {
        const lines = section.split('\n');
        const text = linesOf(lines, '|').join('\n');
        const isUnread = lines.includes('=U');
        const manifest = isUnread ? parseManifestHead(text) : parseManifest(text);
        if (!manifest || manifest.id !== lines[0]) return [];
        return [
          {
            ...manifest,
            directory: `${directory}/${manifest.id}`,
            damaged: linesOf(lines, '=D '),
            ...(lines.includes('=E') && { exposed: true as const }),
            ...(isUnread && { unread: true as const }),
          },
        ];
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
