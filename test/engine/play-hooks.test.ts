import { describe, expect, it } from 'vitest';
import type { HookCaller } from '../../src/engine/run-request.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply } from './support/workshop.ts';

const PLAY = `- hosts: all
  serial: 1
  on_start: [{ command: start }]
  on_success: [{ command: success }]
  on_failure: [{ command: failure }]
  tasks: [{ set: { key: x, value: "1" } }]
`;

function hearing(): { readonly heard: string[]; readonly callHooks: HookCaller } {
  const heard: string[] = [];
  return { heard, callHooks: async (_play, moment) => void heard.push(moment) };
}

describe('hooks of a play', () => {
  it('tell of no success while hosts of it are left for a later window', async () => {
    const shut = { kind: 'left', remedy: 'wait' } as const;
    const ended = async (isLeft: boolean) => {
      const { heard, callHooks } = hearing();
      const fleet = ['a', 'b'].map((name) => new FakeHost(name));
      const timing = {
        whenShut: shut,
        // The window shuts while the first batch is changed.
        ask: () => ({
          state: isLeft && fleet[0]?.slots.has('x') ? ('shut' as const) : ('open' as const),
          windows: 'nightly',
          reason: 'the clock says so',
          expected: '1m',
        }),
      };
      const { result } = await apply(PLAY, fleet, { callHooks, timing });
      return { heard, left: result.left, changed: fleet.map(({ slots }) => slots.size) };
    };
    expect(await ended(true)).toEqual({ heard: ['start'], left: ['b'], changed: [1, 0] });
    expect(await ended(false)).toEqual({ heard: ['start', 'success'], left: [], changed: [1, 1] });
  });

  it('are not started by a run that was asked to stop while it looked', async () => {
    const { heard, callHooks } = hearing();
    const stop = new AbortController();
    const host = new FakeHost('a');
    host.onMessage = (message) => void (message.startsWith('look') && stop.abort());
    await apply(PLAY, [host], { callHooks, stop });
    expect({ heard, changes: host.changes }).toEqual({ heard: ['failure'], changes: [] });
  });
});
