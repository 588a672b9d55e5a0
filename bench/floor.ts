// The floor: what a job costs when one program of node's does nothing else. A hundred hosts at once, for each host one
// connection and one script that holds the whole job, so that nothing is decided, shown or journaled on the way.
// node floor.mjs JOB FLEET-DIRECTORY
import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import type { BenchHost, FleetTargets } from './fleet.ts';

const LEAVES =
  'apiserver.crt apiserver-kubelet-client.crt apiserver-etcd-client.crt front-proxy-client.crt etcd/server.crt etcd/peer.crt etcd/healthcheck-client.crt';

/** The commands of job-a.yml and job-b.yml. */
const SCRIPTS: Readonly<Record<string, (kubernetes: string, root: string) => string>> = {
  a: (k) => `set -e
stat -c '%s %a %U %Y' ${k}/pki/apiserver.crt
uname -srm
uptime
test -f ${k}/pki/etcd/server.crt
openssl x509 -noout -enddate -in ${k}/pki/apiserver.crt
openssl x509 -noout -enddate -in ${k}/pki/etcd/server.crt
cat ${k}/manifests/kube-apiserver.yaml
openssl x509 -noout -checkend 2592000 -in ${k}/pki/front-proxy-client.crt || [ $? = 1 ]`,
  b: (k, root) => `set -e
renew=${root}/usr/local/sbin/kube-renew
if ! openssl x509 -noout -checkend 2592000 -in ${k}/pki/apiserver.crt; then
  tar -C ${k} -cf ${root}/var/backups/pki-$(date -u +%Y%m%dT%H%M%SZ).tar pki
  (cd ${k}/pki && rm -f ${LEAVES})
  $renew certs ${k}
  $renew kubeconfigs ${k}
  true
fi
$renew verify ${k}`,
};

/** Of a thousand handshakes at once none would end in time on a small machine. */
const AT_ONCE = 100;

const [job = '', directory = ''] = process.argv.slice(2);
const { keyFile, port, hosts }: FleetTargets = JSON.parse(readFileSync(`${directory}/targets.json`, 'utf8'));
const privateKey = readFileSync(keyFile);
const script = SCRIPTS[job];
if (!script) throw new Error(`there is no job ${job}`);
const left = hosts.values();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const host of left) await runOn(host, script(`${host.root}/etc/kubernetes`, host.root));
  }),
);

async function runOn({ name, address, hostKey }: BenchHost, text: string): Promise<void> {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client
      .on('ready', resolve)
      .on('error', reject)
      .connect({
        host: address,
        port,
        username: 'root',
        privateKey,
        readyTimeout: 60_000,
        hostVerifier: (key: Buffer) => key.toString('base64') === hostKey,
      });
    client.setNoDelay(true);
  });
  const [code, said] = await new Promise<readonly [number, string]>((resolve, reject) => {
    client.exec(text, (error, channel) => {
      if (error) return reject(error);
      let stderr = '';
      let status = -1;
      channel.on('data', () => undefined).on('exit', (value: number) => (status = value));
      channel.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
      channel.on('close', () => resolve([status, stderr]));
      return undefined;
    });
  });
  client.end();
  if (code !== 0) throw new Error(`${name}: ${code} ${said}`);
}
