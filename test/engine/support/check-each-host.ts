import { Unknown } from '../../../src/core/world.ts';
import { initialState } from '../../../src/engine/hosts/host-state.ts';
import type { checkTemplates } from '../../../src/engine/plan/check-templates.ts';
import { planPlay } from '../../../src/engine/plan/plan-play.ts';
import type { Registered } from '../../../src/engine/program/place.ts';
import { tasksOf } from '../../../src/engine/program/play-tasks.ts';

const NOTHING: Registered = new Map();

/** What `checkTemplates` is to find: each task is looked at for each host. */
export const checkEachHost: typeof checkTemplates = (plays, surroundings, now, problems) => {
  const registered = new Map<string, Registered>();
  for (const play of plays) {
    const states = new Map(
      play.hosts.map((member) => [member.host.name, initialState(member, registered.get(member.host.name) ?? NOTHING)]),
    );
    const names = [...states.keys()];
    const playHosts = { live: names, batchOf: () => names, registered: (name: string) => registered.get(name) };
    const find = (name: string) => {
      const host = surroundings.hosts.get(name) ?? surroundings.localhosts.get(name);
      return host ? initialState(surroundings.compileHost(host), NOTHING) : ('lost' as const);
    };
    const input = {
      play,
      surroundings,
      now,
      runId: 'check',
      begunAt: now,
      order: 'linear',
      playHosts,
      delegates: { find },
    };
    const { states: after } = planPlay(input, states, { problems });
    const open = tasksOf(play).flatMap(({ register }) => register ?? []);
    for (const [name, state] of after)
      registered.set(
        name,
        new Map([...state.registered, ...open.map((one) => [one, new Unknown('a play before')] as const)]),
      );
  }
  return new Set();
};
