import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contains, equal } from './expect.ts';
import { diskOf, eventually, lab, readyNodes } from './lab.ts';
import { changedNothing, PLAYBOOK, troubleOf } from './revival.ts';
import { type RunningKplay, runWithEvents } from './running.ts';
import type { Scenario } from './scenario.ts';

const CANARY = 'canary';
const REST = 'rest';
const CLUSTERS = [CANARY, REST] as const;
const masterOf = (cluster: string): string => `${cluster}-m1`;

const ALERTS_PORT = 9093;
/** Answers as Alertmanager's API does, with what a file holds. */
const ALERTS_SERVER = `require('node:http')
  .createServer((_request, answer) => answer.end(require('node:fs').readFileSync(process.argv[1])))
  .listen(${ALERTS_PORT}, '127.0.0.1', () => console.log('it listens'));`;

const alert = (alertname: string, cluster: string) => ({
  labels: { alertname, cluster },
  status: { state: 'active', silencedBy: [], inhibitedBy: [] },
});
const OF_NO_CONCERN = [alert('Watchdog', CANARY), alert('Watchdog', REST), alert('NodeNotReady', 'elsewhere')];

/** Options for both clusters, in two waves, the second by approval, with a check that asks about alerts. */
function fleet(directory: string): readonly string[] {
  const group = (name: string) => ({ vars: { kplay_cluster: { name } }, hosts: { [masterOf(name)]: {} } });
  const rollout = {
    waves: [
      { name: 'canaries', clusters: [CANARY], soak: '5s' },
      { name: 'others', approval: 'manual' },
    ],
    max_failed: 0,
    checks: [
      {
        name: 'No alert fires',
        alerts: {
          url: `http://127.0.0.1:${ALERTS_PORT}/api/v2/alerts`,
          match: { cluster: '{{ kplay_run.cluster }}' },
          allow: ['Watchdog'],
        },
        retries: 1,
        delay: 1,
      },
    ],
  };
  const [clusters, waves] = ['clusters.yml', 'rollout.yml'].map((name) => join(directory, name)) as [string, string];
  writeFileSync(clusters, JSON.stringify({ canaries: group(CANARY), others: group(REST) }));
  writeFileSync(waves, JSON.stringify(rollout));
  const known = CLUSTERS.map((cluster) => lab.knownHosts(cluster)).join(' ');
  return [
    PLAYBOOK,
    ...CLUSTERS.flatMap((cluster) => ['-i', lab.inventory(cluster)]),
    ...['-i', clusters, '--rollout', waves, '-e', 'renew_before=all', '-e'],
    // Each inventory names its own file, for all hosts.
    JSON.stringify({ ansible_ssh_common_args: `-o 'UserKnownHostsFile=${known}'` }),
  ];
}

async function runIdOf(kplay: RunningKplay): Promise<string> {
  const { runId = '' } = await kplay.event('its id', ({ type }) => type === 'run-started');
  return runId;
}

/** The containers of a host, by their ids: one that was restarted has another. */
const containersOf = (host: string): Promise<string> => lab.inside(host, 'crictl ps -q | sort');

const disks = (): readonly string[] => CLUSTERS.map((cluster) => diskOf(cluster, masterOf(cluster)));

export const rollouts: readonly Scenario[] = [
  {
    name: 'two clusters in two waves: an alert, a soak, a pause, an approval, and a controller that is killed',
    cluster: CANARY,
    ci: false,
    async run({ version }) {
      const directory = mkdtempSync(join(tmpdir(), 'kplay-rollouts-'));
      const alerts = join(directory, 'alerts.json');
      writeFileSync(alerts, JSON.stringify([...OF_NO_CONCERN, alert('EtcdNoLeader', CANARY)]));
      const state = ['--state', join(directory, 'state')];
      const words = ['run', ...fleet(directory), ...state];
      const say = async (...command: string[]): Promise<string> => {
        const { code, output } = await lab.kplay([...command, ...state]);
        equal(code, 0, `kplay ${command.join(' ')}: ${output}`);
        return output;
      };
      let server: ReturnType<typeof lab.startBeside> | undefined;
      try {
        for (const cluster of CLUSTERS) await lab.up(cluster, ['--kube', version]);
        // There is no network to listen in before the first cluster is up.
        server = lab.startBeside(['node', '-e', ALERTS_SERVER, alerts]);
        const before = disks();

        const alarmed = await runWithEvents(words).ended;
        equal(alarmed.code, 3, `kplay run while an alert is firing: ${troubleOf(alarmed)}`);
        contains(JSON.stringify(alarmed.events), 'EtcdNoLeader', 'why it has stopped');
        equal(disks(), before, 'the disks while an alert fires');

        writeFileSync(alerts, JSON.stringify(OF_NO_CONCERN));
        const killed = runWithEvents(words);
        const run = await runIdOf(killed);
        await killed.event('that it waits for an approval', ({ type }) => type === 'wave-waiting');
        const containers = await containersOf(masterOf(CANARY));
        await say('pause', run, '--reason', 'a fire drill');
        await killed.event('that it is paused', ({ type }) => type === 'run-paused');
        await say('approve', run, 'others');
        contains(await say('show', run), 'a fire drill', 'kplay show of a run that is paused');
        equal(disks()[1], before[1], 'the disk of the second cluster while the run is paused');
        await say('resume', run);
        await killed.event('that it is approved', ({ type }) => type === 'wave-approved');
        await killed.event(
          'new certificates of the second cluster',
          ({ type, host, task }) =>
            type === 'task-finished' && host === masterOf(REST) && task?.step === 'certs.regenerate',
        );
        await killed.kill();
        await killed.ended;

        const resumed = await runWithEvents(['resume', run, ...state]).ended;
        equal(resumed.code, 0, `kplay resume: ${troubleOf(resumed)}`);
        await eventually('the node to be Ready', 60, async () => (await readyNodes(masterOf(REST))).length === 1);
        equal(await containersOf(masterOf(CANARY)), containers, 'the containers of the first cluster, which was done');
        const again = words.map((word) => (word === 'renew_before=all' ? 'renew_before=300d' : word));
        changedNothing(await runWithEvents(again).ended, 2, 'the last run');
      } finally {
        server?.kill();
        await lab.down(REST);
      }
    },
  },
];
