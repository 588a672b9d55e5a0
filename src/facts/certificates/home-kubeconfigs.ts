import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { HomeKubeconfig } from '../../kubeadm/certificates/home.ts';
import { embeddedKeyAt, type KubeconfigUser, ownKeyAt, readKubeconfig } from '../../kubeadm/host/kubeconfig.ts';
import { asidePath, type RawFile } from '../../kubeadm/host/raw-files.ts';
import { KUBERNETES_DIRECTORY } from '../../kubeadm/table.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import { hasSigned } from '../../pki/verify.ts';
import { DUMP_FUNCTIONS, LINE_GROWTH, PRINT_ROOTFS, parseDump, rootfsIn } from './file-dump.ts';

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
${PRINT_ROOTFS}
k="$R"${KUBERNETES_DIRECTORY}
keys() { [ ! -f "$1" ] || sed -n 's/^ *\(- \)\{0,1\}client-key-data:\([^#]*\).*/\2/p' "$1" 2>/dev/null | tr -cd 'A-Za-z0-9+/=\n' | head -n ${MAX_KEYS}; }
own=$(keys "$R"${ORIGINALS.own})
aside=$(keys "$R"${ORIGINALS.aside})
for original in ${Object.values(ORIGINALS)}; do
  original=$R$original
  [ -f "$original" ] || continue
  states "$original"
  halves "$original"
  contents kind=kubeconfig "$original"
done
# places WORD KEYS: where among them $key is, from 0
places() {
  at=0
  printf '%s\n' "$2" | while read -r one; do
    [ "$one" != "$key" ] || printf ' %s:%s' "$1" "$at"
    at=$((at + 1))
  done
}
# Of each key, in order: its signature of an empty text, and where in admin.conf it is. Keys stand in no argument of a program.
prove() {
  keys "$1" | while read -r key; do
    if [ -z "$key" ] || [ \${#key} -gt ${MAX_KEY_LENGTH} ]; then echo '=P '; continue; fi
    printf '=P %s' "$(printf %s "$key" | base64 -d 2>/dev/null | openssl dgst -sha256 -sign /dev/stdin /dev/null 2>/dev/null | base64 | tr -d '\n')"
    places own "$own"
    places aside "$aside"
    echo
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
    const rootfs = rootfsIn(lines);
    const files = parseDump(lines, rootfs);
    const originals = originalKeys(files);
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
      const keyHolders = read.users
        .filter((entry) => holdsKey(entry, { text, proofs, originals }))
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

/** The key of the own user of admin.conf. */
interface OriginalKey {
  /** As in a proof. */
  readonly place: string;
  readonly half: string;
}

function originalKeys(files: ReadonlyMap<string, RawFile>): readonly OriginalKey[] {
  return Object.entries(ORIGINALS).flatMap(([word, path]): readonly OriginalKey[] => {
    const { text = '', publicHalves = [] } = files.get(path) ?? {};
    const read = readKubeconfig(text);
    const at = 'shape' in read ? ownKeyAt(read.shape, text, publicHalves) : 0;
    const half = publicHalves[at ?? -1];
    return half === undefined ? [] : [{ place: `${word}:${at}`, half }];
  });
}

interface Evidence {
  readonly text: string;
  readonly proofs: readonly string[];
  readonly originals: readonly OriginalKey[];
}

/**
 * Whether the key is admin.conf's and the certificate belongs to it, or the key has signed. A file that only looks like a key
 * has a public half too, and having admin.conf's key proves nothing about another certificate.
 */
function holdsKey({ holding, lines }: KubeconfigUser, { text, proofs, originals }: Evidence): boolean {
  if (holding.state !== 'present' || !lines) return false;
  const { certificate } = holding;
  const [signature = '', ...places] = proofs[embeddedKeyAt(text, lines.key) ?? -1]?.split(' ') ?? [];
  return (
    originals.some(({ place, half }) => places.includes(place) && matchPublicHalf(certificate, half) === 'match') ||
    hasSigned(certificate, '', signature)
  );
}

/** The kubeconfigs of those of these users that have one. */
export function homeKubeconfigs(users: readonly string[]): FactRef<readonly HomeKubeconfig[]> {
  return factRef(homesFact, { users });
}
