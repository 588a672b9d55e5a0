import { expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { BEFORE, endState, expectTold } from './support/halves.ts';
import { apply, type Report } from './support/workshop.ts';

/** Two halves of something, guarded, with something between them. */
const play = (between: string, head = ''): string => `- hosts: all
${head}  tasks:
    - guard: { keys: [x, y] }
    - block:
        - halve: { key: x, value: new }
${between}
`;

const OTHER_HALF = '        - complete: { key: y, value: new }';
const PLAYS: readonly (readonly [what: string, play: string])[] = [
  ['a task that one host runs for all', play(`        - { shell: once, run_once: true }\n${OTHER_HALF}`)],
  ['an always', play(`${OTHER_HALF}\n      always:\n        - serve: { key: page, value: two }`)],
  ['a rescue', play(`${OTHER_HALF}\n      rescue:\n        - serve: { key: page, value: two }`)],
  ['ignored failures', play(`${OTHER_HALF}\n      ignore_errors: true`)],
  ['forced handlers', play(OTHER_HALF, '  force_handlers: true\n  handlers: [{ name: tell, shell: told }]\n')],
  ['batches of which none may fail', play(OTHER_HALF, '  serial: 2\n  any_errors_fatal: true\n')],
];

interface Tried {
  readonly fleet: readonly FakeHost[];
  readonly report: Report;
  readonly messages: number;
}

/** @param stopAt the message to a host at which the run is asked to stop. @param failAt the one that fails; the message after it, if not sent yet */
async function tried(text: string, stopAt: number, failAt = 0): Promise<Tried> {
  let messages = 0;
  const stop = new AbortController();
  const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name, BEFORE));
  for (const host of fleet)
    host.onMessage = () => {
      messages += 1;
      if (messages === stopAt) stop.abort();
      if (messages === failAt) host.break(/^(?:set y new|serve|shell)/, 'fails');
    };
  return { report: await apply(text, fleet, { stop }), fleet, messages };
}

it.each(PLAYS)('%s: wherever a run is stopped, no host is left between the halves', async (_what, text) => {
  const { messages, fleet: whole } = await tried(text, 0);
  expect(whole.map(endState)).toEqual(Array(3).fill('renewed'));
  const seen = new Set<string>();
  for (let at = 1; at <= messages; at += 1)
    for (const failAt of [0, at - 3, at])
      for (const stopAt of [at, 0]) {
        if (stopAt === 0 && failAt !== at) continue;
        const { fleet, report } = await tried(text, stopAt, failAt);
        const what = `stopped at ${stopAt}, failed at ${failAt}`;
        const states = fleet.map(endState);
        expect(states, what).not.toContain('half');
        expectTold(fleet, report, what);
        for (const state of states) seen.add(state);
      }
  expect(seen).toEqual(new Set(['as before', 'renewed']));
});
