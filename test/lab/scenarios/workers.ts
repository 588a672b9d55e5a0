import { equal, holds, matches } from './expect.ts';
import { eventually, isDead, lab, readyNodes } from './lab.ts';
import { changedNothing, PLAYBOOK, renew } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'boot';
const [MASTER, WORKER] = [`${CLUSTER}-m1`, `${CLUSTER}-w1`];
const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** A master and a worker with everything expired. Brought up once, put back for each scenario. */
async function expired(version: string, reuse: boolean): Promise<void> {
  if (reuse && lab.has(CLUSTER, 'expired')) return void (await lab.restore(CLUSTER, 'expired'));
  await lab.up(CLUSTER, ['--masters', '1', '--workers', '1', '--kube', version]);
  await lab.expire(CLUSTER, '-end', '-24h');
  await eventually('the API to die', 60, () => isDead(MASTER));
  await lab.save(CLUSTER, 'expired');
}

function run(playbook: string, ...words: string[]) {
  return lab.kplay(['run', playbook, '-i', lab.inventory(CLUSTER), ...words]);
}

/** The serial of kubelet's client certificate, and what kubelet.conf refers to. */
async function kubeletOf(host: string): Promise<{ readonly serial: string; readonly refersTo: string }> {
  const serial = await lab.inside(host, `openssl x509 -noout -serial -in ${CURRENT}`);
  const refersTo = await lab.inside(host, "sed -n 's/^ *client-certificate: *//p' /etc/kubernetes/kubelet.conf");
  return { serial: serial.trim(), refersTo: refersTo.trim() };
}

/** Has a kubelet renew its certificate by itself: it does so when most of its life is over. */
async function rotates(host: string): Promise<void> {
  const { serial } = await kubeletOf(host);
  await lab.expire(host, '-end', '1h', '-only', 'kubelet-client');
  await eventually(`kubelet of ${host} to renew its certificate`, 120, async () => {
    const now = await kubeletOf(host);
    const end = await lab.inside(host, `openssl x509 -noout -checkend 86400 -in ${CURRENT} && echo good`);
    return now.serial !== serial && end.includes('good');
  });
}

async function isWhole(old: string, ...words: string[]): Promise<void> {
  await eventually('both nodes to be Ready', 60, async () => (await readyNodes(MASTER)).length === 2);
  for (const host of [MASTER, WORKER]) equal((await kubeletOf(host)).refersTo, CURRENT, `kubelet.conf of ${host}`);
  holds((await kubeletOf(WORKER)).serial !== old, `kubelet of ${WORKER} still has ${old}`);
  equal(await lab.inside(WORKER, 'ls -A /etc/kubernetes'), 'kubelet.conf\npki\n', 'what is left on the worker');
  changedNothing(await renew(CLUSTER, ...words), 2, 'the second run');
  await rotates(WORKER);
}

/** The names of the cluster's bootstrap tokens, a line each. */
async function tokens(): Promise<string> {
  return lab.kubectl(
    MASTER,
    '-n',
    'kube-system',
    'get',
    'secrets',
    '--field-selector',
    'type=bootstrap.kubernetes.io/token',
    '-o',
    'name',
  );
}

const NEEDED = 'a worker whose kubelet has expired: signed by a master';

export const workers: readonly Scenario[] = [
  {
    name: `${NEEDED}, and both kubelets rotate afterwards`,
    cluster: CLUSTER,
    ci: true,
    async run({ version, reuse }) {
      await expired(version, reuse);
      const { serial } = await kubeletOf(WORKER);
      const { code, output } = await run(PLAYBOOK, '-e', 'worker_kubelets=signed');
      equal(code, 0, `kplay run\n${output.slice(-3000)}`);
      matches(output, /kubelet-client.*signed on boot-m1/, 'the plan');
      await isWhole(serial);
      await rotates(MASTER);
    },
  },
  {
    name: 'a worker whose kubelet has expired: it asks the API with a bootstrap token',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDED,
    async run() {
      await lab.restore(CLUSTER, 'expired');
      const { serial } = await kubeletOf(WORKER);
      const chosen = ['-e', 'worker_kubelets=bootstrap'] as const;
      const { code, output } = await run(PLAYBOOK, ...chosen);
      equal(code, 0, `kplay run\n${output.slice(-3000)}`);
      matches(output, /kubelet-client.*bootstrap token of boot-m1/, 'the plan');
      const kept = await tokens();
      equal(kept.trim().split('\n').length, 2, `tokens of the lab itself: ${kept}`);
      await isWhole(serial, ...chosen);
    },
  },
  {
    name: 'a worker whose request for a certificate nobody approves: put back, and complete when somebody does',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDED,
    async run() {
      await lab.expire(WORKER, '-end', '-24h');
      const before = await kubeletOf(WORKER);
      const known = await tokens();
      await lab.kubectl(MASTER, 'delete', 'clusterrolebinding', 'kubeadm:node-autoapprove-bootstrap');
      const chosen = ['-e', 'worker_kubelets=bootstrap'] as const;
      const hasty = await run('test/lab/scenarios/workers.yml', ...chosen);
      equal(hasty.code, 2, `kplay run\n${hasty.output.slice(-3000)}`);
      matches(hasty.output, /boot-w1 restored/, 'the recap');
      equal(await kubeletOf(WORKER), before, 'kubelet of the worker');
      equal(await lab.inside(WORKER, 'ls -A /etc/kubernetes'), 'kubelet.conf\npki\n', 'what is left on the worker');
      equal(await tokens(), known, 'bootstrap tokens');
      await lab.inside(MASTER, 'kubeadm init phase bootstrap-token --skip-token-print');
      const { code, output } = await run(PLAYBOOK, ...chosen);
      equal(code, 0, `kplay run\n${output.slice(-3000)}`);
      await isWhole(before.serial, ...chosen);
    },
  },
  {
    name: 'a worker whose container runtime is down: refused, and renewed when it is back',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDED,
    async run() {
      const renewed = ['-e', 'renew_before=all'] as const;
      const before = await kubeletOf(WORKER);
      await lab.inside(WORKER, 'systemctl stop containerd');
      const refused = await run(PLAYBOOK, ...renewed);
      equal(refused.code, 3, `kplay run\n${refused.output.slice(-3000)}`);
      matches(refused.output, /boot-w1 .*\n(?:.*\n)?.*its container runtime is down/, 'the plan');
      equal(await kubeletOf(WORKER), before, 'kubelet of the worker');
      await lab.inside(WORKER, 'systemctl start containerd');
      await eventually('both nodes to be Ready', 60, async () => (await readyNodes(MASTER)).length === 2);
      const { code, output } = await run(PLAYBOOK, ...renewed);
      equal(code, 0, `kplay run\n${output.slice(-3000)}`);
      holds((await kubeletOf(WORKER)).serial !== before.serial, `kubelet of ${WORKER} still has ${before.serial}`);
    },
  },
  {
    name: 'a worker whose container runtime ends while its kubelet restarts: the failure says so, and it is restored',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDED,
    async run() {
      const before = await kubeletOf(WORKER);
      await eventually('both nodes to be Ready', 60, async () => (await readyNodes(MASTER)).length === 2);
      const running = lab.start(['run', PLAYBOOK, '-i', lab.inventory(CLUSTER), '-e', 'renew_before=all']);
      let said = '';
      await new Promise<unknown>((resolve) => {
        running.stdout.on('data', (chunk) => {
          said += chunk;
          if (/batch 2 of 2.*Restart the control plane: started/s.test(said)) resolve(said);
        });
        void running.finally(() => resolve(said));
      });
      await lab.inside(WORKER, 'systemctl stop containerd');
      const { exitCode, stdout, stderr } = await running;
      equal(exitCode, 2, `kplay run\n${stdout.slice(-3000)}${stderr}`);
      matches(stdout, /kubelet +activating \(auto-restart\), exited with 1, restarted/, 'the failure');
      matches(stdout, /container runtime +.*containerd\.sock/, 'the failure');
      equal(await kubeletOf(WORKER), before, 'kubelet of the worker');
      await lab.inside(WORKER, 'systemctl start containerd');
    },
  },
];
