import type { FactRef } from '../../../src/core/fact.ts';
import type { WriteSession } from '../../../src/core/session.ts';
import { userScript } from '../../../src/core/shell.ts';
import { answer } from '../../../src/facts/answer.ts';
import { served } from '../../../src/facts/certificates/served.ts';
import { etcdMember } from '../../../src/facts/processes/etcd-member.ts';
import { processes } from '../../../src/facts/processes/processes.ts';
import { beginningOf, portraitOf, type Times } from './portrait.ts';

/** What a master answered: each question with the lines of its answer. */
export type Recording = Readonly<Record<string, readonly string[]>>;

/** What is called differently on each host. */
export interface Place {
  readonly node: string;
  readonly address: string;
  /** Of the API for clients: `10.20.0.10:6443`. */
  readonly endpoint: string;
}

/** The scratch directory in which kubeadm works: it is never pointed at the host's own files. */
const DIRECTORY = '"$R"/tmp/recording';

/** A configuration with everything that decides about a certificate. */
const PREPARE = `set -eu
d=${DIRECTORY}
rm -rf "$d"
mkdir -p "$d"/pki/etcd "$d"/csr/etcd "$d"/conf
cp "$R"/etc/kubernetes/pki/ca.* "$R"/etc/kubernetes/pki/front-proxy-ca.* "$d"/pki
cp "$R"/etc/kubernetes/pki/etcd/ca.* "$d"/pki/etcd
config() { # DIRECTORY LINE...
  cat <<END
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: "@ADDRESS@", bindPort: 6443 }
nodeRegistration: { name: "@NODE@", criSocket: "unix:///run/containerd/containerd.sock" }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.33.13
controlPlaneEndpoint: "@ENDPOINT@"
certificatesDir: $1
apiServer: { certSANs: [api.recording.example, 192.0.2.9, "2001:db8::9"] }
etcd: { local: { serverCertSANs: [etcd.recording.example], peerCertSANs: [peer.recording.example] } }
networking: { serviceSubnet: 10.96.0.0/12, podSubnet: 10.244.0.0/16, dnsDomain: cluster.local }
END
  shift
  for line; do echo "$line"; done
}
config "$d"/pki >"$d"/config.yaml
mkdir -p "$d"/ec "$d"/short
cp -R "$d"/pki/. "$d"/ec
cp -R "$d"/pki/. "$d"/short
config "$d"/ec 'encryptionAlgorithm: ECDSA-P256' >"$d"/ec.yaml
config "$d"/short 'certificateValidityPeriod: 100h0m0s' >"$d"/short.yaml
`;

const PAIRS: readonly (readonly [name: string, base: string])[] = [
  ['apiserver', 'apiserver'],
  ['apiserver-kubelet-client', 'apiserver-kubelet-client'],
  ['front-proxy-client', 'front-proxy-client'],
  ['etcd-server', 'etcd/server'],
  ['etcd-peer', 'etcd/peer'],
  ['etcd-healthcheck-client', 'etcd/healthcheck-client'],
  ['apiserver-etcd-client', 'apiserver-etcd-client'],
];

/** Prints what is public of a pair, and how it lies there. */
const SHOW = `show() { # FILE...
  for f; do
    [ -e "$f" ] || { echo "no \${f#"$d"/}"; continue; }
    echo "$(stat -c '%a' "$f") \${f#"$d"/}"
    case $f in
      *.key) head -n 1 "$f" ;;
      *.conf) sed 's/\\(client-key-data:\\) .*/\\1/' "$f"; sed -n 's/^ *client-key-data: *//p' "$f" | base64 -d | head -n 1 ;;
      *) cat "$f" ;;
    esac
  done
}
`;

const KUBEADM = `d=${DIRECTORY}
${SHOW}
kubeadm=$(tool kubeadm)
`;

const kubectl = (kubeconfig: string, words: string): string =>
  `"$(tool kubectl)" --kubeconfig "$R"/etc/kubernetes/${kubeconfig} --cache-dir=/dev/null --request-timeout=5s ${words}`;

/** Scripts that a host answers, one after the other: what one makes another may look at. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'kubeadm version -o short': `${KUBEADM} "$kubeadm" version -o short`,
  ...Object.fromEntries(
    PAIRS.map(([name, base]) => [
      `kubeadm init phase certs ${name}`,
      `${KUBEADM} "$kubeadm" init phase certs ${name} --config "$d"/config.yaml && show "$d"/pki/${base}.crt "$d"/pki/${base}.key`,
    ]),
  ),
  'kubeadm init phase certs apiserver, when there is one': `${KUBEADM}
before=$(cat "$d"/pki/apiserver.crt)
"$kubeadm" init phase certs apiserver --config "$d"/config.yaml && [ "$before" = "$(cat "$d"/pki/apiserver.crt)" ] && echo unchanged`,
  'kubeadm init phase certs etcd-peer, with an ECDSA key': `${KUBEADM} "$kubeadm" init phase certs etcd-peer --config "$d"/ec.yaml && show "$d"/ec/etcd/peer.crt "$d"/ec/etcd/peer.key`,
  'kubeadm init phase certs etcd-peer, with an ECDSA key of P-384': `${KUBEADM} sed 's/ECDSA-P256/ECDSA-P384/' "$d"/ec.yaml >"$d"/p384.yaml
"$kubeadm" init phase certs etcd-server --config "$d"/p384.yaml`,
  'kubeadm init phase certs front-proxy-client, for 100 hours': `${KUBEADM} "$kubeadm" init phase certs front-proxy-client --config "$d"/short.yaml && show "$d"/short/front-proxy-client.crt`,
  ...Object.fromEntries(
    PAIRS.map(([name, base]) => [
      `kubeadm certs renew ${name}`,
      `${KUBEADM} before=$(cat "$d"/pki/${base}.key)
"$kubeadm" certs renew ${name} --config "$d"/config.yaml && show "$d"/pki/${base}.crt "$d"/pki/${base}.key
[ "$before" != "$(cat "$d"/pki/${base}.key)" ] && echo another key`,
    ]),
  ),
  'kubeadm certs renew apiserver, with other names in the configuration': `${KUBEADM}
sed 's/api.recording.example/other.recording.example/' "$d"/config.yaml >"$d"/other.yaml
"$kubeadm" certs renew apiserver --config "$d"/other.yaml && show "$d"/pki/apiserver.crt`,
  'kubeadm certs renew apiserver, when there is none': `${KUBEADM}
rm "$d"/ec/apiserver.* 2>/dev/null
"$kubeadm" certs renew apiserver --config "$d"/ec.yaml
echo "ended with $?"
show "$d"/ec/apiserver.crt`,
  'kubeadm kubeconfig user': `${KUBEADM} "$kubeadm" kubeconfig user --client-name somebody --org one --org two --config "$d"/config.yaml >"$d"/user.conf && show "$d"/user.conf`,
  'kubeadm certs generate-csr': `${KUBEADM}
"$kubeadm" certs generate-csr --config "$d"/config.yaml --cert-dir "$d"/csr --kubeconfig-dir "$d"/conf
echo "ended with $?"
show $(cd "$d" && find csr conf -type f | LC_ALL=C sort | sed "s|^|$d/|")`,
  'kubeadm certs generate-csr, when there are keys': `${KUBEADM}
"$kubeadm" certs generate-csr --config "$d"/config.yaml --cert-dir "$d"/csr --kubeconfig-dir "$d"/conf
echo "ended with $?"`,
  'kubectl get nodes': kubectl('admin.conf', 'get nodes'),
  'kubectl get nodes --no-headers': kubectl('admin.conf', 'get nodes --no-headers'),
  'kubectl get nodes, as kubelet': kubectl('kubelet.conf', 'get nodes'),
  'kubectl get nodes NODE, as kubelet': kubectl('kubelet.conf', 'get nodes @NODE@ --no-headers'),
  'kubectl get nodes, where nothing listens': kubectl('admin.conf', '--server https://127.0.0.1:1 get nodes'),
  'kubectl get --raw /readyz': kubectl('admin.conf', 'get --raw /readyz'),
  'kubectl auth can-i': kubectl(
    'admin.conf',
    'auth can-i get nodes --subresource=proxy --as kube-apiserver-kubelet-client --as-group kubeadm:cluster-admins',
  ),
  'kubectl auth can-i, for nobody': kubectl('admin.conf', 'auth can-i get nodes --subresource=proxy --as nobody'),
  'the files of kubeadm': `cd "$R"/etc/kubernetes && find . -type f ! -path './.kplay*' -exec stat -c '%a %n' {} + | LC_ALL=C sort -k 2`,
  'the files of kubelet’s certificates': `cd "$R"/var/lib/kubelet/pki && for f in *; do echo "$(stat -c %a "$f") $f$([ ! -L "$f" ] || echo " to $(basename "$(readlink "$f")")")"; done
sed '/PRIVATE KEY/,/PRIVATE KEY/d' kubelet-client-current.pem kubelet.crt`,
  'kubeconfigs of kubeadm': `cd "$R"/etc/kubernetes && for f in *.conf; do echo "$f"; sed 's/\\(client-key-data:\\) .*/\\1/' "$f"; done`,
  'what manifests start': `cd "$R"/etc/kubernetes/manifests && sed -n '/^  - command:/,/^    image:/p' *.yaml`,
};

const FACTS: Readonly<Record<string, FactRef>> = {
  'etcd /health': answer({ kind: 'http', address: '127.0.0.1', port: 2381, path: '/health' }),
  'kube-apiserver /readyz': answer({ kind: 'https', address: '127.0.0.1', port: 6443, path: '/readyz' }),
  'kube-controller-manager /healthz': answer({ kind: 'https', address: '127.0.0.1', port: 10257, path: '/healthz' }),
  'kube-scheduler /healthz': answer({ kind: 'https', address: '127.0.0.1', port: 10259, path: '/healthz' }),
  'etcd /metrics': etcdMember('127.0.0.1', 2381),
};

const SERVING = { 'kube-apiserver': 6443, etcd: 2379, kubelet: 10_250, 'kube-controller-manager': 10_257 } as const;

/** Asks a master everything. What it makes is in a directory of its own, and goes. */
export async function recordingOf(session: WriteSession, place: Place): Promise<Recording> {
  const { stdout: authority } = await session.run(userScript('cat "$R"/etc/kubernetes/pki/ca.crt'));
  const authorityBegan = beginningOf(authority);
  const run = async (question: string, script: string): Promise<readonly string[]> => {
    const { stdout, stderr, exitCode } = await session.run(userScript(filledIn(script, place)));
    const text = `${stdout}${stderr === '' ? '' : `=== standard error\n${stderr}`}=== exit ${exitCode}`;
    // What kubeadm makes is new; what lies there is as old as the host.
    return readable(text, place, question.startsWith('kubeadm ') ? { now: Date.now(), authorityBegan } : undefined);
  };
  const recording: Record<string, readonly string[]> = {};
  const prepared = await run('', PREPARE);
  if (prepared.at(-1) !== '=== exit 0') throw new Error(prepared.join('\n'));
  for (const [question, script] of Object.entries(SCRIPTS)) recording[question] = await run(question, script);
  await session.run(userScript(`rm -rf ${DIRECTORY}`));
  for (const [question, fact] of Object.entries(FACTS))
    recording[question] = readable(JSON.stringify(await asked(session, fact), undefined, 1), place);
  for (const [name, port] of Object.entries(SERVING)) {
    const seen = await asked(session, served('127.0.0.1', port));
    const pem = seen.state === 'serving' ? pemOf(seen.certificate.der) : seen.state;
    recording[`what ${name} serves`] = readable(pem, place);
  }
  const table = await asked(session, processes);
  recording['the processes of the control plane'] = table.processes
    .map(({ component, identity }) =>
      identity === 'planned'
        ? component
        : `${component}: uid ${identity.uid}, ${identity.inHostNetwork ? 'host network' : 'another network'}, pod ${identity.container?.pod?.replace(/[0-9a-f]/g, 'x') ?? 'none'}, containers ${identity.container?.names.join(' ') ?? 'none'}, ${identity.words[0]}`,
    )
    .sort();
  return recording;
}

async function asked<Value>(session: WriteSession, fact: FactRef<Value>): Promise<Value> {
  const [output] = await session.observe([fact.probe()]);
  if (!output) throw new Error('no answer');
  return fact.parse(output);
}

function filledIn(text: string, { node, address, endpoint }: Place): string {
  return text.replaceAll('@NODE@', node).replaceAll('@ADDRESS@', address).replaceAll('@ENDPOINT@', endpoint);
}

const PEM = /-----BEGIN (CERTIFICATE|CERTIFICATE REQUEST)-----\n[^-]*-----END \1-----/g;
/** Go prints what it keeps in maps in any order, and names have the order of the alphabet, the host's own among them. */
const LISTS: readonly (readonly [lists: RegExp, between: string])[] = [
  [/(?<=^2\.5\.29\.17: ).*$/gm, ', '],
  [/(?<=serving cert is signed for DNS names \[)[^\]]*/g, ' '],
  [/(?<=^generating keys and CSRs in .*\n)( {2}\S+\n)+/gm, '\n'],
];

/** Certificates as portraits, and everything that differs from host to host and from time to time by a word for it. */
function readable(text: string, { node, address, endpoint }: Place, times?: Times): readonly string[] {
  const unwrapped = text.replace(
    /^( *(?:certificate-authority|client-certificate)-data:) *(\S+)$/gm,
    (_, key, data) => `${key}\n${Buffer.from(data, 'base64').toString().trimEnd()}`,
  );
  const worded = unwrapped
    .replace(PEM, (pem) => portraitOf(pem, times).join('\n'))
    .replaceAll(endpoint, 'ENDPOINT')
    .replaceAll(endpoint.replace(/:\d+$/, ''), 'ENDPOINT_ADDRESS')
    .replaceAll(address, 'ADDRESS')
    .replaceAll(node, 'NODE')
    .replace(/\/\S*\/tmp\/recording/g, '/tmp/recording')
    .replace(/(file already exists: key or CSR )\S+/g, '$1FILE')
    .replace(/--cluster-cidr=\S+/g, '--cluster-cidr=SUBNET')
    .replace(/^[IWE]\d{4} \S+ +\d+ (\S+?):\d+\]/gm, '$1]')
    .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*/g, 'TIME')
    .replace(/\b\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\b/g, 'TIME')
    .replace(/@\d{9,}/g, '@TIME')
    .replace(/(control-plane +)(?:\d+[smhd])+( +v)/g, '$1AGE$2')
    .replace(/ {2,}/g, '  ');
  return LISTS.reduce((lists, [pattern, between]) => lists.replace(pattern, (list) => sorted(list, between)), worded)
    .trimEnd()
    .split('\n');
}

function sorted(list: string, between: string): string {
  const end = list.endsWith(between) ? between : '';
  return (
    list
      .slice(0, list.length - end.length)
      .split(between)
      .sort()
      .join(between) + end
  );
}

function pemOf(der: string): string {
  return `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`;
}
