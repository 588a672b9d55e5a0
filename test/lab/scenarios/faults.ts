import { existsSync } from 'node:fs';
import { equal, holds } from './expect.ts';
import { FAULTS, type Fault, MOMENTS, type Moment } from './fault-kinds.ts';
import { eventually, isDead, lab, readyNodes, rootOf, sacredFiles } from './lab.ts';
import { comparedWith, type Leaves, leavesOf } from './leaves.ts';
import { changedNothing } from './revival.ts';
import { type EndedKplay, type RunningKplay, runWithEvents, type SeenEvent } from './running.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'faulty';
const MASTER = `${CLUSTER}-m1`;
const COMMAND = ['run', 'test/lab/scenarios/faults.yml', '-i', lab.inventory(CLUSTER)];
const MANIFESTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const BASE = 'faults: one master whose disk can be filled';
/** The cluster is not as a scenario may leave it: the next one starts from the snapshot. */
let isClean = false;

const base: Scenario = {
  name: BASE,
  cluster: CLUSTER,
  ci: true,
  async run({ version, reuse }) {
    if (reuse && lab.has(CLUSTER, 'fresh')) return;
    await lab.up(CLUSTER, ['--kube', version, '--disk', '256M']);
    await lab.save(CLUSTER, 'fresh');
    await isUp();
    isClean = true;
  },
};

/** In the midst of each step each kind of trouble: the host ends renewed or as before, and the same command completes. */
export const faults: readonly Scenario[] = [
  base,
  ...FAULTS.flatMap((fault) =>
    MOMENTS.filter(({ step }) => fault.step === undefined || fault.step === step).map(
      (moment): Scenario => ({
        name: `${fault.name} in ${moment.step}`,
        cluster: CLUSTER,
        ci: fault.name === 'the connection is cut' && moment.step === 'certs.regenerate',
        needs: BASE,
        run: () => meet(fault, moment),
      }),
    ),
  ),
  {
    name: 'the power goes, and nobody comes back: the host puts itself back at its start, once',
    cluster: CLUSTER,
    ci: true,
    needs: BASE,
    run: atStart,
  },
];

/** A cluster that has expired, and what it then holds. */
async function expired(): Promise<{ readonly before: Leaves; readonly sacred: string }> {
  if (!isClean) await lab.restore(CLUSTER, 'fresh');
  isClean = false;
  await isUp();
  await lab.expire(CLUSTER, '-end', '-24h');
  await eventually('the API to die', 60, () => isDead(MASTER));
  return { before: await leavesOf(MASTER), sacred: await sacredFiles(MASTER) };
}

/** The unit by which systemd has a host put itself back, as it told of it since the host's last start. */
const UNIT_JOURNAL = 'journalctl -b -u kplay-when-lost -o cat --no-pager';
const ARMED = 'ls -d /var/lib/kplay /etc/systemd/system/kplay-when-lost.service /run/kplay.lock 2>/dev/null || true';

/** kplay is gone with the power, so all that puts the host back is the unit: before kubelet, once, and not at a later start. */
async function atStart(): Promise<void> {
  const { before, sacred } = await expired();
  const moment = MOMENTS.find(({ step }) => step === 'certs.regenerate');
  const kplay = runWithEvents(COMMAND);
  const off = FAULTS.find(({ name }) => name === 'the power goes');
  if (!moment || !off) throw new Error('there is no such moment or fault any more');
  await injected(kplay, off, moment);
  await kplay.kill();
  await kplay.ended;
  await lab.power(MASTER, 'off');
  for (const path of ['etc/kubernetes/.kplay-aside', 'var/lib/kplay/when-lost'])
    holds(existsSync(`${rootOf(MASTER)}/${path}`), `there is no /${path} on the disk of a host that was lost`);
  await lab.power(MASTER, 'on');
  await eventually('the start of the host', 60, async () =>
    (await lab.inside(MASTER, UNIT_JOURNAL)).includes('Finished'),
  );
  equal(comparedWith(before, await leavesOf(MASTER)), 'as before', 'after the start of the host');
  equal((await lab.inside(MASTER, UNIT_JOURNAL)).match(/^Finished/gm)?.length, 1, 'times that the unit has run');
  const order = await lab.inside(
    MASTER,
    'journalctl -b -u kplay-when-lost -u kubelet -o cat --no-pager | grep -E "^(Finished|Started)" | head -2',
  );
  holds(/^Finished.*\nStarted kubelet/.test(order), `the unit and kubelet have begun in this order: ${order}`);
  equal(await lab.inside(MASTER, ARMED), '', 'what was left of it');
  equal(await sacredFiles(MASTER), sacred, 'CA and service account files');
  await lab.power(MASTER, 'off');
  await lab.power(MASTER, 'on');
  await eventually('a further start', 60, async () => (await lab.inside(MASTER, 'systemctl is-active kubelet')) !== '');
  equal((await lab.inside(MASTER, UNIT_JOURNAL)).includes('Finished'), false, 'the unit has run at a further start');
  equal(comparedWith(before, await leavesOf(MASTER)), 'as before', 'after a further start of the host');
  await completes(before);
  isClean = true;
}

async function meet(fault: Fault, moment: Moment): Promise<void> {
  const { before, sacred } = await expired();

  const kplay = runWithEvents(COMMAND);
  await injected(kplay, fault, moment);
  const ended = await kplay.ended;
  await fault.mend?.(MASTER);
  await isWhole(before, ended);
  if (ended.code !== 0 && !fault.silent) {
    const { reason, remedy } = reasonIn(ended.events) ?? {};
    holds(Boolean(reason) && Boolean(remedy), `no reason with what to do: ${JSON.stringify({ reason, remedy })}`);
  }
  equal(await sacredFiles(MASTER), sacred, 'CA and service account files');
  await completes(before);
  isClean = true;
}

/**
 * Renewed or as before. A host that has lost its run puts itself back, as soon as it notices: after a cut that it was not told
 * of, when it sends again what has not arrived, two minutes later at most.
 */
async function isWhole(before: Leaves, { code, events, errors }: EndedKplay): Promise<void> {
  let now = await leavesOf(MASTER);
  const isIt = (): boolean => ['as before', 'renewed'].includes(comparedWith(before, now));
  if (!isIt()) {
    await eventually('the host to be renewed or as before', 150, async () => {
      now = await leavesOf(MASTER);
      return isIt();
    }).catch(() => undefined);
  }
  const state = comparedWith(before, now);
  const why = reasonIn(events)?.reason ?? errors.slice(-200);
  process.stdout.write(`  exit ${code}${why === '' ? '' : `, ${why}`} → ${state}\n`);
  holds(isIt(), `neither as before nor renewed: ${state}`);
  equal(now.manifests, MANIFESTS, 'manifests');
}

/** The same command again makes everything anew, and once more has nothing to do. */
async function completes(before: Leaves): Promise<void> {
  const again = await runWithEvents(COMMAND).ended;
  equal(again.code, 0, `the same command again: ${JSON.stringify(reasonIn(again.events))}`);
  equal(comparedWith(before, await leavesOf(MASTER)), 'renewed', 'after the second run');
  await isUp();
  changedNothing(await runWithEvents(COMMAND).ended, 1, 'the third run');
}

/** Waits until the step is at work on the host, and makes the fault happen in the midst of it. */
async function injected(kplay: RunningKplay, fault: Fault, { step, isSeen }: Moment): Promise<void> {
  const started = kplay.event(
    `the start of ${step}`,
    ({ type, task }) => type === 'task-started' && task?.step === step,
  );
  started.catch(() => undefined);
  await kplay.event('a connection', ({ type }) => type === 'host-connected');
  const inject = await fault.prepare(MASTER, kplay);
  await started;
  let isOver = false;
  const finish = kplay.event(`the end of ${step}`, ({ type, task }) => type === 'task-finished' && task?.step === step);
  void finish.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const root = rootOf(MASTER);
  while (isSeen && !isOver && !isSeen(root)) await new Promise((resolve) => setImmediate(resolve));
  await inject();
}

/** What went wrong, as it was told first. */
function reasonIn(events: readonly SeenEvent[]): SeenEvent | undefined {
  return events.find(
    ({ type, outcome }) =>
      ['host-unreachable', 'host-refused', 'play-refused'].includes(type) ||
      ['failed', 'unreachable', 'refused'].includes(outcome ?? ''),
  );
}

async function isUp(): Promise<void> {
  await eventually('the node to be Ready', 120, async () => (await readyNodes(MASTER)).includes(MASTER));
}
