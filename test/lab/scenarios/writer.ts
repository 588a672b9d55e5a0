// A client of a cluster: writes a ConfigMap every 200 ms through the balancer until its standard input is closed.
// node scripts/run-ts.mjs test/lab/scenarios/writer.ts   with a kubeconfig on standard input, first line its length
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string };
  }[];
}

const lines = createInterface({ input: process.stdin });
let stopped = false;
const kubeconfig = await new Promise<Kubeconfig>((resolve) => {
  lines.once('line', (line) => resolve(parse(Buffer.from(line, 'base64').toString())));
  lines.once('close', () => (stopped = true));
});
const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();
const server = new URL(kubeconfig.clusters[0]?.cluster.server ?? '');
const tls = {
  ca: decode(kubeconfig.clusters[0]?.cluster['certificate-authority-data']),
  cert: decode(kubeconfig.users[0]?.user['client-certificate-data']),
  key: decode(kubeconfig.users[0]?.user['client-key-data']),
};

function write(number: number): Promise<boolean> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `w${number}` } });
    const sent = request(
      {
        ...tls,
        host: server.hostname,
        port: server.port,
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        timeout: 4000,
        agent: false,
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode === 201));
        answer.once('error', () => resolve(false));
      },
    );
    sent.once('error', () => resolve(false));
    sent.once('timeout', () => sent.destroy());
    sent.end(body);
  });
}

const pending: Promise<void>[] = [];
for (let number = 1; !stopped; number += 1) {
  pending.push(write(number).then((stored) => void (stored && process.stdout.write(`ok ${number} ${Date.now()}\n`))));
  await new Promise((resolve) => setTimeout(resolve, 200));
}
await Promise.all(pending);
