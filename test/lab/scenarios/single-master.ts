import { contains, equal, matches } from './expect.ts';
import { diskOf, eventually, isDead, lab, readyNodes, sacredFiles } from './lab.ts';
import { changedNothing, PLAYBOOK, renew } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'solo';
const MASTER = `${CLUSTER}-m1`;

/** One master with everything expired: the API is down, kubelet crash-loops. Brought up once, put back for each scenario. */
async function expired(version: string): Promise<void> {
  await lab.up(CLUSTER, ['--kube', version]);
  await lab.save(CLUSTER, 'fresh');
  await lab.expire(CLUSTER, '-end', '-24h');
  await eventually('the API to die', 60, () => isDead(MASTER));
  await lab.save(CLUSTER, 'expired');
}

async function revive(...words: string[]): Promise<string> {
  const { code, output } = await lab.kplay(['run', PLAYBOOK, '-i', lab.inventory(CLUSTER), ...words]);
  equal(code, 0, `kplay run ${words.join(' ')}\n${output.slice(-3000)}`);
  await eventually('the node to be Ready', 60, async () => (await readyNodes(MASTER)).includes(MASTER));
  return output;
}

async function isRevived(sacred: string, method: string): Promise<void> {
  equal(await sacredFiles(MASTER), sacred, 'CA and service account files');
  const names = await lab.inside(
    MASTER,
    'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName',
  );
  contains(names, 'api.lab.example', `SANs after ${method}`);
  const again = await renew(CLUSTER, '-e', `method=${method}`);
  changedNothing(again, 1, 'the second run');
}

export const singleMaster: readonly Scenario[] = [
  {
    name: 'one master, everything expired: planned without a trace, revived, idempotent',
    cluster: CLUSTER,
    ci: true,
    async run({ version }) {
      await expired(version);
      const sacred = await sacredFiles(MASTER);
      const before = diskOf(CLUSTER, MASTER);
      const plan = await lab.kplay(['plan', PLAYBOOK, '-i', lab.inventory(CLUSTER), '--detailed-exitcode']);
      equal(plan.code, 2, `kplay plan\n${plan.output.slice(-2000)}`);
      equal(diskOf(CLUSTER, MASTER), before, 'the disk after a plan');
      await revive();
      await isRevived(sacred, 'auto');
      const renewed = diskOf(CLUSTER, MASTER);
      const idle = await lab.kplay(['plan', PLAYBOOK, '-i', lab.inventory(CLUSTER), '--detailed-exitcode']);
      equal(idle.code, 0, `kplay plan after the renewal\n${idle.output.slice(-2000)}`);
      equal(diskOf(CLUSTER, MASTER), renewed, 'the disk after a plan, with an API that answers');
      const check = await lab.kplay(['check', '-i', lab.inventory(CLUSTER)]);
      matches(check.output, /apiserver .* good +good/, 'kplay check');
    },
  },
  ...(['renew', 'phase', 'native'] as const).map(
    (method): Scenario => ({
      name: `one master, everything expired: revived by ${method}`,
      cluster: CLUSTER,
      ci: method !== 'renew',
      needs: 'one master, everything expired',
      async run() {
        await lab.restore(CLUSTER, 'expired');
        const sacred = await sacredFiles(MASTER);
        await revive('-e', `method=${method}`);
        await isRevived(sacred, method);
      },
    }),
  ),
  {
    name: 'one master, everything expired: revived as an ordinary user with a sudo password',
    cluster: CLUSTER,
    ci: true,
    needs: 'one master, everything expired',
    async run() {
      await lab.restore(CLUSTER, 'expired');
      await revive('-e', 'ansible_user=ops', '-e', 'ansible_become_password=secret');
    },
  },
  {
    name: 'one master: a backup is put back, and the dead state with it',
    cluster: CLUSTER,
    ci: true,
    needs: 'one master, everything expired',
    async run() {
      await lab.restore(CLUSTER, 'expired');
      const serial = (): Promise<string> =>
        lab.inside(MASTER, 'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -serial');
      const before = await serial();
      await revive();
      const renewed = await serial();
      const refused = await lab.kplay(['rollback', '-i', lab.inventory(CLUSTER)]);
      equal(refused.code, 3, `kplay rollback to what has expired\n${refused.output.slice(-2000)}`);
      equal(await serial(), renewed, 'the serial after the refused rollback');
      const back = await lab.kplay(['rollback', '-i', lab.inventory(CLUSTER), '--even-expired']);
      equal(back.code, 2, `kplay rollback --even-expired\n${back.output.slice(-2000)}`);
      equal(await serial(), before, 'the serial after the rollback');
      await revive();
    },
  },
];
