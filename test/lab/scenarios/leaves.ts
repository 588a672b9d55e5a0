import { lab } from './lab.ts';

/** What a master's leaf certificates are, each by its path. */
export interface Leaves {
  /** Path to serial, of those that are in their place, can be read and belong to their keys. */
  readonly serials: ReadonlyMap<string, string>;
  /** Paths of those that cannot be read, or whose key is another's. */
  readonly broken: readonly string[];
  /** Paths with nothing there. */
  readonly absent: readonly string[];
  readonly manifests: readonly string[];
}

const SCRIPT = `cd /etc/kubernetes || exit 1
judge() { # PATH CERTIFICATE KEY
  serial=$(openssl x509 -in "$2" -noout -serial 2>/dev/null) || { echo "broken $1"; return; }
  [ "$(openssl x509 -in "$2" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$3" -pubout 2>/dev/null)" ] && echo "leaf $1 $serial" || echo "broken $1"
}
for n in apiserver apiserver-kubelet-client apiserver-etcd-client front-proxy-client etcd/server etcd/peer etcd/healthcheck-client; do
  if [ -e pki/$n.crt ]; then judge pki/$n pki/$n.crt pki/$n.key; else echo "absent pki/$n"; fi
done
t=$(mktemp -d -p /run)
for n in admin super-admin controller-manager scheduler; do
  [ -e $n.conf ] || { echo "absent $n.conf"; continue; }
  sed -n 's/^ *client-certificate-data: *//p' $n.conf | base64 -d >$t/crt 2>/dev/null
  sed -n 's/^ *client-key-data: *//p' $n.conf | base64 -d >$t/key 2>/dev/null
  judge $n.conf $t/crt $t/key
done
rm -rf $t
judge kubelet /var/lib/kubelet/pki/kubelet-client-current.pem /var/lib/kubelet/pki/kubelet-client-current.pem
for m in manifests/*.yaml; do echo "manifest $(basename $m .yaml)"; done`;

export async function leavesOf(host: string): Promise<Leaves> {
  const rows = (await lab.inside(host, SCRIPT)).split('\n').map((line) => line.split(' '));
  const second = (kind: string): readonly string[] =>
    rows.flatMap(([name, path]) => (name === kind && path ? [path] : []));
  return {
    serials: new Map(
      rows.flatMap(([name, path = '', serial = '']): [string, string][] => (name === 'leaf' ? [[path, serial]] : [])),
    ),
    broken: second('broken'),
    absent: second('absent'),
    manifests: second('manifest'),
  };
}

/** `as before`, `renewed`, or what lies between. */
export function comparedWith(before: Leaves, now: Leaves): string {
  const paths = [...before.serials.keys()];
  const old = paths.filter((path) => now.serials.get(path) === before.serials.get(path));
  if (now.broken.length + now.absent.length === 0) {
    if (old.length === paths.length) return 'as before';
    if (old.length === 0) return 'renewed';
  }
  const parts = [`${old.length} old`, `${now.serials.size - old.length} new`];
  if (now.absent.length > 0) parts.push(`absent: ${now.absent.join(' ')}`);
  if (now.broken.length > 0) parts.push(`broken: ${now.broken.join(' ')}`);
  return parts.join(', ');
}
