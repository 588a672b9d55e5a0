import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { HomeKubeconfig } from '../../kubeadm/certificates/home.ts';
import { embeddedKeyAt, type KubeconfigUser, readKubeconfig } from '../../kubeadm/host/kubeconfig.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { KUBERNETES_DIRECTORY } from '../../kubeadm/table.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import { hasSigned } from '../../pki/verify.ts';
import { DUMP_FUNCTIONS, LINE_GROWTH, parseDump } from './file-dump.ts';

/**
 * Limit on all of them together: half of the longest answer that is read. Users may put anything there, and no host may fail
 * because its answer is too long or too slow. The smallest come first, so that no file can displace a smaller one.
 */
const MAX_BYTES = 524_288;
/** Per file: each key costs a program. */
const MAX_KEYS = 50;
/** Limit on a key in base64, doubled: signing with a longer one takes minutes. */
const MAX_KEY_LENGTH = 20_000;

const ADMINISTRATOR = `${KUBERNETES_DIRECTORY}/admin.conf`;
/** By the word that says whose key it is. */
const ORIGINALS = { own: ADMINISTRATOR, aside: asidePath(ADMINISTRATOR) } as const;

const homesFact: Fact<{ readonly users: readonly string[] }, readonly HomeKubeconfig[]> = {
  name: 'home_kubeconfigs',
  summary: "users' own kubeconfigs, but for links to the host's",
  probe: ({ users }) => ({
    script: sh`${DUMP_FUNCTIONS}
printf '=R %s\n' "$R"
k="$R"${KUBERNETES_DIRECTORY}
keys() { sed -n 's/^ *\(- \)\{0,1\}client-key-data:\([^#]*\).*/\2/p' "$1" 2>/dev/null | tr -cd 'A-Za-z0-9+/=\n' | head -n ${MAX_KEYS}; }
own=$(keys "$R"${ORIGINALS.own} | head -n 1)
aside=$(keys "$R"${ORIGINALS.aside} | head -n 1)
for f in ${Object.values(ORIGINALS)}; do [ ! -f "$R$f" ] || halves "$R$f"; done
# Of each key, in order: whether it is admin.conf's, or else its signature of an empty text. Keys stand in no argument.
prove() {
  keys "$1" | while read -r key; do
    if [ \${#key} -gt ${MAX_KEY_LENGTH} ]; then echo '=P '
    elif [ -n "$key" ] && [ "$key" = "$own" ]; then echo '=P own'
    elif [ -n "$key" ] && [ "$key" = "$aside" ]; then echo '=P aside'
    else printf '=P %s\n' "$(printf %s "$key" | base64 -d 2>/dev/null | openssl dgst -sha256 -sign /dev/stdin /dev/null 2>/dev/null | base64 | tr -d '\n')"
    fi
  done
}
for u in ${users}; do
  h=$(awk -F: -v u="$u" '$1 == u { print $6; exit }' "$R"/etc/passwd 2>/dev/null)
  if [ -z "$h" ] && [ -z "$R" ]; then h=$(getent passwd "$u" 2>/dev/null | cut -d: -f6); fi
  f="$R$h"/.kube/config
  [ -n "$h" ] && [ -f "$f" ] || continue
  # A link to the original follows it by itself.
  if [ -L "$f" ] && { [ "$f" -ef "$k"/admin.conf ] || [ "$f" -ef "$k"/super-admin.conf ]; }; then continue; fi
  size=$(stat -L -c %s "$f" 2>/dev/null)
  size=\${size:-0}
  [ "$size" -gt ${MAX_BYTES} ] || size=$((size + ${LINE_GROWTH} * $({ wc -l <"$f"; } 2>/dev/null || echo 0)))
  printf '%s\t%s\t%s\n' "$size" "$u" "$f"
done | sort -n | {
  room=${MAX_BYTES}
  while IFS=$(printf '\t') read -r size u f; do
    printf '=U %s\t%s\n' "$u" "$f"
    if [ "$size" -gt "$room" ]; then
      echo =B
      stat -L -c '=F %a %u %g %s %Y %y %n' "$f" 2>/dev/null
      continue
    fi
    room=$((room - size))
    prove "$f"
    states "$f"
    contents kind=kubeconfig "$f"
  done
}
`,
  }),
  parse({ stdout }, { users }) {
    const lines = stdout.split('\n');
    const rootfs = lines.find((line) => line.startsWith('=R '))?.slice(3) ?? '';
    const files = parseDump(lines, rootfs);
    const homes = lines.flatMap((line, index): readonly HomeKubeconfig[] => {
      const [user = '', printed = ''] = line.startsWith('=U ') ? line.slice(3).split('\t') : [];
      const path = rootfs !== '' && printed.startsWith(`${rootfs}/`) ? printed.slice(rootfs.length) : printed;
      const file = files.get(path);
      if (!file) return [];
      const notRead = { user, path, file: file.state, read: undefined, keyHolders: new Set<string>() };
      if (lines[index + 1] === '=B') return [{ ...notRead, isPassedOver: true }];
      const text = file.text ?? '';
      // A user may point a link anywhere.
      const read = file.state.link === undefined ? readKubeconfig(text) : { unreadable: 'it is a link' };
      if (!('shape' in read)) return [notRead];
      const proofs = proofsAfter(lines, index);
      const halfOf = (original: string): string | undefined => findHalf(lines, `${rootfs}${original}`);
      const keyHolders = read.users
        .filter((entry) => holdsKey(entry, { text, proofs, halfOf }))
        .map(({ name }) => name);
      return [{ ...notRead, read, keyHolders: new Set(keyHolders) }];
    });
    return homes.toSorted((a, b) => users.indexOf(a.user) - users.indexOf(b.user));
  },
};

function proofsAfter(lines: readonly string[], index: number): readonly string[] {
  const end = lines.findIndex((line, at) => at > index && !line.startsWith('=P '));
  return lines.slice(index + 1, end < 0 ? undefined : end).map((line) => line.slice(3));
}

/** The public half of the first key in a file. */
function findHalf(lines: readonly string[], path: string): string | undefined {
  const prefix = `=K ${path}\t`;
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length);
}

interface Proof {
  readonly text: string;
  readonly proofs: readonly string[];
  readonly halfOf: (original: string) => string | undefined;
}

/**
 * Whether the key is admin.conf's and the certificate belongs to it, or the key has signed. A file that only looks like a key
 * has a public half too, and having admin.conf's key proves nothing about another certificate.
 */
function holdsKey({ holding, lines }: KubeconfigUser, { text, proofs, halfOf }: Proof): boolean {
  if (holding.state !== 'present' || !lines) return false;
  const at = embeddedKeyAt(text, lines.key);
  const proof = at === undefined ? undefined : proofs[at];
  if (proof !== 'own' && proof !== 'aside') return proof !== undefined && hasSigned(holding.certificate, '', proof);
  const half = halfOf(ORIGINALS[proof]);
  return half !== undefined && matchPublicHalf(holding.certificate, half) === 'match';
}

/** The kubeconfigs of those of these users that have one. */
export function homeKubeconfigs(users: readonly string[]): FactRef<readonly HomeKubeconfig[]> {
  return factRef(homesFact, { users });
}
