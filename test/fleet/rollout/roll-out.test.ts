import { describe, expect, test } from 'vitest';
import { Problems } from '../../../src/core/diagnostic.ts';
import type { Event } from '../../../src/core/events/event.ts';
import type { Signal } from '../../../src/core/signal.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { parseYaml } from '../../../src/core/yaml/yaml.ts';
import type { ClusterTiming } from '../../../src/engine/clusters/cluster-timing.ts';
import type { WaveFacts } from '../../../src/engine/run-request.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from '../../../src/engine/run-result.ts';
import type { ClusterRun, FleetEngine, WakeConditions } from '../../../src/fleet/rollout/fleet-engine.ts';
import { rollOut } from '../../../src/fleet/rollout/roll-out.ts';
import type { RolloutRequest } from '../../../src/fleet/rollout/rollout-request.ts';
import { ReportedWindows } from '../../../src/fleet/temporal/reported-windows.ts';
import { rollout } from '../../../src/playbook/rollout/rollout.ts';

const hostOf = (cluster: string) => `${cluster}-m1`;
const good = (name: string): ClusterRun => ({
  result: { ...NO_RESULT, hosts: [{ ...UNTOUCHED, host: hostOf(name), ok: 1, changed: 1, state: 'changed' }] },
  shut: [],
});
/** Its window did not let it be changed; `counts` says what that is. */
const shut = (name: string, counts: 'left' | 'refused'): ClusterRun => ({
  result: { ...NO_RESULT, [counts]: [hostOf(name)], hosts: [{ ...UNTOUCHED, host: hostOf(name) }] },
  shut: [hostOf(name)],
});

/** A fleet whose clusters come to what is said; all of them are due. Its clock goes on when a moment is waited for and nothing is in hand. */
class World implements FleetEngine {
  readonly clusters: readonly string[];
  readonly events: Event[] = [];
  readonly begun: string[] = [];
  /** Those in which nothing may be changed that was not shown. */
  readonly bound: string[] = [];
  /** Among how many clusters each shares the connections. */
  readonly sharedBy: number[] = [];
  readonly called: WaveFacts[] = [];
  onCallWave: (facts: WaveFacts) => Promise<void> = async () => undefined;
  readonly ends: Readonly<Record<string, () => ClusterRun | Promise<ClusterRun>>>;
  isStopping = false;
  onLookAgain: (name: string) => string | undefined = () => undefined;
  /** What operators have said. */
  said: Signal[] = [];
  onSignals: () => readonly Signal[] = () => this.said;
  onWait: (wake: WakeConditions) => Promise<void> = async ({ until, over }) => {
    if (until === undefined || this.#inProgress > 0)
      return new Promise((resolve) => over?.addEventListener('abort', () => resolve()));
    this.#now = until;
  };
  #now = 0;
  #inProgress = 0;

  constructor(clusters: readonly string[], ends: World['ends'] = {}) {
    this.clusters = clusters;
    this.ends = ends;
  }

  async look(): Promise<RunResult> {
    const plans = this.clusters.map((name) => ({
      play: 'Renew',
      order: { name: 'linear', reason: '', batches: [] },
      tasks: [],
      hosts: [{ host: hostOf(name), tasks: [{ path: 'tasks.1', action: 'unknown', until: 'x' } as const] }],
    }));
    return { ...NO_RESULT, plans };
  }

  async run(name: string, atOnce: number, isBound: boolean): Promise<ClusterRun> {
    this.begun.push(name);
    if (isBound) this.bound.push(name);
    this.sharedBy.push(atOnce);
    this.#inProgress += 1;
    try {
      return await (this.ends[name] ?? (() => good(name)))();
    } finally {
      this.#inProgress -= 1;
    }
  }

  async lookAgain(name: string): Promise<string | undefined> {
    return this.onLookAgain(name);
  }

  async callWave(facts: WaveFacts): Promise<void> {
    this.called.push(facts);
    await this.onCallWave(facts);
  }

  signals(): readonly Signal[] {
    return this.onSignals();
  }

  wait(wake: WakeConditions): Promise<void> {
    return this.onWait(wake);
  }

  now(): number {
    return this.#now;
  }

  rollOut(text: string, more: Partial<RolloutRequest> = {}): Promise<RunResult> {
    const problems = new Problems();
    const tree = parseYaml(new SourceFile('rollout.yml', text), problems, 'ansible');
    const read = tree && rollout.read(tree, { label: 'a rollout', problems });
    if (!read || problems.hasErrors) throw new Error('no rollout');
    return rollOut(this, {
      commands: {
        approve: (wave) => `approve ${wave}`,
        resume: 'resume RUN',
        later: 'resume RUN',
        again: 'the same command',
      },
      recorded: new Map(),
      play: 'Renew',
      rollout: read,
      candidates: this.clusters.map((name) => ({ name, labels: new Map(), traits: [] })),
      total: this.clusters.length,
      hostsOf: new Map(this.clusters.map((name) => [name, [hostOf(name)]])),
      sideBySide: 4,
      emit: (event) => this.events.push(event),
      clock: () => new Date(0),
      ...more,
    });
  }

  /** At most so many clusters side by side, as is told when the rollout starts. */
  get mostAtOnce(): readonly number[] {
    return this.told('rollout-started').map(({ sideBySide }) => sideBySide);
  }

  told<Type extends Event['type']>(type: Type): readonly Extract<Event, { type: Type }>[] {
    return this.events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
  }
}

const OPENS_LATER = {
  state: 'shut',
  windows: 'Tue 00:00-04:00 UTC',
  reason: 'shut',
  expected: '5m (declared)',
  opens: '2026-12-01T00:00:00Z',
} as const;

/** The windows of all clusters but these are shut, and open later. */
const openFor = (...open: readonly string[]): ClusterTiming => ({
  whenShut: { kind: 'left', remedy: 'leave it alone' },
  ask: (cluster) => (open.includes(cluster) ? undefined : OPENS_LATER),
});

/** Who says something to a run. */
const SAID = { by: 'ops@admin', at: '2026-11-24T15:12:44.000Z' };

const TWO = 'waves: [{ name: canary, clusters: a }, { name: rest }]';

describe('a cluster that no wave has', () => {
  test('is refused before anything is begun', async () => {
    const world = new World(['a', 'b']);
    const result = await world.rollOut('waves: [{ name: canary, clusters: a }]');
    expect(result.refused).toEqual(['b-m1']);
    expect(result.hosts.map(({ host, refused }) => [host, refused])).toEqual([
      ['a-m1', 0],
      ['b-m1', 1],
    ]);
    expect(world.begun).toEqual(['a']);
    const types = world.events.map(({ type }) => type);
    expect(types.indexOf('play-refused')).toBeGreaterThan(-1);
    expect(types.indexOf('play-refused')).toBeLessThan(types.indexOf('rollout-started'));
  });
});

test('the hosts of a result are in the order of the play, whichever cluster ends first', async () => {
  let end = (): void => undefined;
  const others = new Promise<void>((resolve) => {
    end = resolve;
  });
  const world = new World(['a', 'b', 'c'], {
    a: () => others.then(() => good('a')),
    c: () => {
      end();
      return good('c');
    },
  });
  const { hosts } = await world.rollOut('order: name');
  expect(hosts.map(({ host }) => host)).toEqual(['a-m1', 'b-m1', 'c-m1']);
});

test.each([
  ['order: name', 4],
  ['{ order: name, max_failed: 0 }', 1],
  ['waves: [{ name: canary, size: 3, max_failed: 0 }, { name: rest, max_failed: 1 }]', 2],
  ['{ waves: [{ name: canary, size: 1 }, { name: rest, max_failed: 2 }], max_failed: 1 }', 2],
  ['waves: [{ name: canary, size: 3 }, { name: rest }]', 3],
])('how many clusters are ever in progress is told as the budgets allow it: %s', async (text, most) => {
  const world = new World(['a', 'b', 'c', 'd', 'e']);
  await world.rollOut(text);
  expect(world.mostAtOnce).toEqual([most]);
});

test('each cluster shares the connections with as many as may be in progress in its wave', async () => {
  const world = new World(['a', 'b', 'c', 'd', 'e', 'f']);
  await world.rollOut('waves: [{ name: x, size: 1 }, { name: y, size: 2, max_failed: 0 }, { name: z, max_failed: 1 }]');
  expect(world.sharedBy).toEqual([1, 1, 1, 2, 2, 2]);
});

/** Only `b` has something to do. */
class Idle extends World {
  override async look(): Promise<RunResult> {
    const { plans, ...look } = await super.look();
    const none = { path: 'tasks.1', action: 'none', reason: 'none is due' } as const;
    const isDue = (host: string) => host === hostOf('b');
    return {
      ...look,
      plans: plans.map((plan) => ({
        ...plan,
        hosts: plan.hosts.map((own) => (isDue(own.host) ? own : { ...own, tasks: [none] })),
      })),
    };
  }
}

/** Ends where it would wait. */
const ending = (world: World): World => {
  world.onWait = async ({ until }) => {
    if (until === undefined) world.isStopping = world.told('wave-waiting').length > 0;
    await new Promise((resolve) => setImmediate(resolve));
  };
  return world;
};

describe('a wave that has to be approved', () => {
  const ALL =
    'waves: [{ name: x, clusters: a, approval: manual }, { name: y, clusters: b }, { name: z, approval: manual }]';

  test('needs no approval where nothing is to be changed: then nothing may be changed in it', async () => {
    const world = ending(new Idle(['a', 'b', 'c']));
    await world.rollOut(ALL);
    expect(world.begun).toEqual(['a', 'b', 'c']);
    expect(world.bound).toEqual(['a', 'c']);
    expect(world.told('rollout-planned')[0]?.waves.map(({ isIdle = false }) => isIdle)).toEqual([true, false, true]);
    expect([...world.told('wave-waiting'), ...world.told('wave-approved')]).toEqual([]);
  });

  test('needs none where nothing could be changed', async () => {
    const world = new World(['a', 'b']);
    const look = world.look.bind(world);
    world.look = async () => ({ ...(await look()), refused: ['b-m1'] });
    await ending(world).rollOut('waves: [{ name: canary, clusters: a }, { name: rest, approval: manual }]');
    expect(world.bound).toEqual(['b']);
    expect(world.told('wave-waiting')).toEqual([]);
  });

  test('is not bound where somebody has approved it', async () => {
    const world = ending(new Idle(['a', 'b', 'c']));
    world.said.push({ kind: 'approve', wave: 'x', ...SAID });
    await world.rollOut(ALL);
    expect(world.bound).toEqual(['c']);
    expect(world.told('wave-approved').map(({ wave }) => wave)).toEqual(['x']);
    const shown = world.told('rollout-planned')[0]?.waves.map(({ isApproved = false }) => isApproved);
    expect(shown).toEqual([true, false, false]);
  });

  test.each([
    ['a cluster has failed before', {}],
    ['an older kplay has requested it', { asksForIdleWaves: true }],
  ])('needs it all the same where %s', async (_, more) => {
    const world = ending(
      new Idle(['a', 'b', 'c'], { b: () => ({ ...good('b'), result: { ...NO_RESULT, failed: ['b-m1'] } }) }),
    );
    await world.rollOut(ALL, more);
    const asked = 'asksForIdleWaves' in more ? 'x' : 'z';
    expect(world.told('wave-waiting').map(({ wave }) => wave)).toEqual([asked]);
  });
});

describe('a wave that is shut, in a run that does not wait', () => {
  /** All clusters but these are left as they are. */
  const leavesAllBut = (...open: readonly string[]): Pick<RolloutRequest, 'shutClusters'> => ({
    shutClusters: { find: (name) => (open.includes(name) ? undefined : () => shut(name, 'left')) },
  });
  const WAVES = 'waves: [{ name: canary, clusters: a }, { name: rest, approval: manual }]';

  test('is left without an approval, which would be one of nothing', async () => {
    const world = new World(['a', 'b', 'c']);
    const result = await world.rollOut(WAVES, leavesAllBut('a'));
    expect(world.told('wave-waiting')).toEqual([]);
    expect(world.begun).toEqual(['a']);
    expect(result.left).toEqual(['b-m1', 'c-m1']);
    expect(world.told('rollout-stopped')).toEqual([]);
  });

  test('keeps later waves from starting, as any wave that was left', async () => {
    const world = new World(['a', 'b', 'c']);
    await world.rollOut(
      'waves: [{ name: x, clusters: a, approval: manual }, { name: y, approval: manual }]',
      leavesAllBut('b', 'c'),
    );
    expect(world.told('wave-waiting')).toEqual([]);
    expect(world.begun).toEqual([]);
    expect(world.told('rollout-stopped')).toMatchObject([
      { reason: 'wave x is not done: cluster a is held back by its windows', clusters: ['b', 'c'] },
    ]);
  });

  test('lets clusters with nothing to do end in it, and nothing may be changed on them', async () => {
    const world = new Idle(['a', 'b', 'c']);
    const result = await world.rollOut('waves: [{ name: all, approval: manual }]', leavesAllBut());
    expect(world.told('wave-waiting')).toEqual([]);
    expect([world.begun, world.bound]).toEqual([
      ['a', 'c'],
      ['a', 'c'],
    ]);
    expect(result.left).toEqual(['b-m1']);
  });

  test('is asked about if one of its clusters may be changed, or cannot be judged', async () => {
    for (const [clusters, open] of [[['a', 'b', 'c'], 'c'] as const, [['a', 'b'], 'a'] as const]) {
      const world = new World(clusters);
      const look = world.look.bind(world);
      if (open === 'a') world.look = async () => ({ ...(await look()), unreachable: ['b-m2'] });
      await ending(world).rollOut(WAVES, {
        ...leavesAllBut('a', open),
        hostsOf: new Map(clusters.map((name) => [name, name === 'b' ? ['b-m1', 'b-m2'] : [hostOf(name)]])),
      });
      expect(world.told('wave-waiting').map(({ wave }) => wave)).toEqual(['rest']);
    }
  });

  test('that was approved starts, and its clusters are left when their turn comes', async () => {
    const world = new World(['a', 'b']);
    world.said.push({ kind: 'approve', wave: 'rest', ...SAID });
    const result = await world.rollOut(WAVES, leavesAllBut('a'));
    expect(world.told('wave-started').map(({ wave }) => wave)).toEqual(['canary', 'rest']);
    expect(world.begun).toEqual(['a']);
    expect(result.left).toEqual(['b-m1']);
  });
});

describe('a window', () => {
  test('is not waited for where nothing is to be done: the wave is over at once', async () => {
    const world = new Idle(['a', 'b', 'c']);
    await world.rollOut('waves: [{ name: canary, clusters: a }, { name: rest }]', { awaitedWindows: openFor('b') });
    expect(world.begun).toEqual(['a', 'b', 'c']);
    expect(world.told('window-waiting')).toEqual([]);
  });

  test('is waited for where something is to be done after all', async () => {
    let tries = 0;
    const world = new Idle(['a', 'b'], {
      a: () => {
        tries += 1;
        return tries === 1 ? shut('a', 'left') : good('a');
      },
    });
    await world.rollOut('waves: [{ name: canary, clusters: a }, { name: rest }]', { awaitedWindows: openFor('b') });
    expect(world.begun).toEqual(['a', 'a', 'b']);
    expect(world.told('window-waiting')).toEqual([
      { type: 'window-waiting', clusters: ['a'], opens: '2026-12-01T00:00:00.000Z' },
    ]);
  });

  test('is waited for in a rollout that an older kplay has requested', async () => {
    const world = new Idle(['a', 'b']);
    await world.rollOut('order: name', { awaitedWindows: openFor('b'), isOfOlderVersion: true });
    expect(world.begun).toEqual(['b', 'a']);
  });
});

describe('a window that was waited for beside clusters in hand', () => {
  test('is waited for no more when the rollout has stopped', async () => {
    const signals: AbortSignal[] = [];
    const world = new World(['a', 'b'], {
      a: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        world.said.push({ kind: 'abort', ...SAID });
        return good('a');
      },
    });
    world.onWait = ({ until, over }) => {
      if (until !== undefined && over) signals.push(over);
      return new Promise((resolve) => over?.addEventListener('abort', () => resolve()));
    };
    await world.rollOut('order: name', { awaitedWindows: openFor('a'), sideBySide: 2 });
    expect(world.told('rollout-stopped').length).toBe(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe('what is thrown on the way', () => {
  test('ends the rollout: no more is begun, what is in hand is finished, and all that is known is in the result', async () => {
    let finish: () => void = () => {};
    const world = new World(['a', 'b', 'c'], {
      a: () =>
        new Promise((resolve) => {
          finish = () => resolve(good('a'));
        }),
    });
    const mistake = new Error('a bug');
    const emit = (event: Event): void => {
      world.events.push(event);
      if (event.type !== 'wave-started') return;
      setImmediate(() => finish());
    };
    world.onWait = async ({ until }) => {
      if (until !== undefined) throw mistake;
    };
    const result = await world.rollOut('order: name', { awaitedWindows: openFor('a'), emit });
    expect(result.mistake).toBe(mistake);
    expect(result.hosts.map(({ host, state }) => `${host} ${state}`)).toEqual([
      'a-m1 changed',
      'b-m1 unchanged',
      'c-m1 unchanged',
    ]);
    expect(world.begun).toEqual(['a']);
    expect(world.events.at(-1)?.type).toBe('play-finished');
  });

  test.each([
    ['waves: [{ name: canary, clusters: a }, { name: rest, approval: manual }]', { failed: ['a'] }],
    ['waves: [{ name: canary, clusters: b }, { name: rest, approval: manual }]', {}],
  ])('names what has failed where an approval is asked for: %s', async (text, failed) => {
    const world = new World(['a', 'b'], { a: () => ({ ...good('a'), result: { ...NO_RESULT, failed: ['a-m1'] } }) });
    const { onWait } = world;
    world.onWait = async (wake) => {
      if (world.told('wave-waiting').length === 0) return onWait(wake);
      world.isStopping = true;
    };
    await world.rollOut(text);
    expect(world.told('wave-waiting')).toEqual([
      { type: 'wave-waiting', play: 'Renew', wave: 'rest', ...failed, remedy: 'approve rest' },
    ]);
  });

  test('while a wave is waiting for approval loses nothing of the wave before it', async () => {
    const world = new World(['a', 'b']);
    world.onSignals = () => {
      if (world.begun.length === 1 && world.told('wave-waiting').length === 1) throw new Error('a bug');
      return [];
    };
    world.onWait = async () => {};
    const result = await world.rollOut('waves: [{ name: canary, clusters: a }, { name: rest, approval: manual }]');
    expect(result.mistake).toEqual(new Error('a bug'));
    expect(result.hosts.map(({ host, state }) => `${host} ${state}`)).toEqual(['a-m1 changed', 'b-m1 unchanged']);
  });
});

describe('a wave of which a cluster was left', () => {
  test.each(['left', 'refused'] as const)('opens no wave behind it, nor asks for its approval (%s)', async (counts) => {
    const world = new World(['a', 'b', 'c'], { a: () => shut('a', counts) });
    const result = await world.rollOut(
      'waves: [{ name: canary, clusters: [a, b], soak: 1h }, { name: rest, approval: manual }]',
    );
    expect(world.begun).toEqual(['a', 'b']);
    expect(world.told('wave-waiting')).toEqual([]);
    expect(result.mistake).toBeUndefined();
    expect(result[counts]).toEqual(['a-m1']);
    expect(world.told('wave-settled').map(({ clusters }) => clusters)).toEqual([['b']]);
    expect(world.told('rollout-stopped')).toEqual([
      {
        type: 'rollout-stopped',
        play: 'Renew',
        reason: 'wave canary is not done: cluster a is held back by its windows',
        clusters: ['c'],
        remedy: 'run it again when they are open, or use --window wait',
      },
    ]);
  });

  test('is not to be waited for where no window of it is ahead', async () => {
    const { opens: _, ...never } = OPENS_LATER;
    const world = new World(['a', 'b'], { a: () => shut('a', 'refused') });
    const look = world.look.bind(world);
    world.look = async () => {
      const { plans, ...rest } = await look();
      return { ...rest, plans: plans.map((plan) => ({ ...plan, window: never })) };
    };
    await world.rollOut(TWO);
    expect(world.told('rollout-stopped').map(({ remedy }) => remedy)).toEqual([
      'give a a later window: there is no further one; or use --window override --reason TEXT',
    ]);
  });

  test('keeps clusters from starting whose certificates end before its window opens: they are named, and count', async () => {
    const ends: Readonly<Record<string, string>> = { b: '1969-12-29', c: '2026-11-30', d: '2026-12-02' };
    const world = new World(['a', 'b', 'c', 'd'], { a: () => shut('a', 'left') });
    const look = world.look.bind(world);
    world.look = async () => {
      const { plans, ...rest } = await look();
      const withFacts = plans.map((plan): (typeof plans)[number] => {
        const host = plan.hosts[0]?.host ?? '';
        const name = host.replace('-m1', '');
        if (name === 'a') return { ...plan, window: OPENS_LATER };
        return { ...plan, facts: { expires: { host, name: 'apiserver', ends: `${ends[name]}T00:00:00Z` } } };
      });
      return { ...rest, plans: withFacts };
    };
    const result = await world.rollOut(TWO);
    expect(world.begun).toEqual(['a']);
    expect(result.late.map(({ host }) => host)).toEqual(['b-m1', 'c-m1']);
    expect(world.told('window-late').map(({ reason }) => reason)).toEqual([
      'apiserver of b-m1 expired 3d ago, before cluster b may be changed: cluster a, which comes first, is shut',
      expect.stringMatching(/^apiserver of c-m1 expires in \w+, before cluster c may be changed: cluster a, which/),
    ]);
    expect(world.told('window-late')[0]).toMatchObject({
      behind: 'a',
      remedy: expect.stringContaining('-l cluster:b '),
    });
  });

  test('is not left alone for a soak when nothing of it was done', async () => {
    const world = new World(['a', 'b'], { a: () => shut('a', 'left') });
    await world.rollOut('waves: [{ name: canary, clusters: a, soak: 1h }, { name: rest }]');
    expect(world.told('wave-soaking')).toEqual([]);
    expect(world.begun).toEqual(['a']);
  });

  test('says how many they are when there are several', async () => {
    const world = new World(['a', 'b', 'c'], { a: () => shut('a', 'left'), b: () => shut('b', 'left') });
    await world.rollOut('waves: [{ name: canary, clusters: [a, b] }, { name: rest }]');
    expect(world.told('rollout-stopped')[0]?.reason).toBe(
      'wave canary is not done: 2 of its clusters are held back by their windows',
    );
  });

  test('is no end of the rollout when it is the last one', async () => {
    const world = new World(['a', 'b'], { b: () => shut('b', 'left') });
    await world.rollOut(TWO);
    expect(world.begun).toEqual(['a', 'b']);
    expect(world.told('rollout-stopped')).toEqual([]);
  });

  test('has failed when a host of it was refused for another reason', async () => {
    const mixed: ClusterRun = {
      result: { ...NO_RESULT, refused: ['a-m1', 'a-m2'], hosts: [] },
      shut: ['a-m2'],
    };
    const world = new World(['a', 'b'], { a: () => mixed });
    await world.rollOut('{ waves: [{ name: canary, clusters: a, max_failed: 0 }, { name: rest }] }');
    expect(world.told('rollout-stopped')[0]?.reason).toBe(
      '1 cluster of wave canary failed, and only 0 may (max_failed)',
    );
  });
});

describe('a wave in which a cluster has failed', () => {
  const failed = (name: string) => (): ClusterRun => ({
    ...good(name),
    result: { ...NO_RESULT, failed: [hostOf(name)] },
  });
  const rolledOut = async (waves: string, more: Partial<RolloutRequest> = {}): Promise<World> => {
    const world = new World(['a', 'b', 'c', 'd'], { a: failed('a') });
    await world.rollOut(waves, more);
    return world;
  };

  test('opens no wave behind it if nothing says how many may fail, and says how to go on', async () => {
    const world = await rolledOut(
      'waves: [{ name: canary, clusters: [a, b] }, { name: next, size: 1 }, { name: rest }]',
    );
    expect(world.begun).toEqual(['a', 'b']);
    expect(world.told('rollout-planned')[0]?.waves.map(({ stopsOnFailure = false }) => stopsOnFailure)).toEqual([
      true,
      true,
      false,
    ]);
    expect(world.told('rollout-stopped')).toEqual([
      {
        type: 'rollout-stopped',
        play: 'Renew',
        reason: '1 cluster of wave canary failed, and nothing says how many may (max_failed)',
        clusters: ['c', 'd'],
        remedy:
          'find out why; the same command continues. If later waves are to start all the same, give wave canary a max_failed',
      },
    ]);
  });

  test.each([
    ['the wave says how many', '{ name: canary, clusters: [a, b], max_failed: 1 }, { name: next, size: 2 }', ''],
    ['the wave lets all fail', '{ name: canary, clusters: [a, b], max_failed: 100% }, { name: next, size: 2 }', ''],
    ['the rollout says how many', '{ name: canary, clusters: [a, b] }, { name: next, size: 2 }', 'max_failed: 1'],
  ])('is no end of the rollout where %s', async (_what, waves, more) => {
    const world = await rolledOut(`{ waves: [${waves}]${more === '' ? '' : `, ${more}`} }`);
    expect(world.begun).toEqual(['a', 'b', 'c', 'd']);
    expect(world.told('rollout-stopped')).toEqual([]);
  });

  const ASKING =
    'waves: [{ name: canary, clusters: [a, b] }, { name: next, size: 1, approval: manual }, { name: rest }]';
  const approval: Signal = { kind: 'approve', wave: 'next', ...SAID };

  test('is decided about by whoever is told and approves the next wave', async () => {
    const world = new World(['a', 'b', 'c', 'd'], { a: failed('a') });
    const { onWait } = world;
    world.onWait = async (wake) => {
      if (world.told('wave-waiting').length === 0) return onWait(wake);
      world.said.push(approval);
    };
    await world.rollOut(ASKING);
    expect(world.told('wave-waiting')).toMatchObject([{ wave: 'next', failed: ['a'] }]);
    expect(world.begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test.each([
    ['fails', failed('a'), ['a', 'b']],
    ['comes through', () => good('a'), ['a', 'b', 'c', 'd']],
  ])('has not been decided about by an approval from before: it %s', async (_how, end, begun) => {
    const world = new World(['a', 'b', 'c', 'd'], { a: end });
    world.said.push(approval);
    await world.rollOut(ASKING);
    expect(world.begun).toEqual(begun);
    expect(world.told('rollout-stopped').map(({ reason }) => reason)).toEqual(
      begun.length === 4 ? [] : ['1 cluster of wave canary failed, and wave next was approved before anybody was told'],
    );
  });

  const inherited: Signal = { ...approval, run: 'RUN' };

  test('was decided about in the run that this one resumes if whoever approved was told of it', async () => {
    const world = new World(['a', 'b', 'c', 'd'], { a: failed('a') });
    world.said.push(inherited);
    await world.rollOut(ASKING, { told: new Map([['next', ['a']]]) });
    expect(world.begun).toEqual(['a', 'b', 'c', 'd']);
    expect(world.told('wave-approved')).toEqual([{ type: 'wave-approved', play: 'Renew', wave: 'next', ...SAID }]);
  });

  test.each([
    ['nothing', []],
    ['another one', ['b']],
  ])('is asked about in a run that resumes one in which whoever approved was told of %s', async (_what, told) => {
    const world = new World(['a', 'b', 'c', 'd'], { a: failed('a') });
    world.said.push(inherited);
    const { onWait } = world;
    let waits = 0;
    world.onWait = async (wake) => {
      if (world.told('wave-waiting').length === 0) return onWait(wake);
      waits += 1;
      // The first time something else is said.
      world.said.push(waits === 1 ? { kind: 'resume', ...SAID } : { ...approval, by: 'her@admin' });
    };
    await world.rollOut(ASKING, { told: new Map([['next', told]]) });
    expect(world.told('wave-waiting')).toMatchObject([{ wave: 'next', failed: ['a'] }]);
    expect(world.told('wave-approved')).toMatchObject([{ wave: 'next', by: 'her@admin' }]);
    expect(world.told('rollout-stopped')).toEqual([]);
    expect(world.begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('has not been decided about by an approval that a resumed run is given before it asks', async () => {
    const world = new World(['a', 'b', 'c', 'd'], { a: failed('a') });
    world.said.push(inherited, approval);
    await world.rollOut(ASKING);
    expect(world.begun).toEqual(['a', 'b']);
    expect(world.told('rollout-stopped')).toHaveLength(1);
  });

  test.each([
    ['all of its clusters', ['c', 'd'], 0],
    ['not one of its clusters', ['c', 'x'], 1],
  ])('an approval that is inherited for %s makes a wave ask so often', async (_what, clusters, asked) => {
    const world = new World(['a', 'b', 'c', 'd']);
    world.said.push({ ...inherited, clusters });
    const { onWait } = world;
    world.onWait = async (wake) => {
      if (world.told('wave-waiting').length === 0) return onWait(wake);
      world.said.push({ ...approval, by: 'her@admin' });
    };
    await world.rollOut(
      'waves: [{ name: canary, clusters: [a, b] }, { name: next, approval: manual, clusters: [c, d] }]',
    );
    expect(world.told('wave-waiting')).toHaveLength(asked);
    expect(world.told('rollout-planned')[0]?.waves[1]?.isApproved ?? false).toBe(asked === 0);
    const { by } = asked === 0 ? SAID : { by: 'her@admin' };
    expect(world.told('wave-approved')).toEqual([{ type: 'wave-approved', play: 'Renew', wave: 'next', ...SAID, by }]);
    expect(world.begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is no end of a rollout that an older kplay has requested', async () => {
    const world = await rolledOut('waves: [{ name: canary, clusters: [a, b] }, { name: rest }]', {
      isOfOlderVersion: true,
    });
    expect(world.begun).toEqual(['a', 'b', 'c', 'd']);
    expect(world.told('rollout-planned')[0]?.waves.some(({ stopsOnFailure }) => stopsOnFailure)).toBe(false);
  });

  test('is the end although its soak has found it, after it had ended well', async () => {
    const world = new World(['a', 'b']);
    world.onLookAgain = () => 'apiserver of a-m1 would be changed again';
    await world.rollOut('waves: [{ name: canary, clusters: a, soak: 1h }, { name: rest }]');
    expect(world.begun).toEqual(['a']);
    expect(world.told('rollout-stopped')).toHaveLength(1);
  });
});

describe('a soak that is interrupted', () => {
  test('says nothing of its wave, and which clusters were not started', async () => {
    const world = new World(['a', 'b', 'c']);
    const looked: string[] = [];
    world.onLookAgain = (name) => {
      looked.push(name);
      world.isStopping = true;
      return undefined;
    };
    await world.rollOut('waves: [{ name: canary, clusters: [a, b], soak: 1h }, { name: rest }]');
    expect(looked).toEqual(['a']);
    expect(world.told('wave-settled')).toEqual([]);
    expect(world.begun).toEqual(['a', 'b']);
    const remedy = 'the same command does what is left';
    expect(world.told('rollout-stopped')).toEqual([
      { type: 'rollout-stopped', play: 'Renew', reason: 'the run was interrupted', remedy, clusters: ['c'] },
    ]);
  });

  test('says no more where every cluster was started', async () => {
    const world = new World(['a']);
    world.onLookAgain = () => {
      world.isStopping = true;
      return undefined;
    };
    await world.rollOut('waves: [{ name: canary, clusters: a, soak: 1h }]');
    expect(world.told('rollout-stopped')).toEqual([]);
  });
});

describe('a rollout that is paused', () => {
  test('begins no cluster until it is resumed, finishes those in hand, and says who, when and why', async () => {
    const pause: Signal = { kind: 'pause', ...SAID, reason: 'a fire drill' };
    const world = new World(['a', 'b', 'c'], {
      a: () => {
        world.said.push(pause);
        return good('a');
      },
    });
    const begunAtResume: string[][] = [];
    world.onWait = async ({ until, over }) => {
      if (until !== undefined || world.told('run-paused').length !== 1 || world.said.length !== 1)
        return new Promise((resolve) => over?.addEventListener('abort', () => resolve()));
      begunAtResume.push([...world.begun]);
      world.said.push({ kind: 'resume', ...SAID });
    };
    const result = await world.rollOut('order: name', { sideBySide: 1 });
    expect(begunAtResume).toEqual([['a']]);
    expect(world.begun).toEqual(['a', 'b', 'c']);
    expect(world.told('run-paused')).toEqual([
      { type: 'run-paused', ...SAID, reason: 'a fire drill', remedy: 'resume RUN' },
    ]);
    expect(world.told('run-resumed')).toEqual([{ type: 'run-resumed', ...SAID }]);
    expect(result.wasAborted).toBeUndefined();
  });
});

describe('a rollout that is aborted', () => {
  test('says what does the rest where kplay resume cannot', async () => {
    const world = new World(['a'], {});
    world.said.push({ kind: 'abort', ...SAID });
    await world.rollOut('order: name', {
      commands: { approve: (wave) => wave, resume: 'resume RUN', again: 'a new plan' },
    });
    const remedy = 'a new plan does what is left';
    expect(world.told('run-aborted')).toEqual([{ type: 'run-aborted', ...SAID, remedy }]);
    expect(world.told('rollout-stopped')).toMatchObject([{ remedy, clusters: ['a'] }]);
  });

  test('during its first look asks nobody whether to go on', async () => {
    const world = new World(['a']);
    world.said.push({ kind: 'abort', ...SAID });
    let asked = 0;
    const confirm = async () => {
      asked += 1;
      return true;
    };
    const result = await world.rollOut('order: name', { confirm });
    expect([asked, world.begun, result.wasAborted]).toEqual([0, [], true]);
  });

  test('during the look after a soak looks at no other cluster', async () => {
    const world = new World(['a', 'b', 'c']);
    const looked: string[] = [];
    world.onLookAgain = (name) => {
      looked.push(name);
      world.said.push({ kind: 'abort', ...SAID });
      return undefined;
    };
    await world.rollOut('waves: [{ name: canary, clusters: [a, b], soak: 1h }, { name: rest }]', { sideBySide: 1 });
    expect(looked).toEqual(['a']);
    expect(world.told('wave-settled')).toEqual([]);
  });

  test('finishes what is in hand, begins nothing more, looks at nothing after a soak, and says what was not started', async () => {
    const world = new World(['a', 'b', 'c'], {
      a: () => {
        world.said.push({ kind: 'abort', ...SAID, reason: 'a fire' });
        return good('a');
      },
    });
    world.onLookAgain = () => 'changed';
    const result = await world.rollOut(
      'waves: [{ name: canary, clusters: a, soak: 1h }, { name: rest, approval: manual }]',
    );
    expect(world.begun).toEqual(['a']);
    expect(world.told('wave-settled')).toEqual([]);
    expect(world.told('wave-waiting')).toEqual([]);
    expect(world.told('rollout-stopped')).toEqual([
      {
        type: 'rollout-stopped',
        play: 'Renew',
        reason: 'aborted by ops@admin: a fire',
        remedy: 'the same command does what is left',
        clusters: ['b', 'c'],
      },
    ]);
    expect(result.wasAborted).toBe(true);
    expect(result.failed).toEqual([]);
    expect(result.hosts.map(({ host, state }) => `${host} ${state}`)).toEqual([
      'a-m1 changed',
      'b-m1 unchanged',
      'c-m1 unchanged',
    ]);
  });

  test('in the midst of a soak ends that without a look', async () => {
    const world = new World(['a', 'b']);
    const looked: string[] = [];
    world.onLookAgain = (name) => void looked.push(name) as undefined;
    world.onWait = async ({ until }) => {
      if (until !== undefined) world.said.push({ kind: 'abort', ...SAID });
    };
    const result = await world.rollOut('waves: [{ name: canary, clusters: a, soak: 1h }, { name: rest }]');
    expect(looked).toEqual([]);
    expect(result.wasAborted).toBe(true);
  });

  test('when every cluster has ended has come to its end', async () => {
    const world = new World(['a'], {
      a: () => {
        world.said.push({ kind: 'abort', ...SAID });
        return good('a');
      },
    });
    const result = await world.rollOut('order: name');
    expect(world.told('run-aborted').length).toBe(1);
    expect(world.told('rollout-stopped')).toEqual([]);
    expect(result.wasAborted).toBeUndefined();
  });
});

describe('a soak', () => {
  test('looks at as many clusters at the same time as are worked on', async () => {
    const world = new World(['a', 'b', 'c', 'd']);
    let now = 0;
    let most = 0;
    world.lookAgain = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return undefined;
    };
    await world.rollOut('waves: [{ name: canary, soak: 1h }]', { sideBySide: 3 });
    expect(most).toBe(3);
    expect(world.told('wave-settled')[0]?.clusters).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('windows that are waited for', () => {
  test('are not asked again for every cluster each time that one ends', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `c${String(index).padStart(2, '0')}`);
    const world = new World(names);
    const isOpen = (name: string): boolean => Number(name.slice(1)) % 2 === 0;
    let isDay = false;
    let asked = 0;
    const waitsFor: ClusterTiming = {
      whenShut: { kind: 'left', remedy: 'leave it alone' },
      ask: (name) => {
        asked += 1;
        return isOpen(name) || isDay ? undefined : OPENS_LATER;
      },
    };
    const wait = world.onWait;
    world.onWait = async (wake) => {
      await wait(wake);
      if (world.now() >= Date.parse(OPENS_LATER.opens)) isDay = true;
    };
    await world.rollOut('order: name', { awaitedWindows: waitsFor, sideBySide: 2 });
    expect(world.begun.length).toBe(60);
    expect(world.begun.slice(0, 30).every(isOpen)).toBe(true);
    // Each is asked when it is begun, those that are shut once before; not each of the others at each end.
    expect(asked).toBeLessThan(60 * 4);
  });

  test('are waited for as workers tell them: a cluster is tried, and tried again when its worker said that it opens', async () => {
    const MINUTE = 60_000;
    const at = (minutes: number): string => new Date(minutes * MINUTE).toISOString();
    /** What its worker says when it is tried, one after another. */
    const says: Record<string, (string | undefined)[]> = { a: [at(10), at(30)], b: [], never: [undefined] };
    const tried: string[] = [];
    const answer = (name: string) => (): ClusterRun => {
      tried.push(`${name} ${world.now() / MINUTE}`);
      const own = says[name] ?? [];
      if (own.length === 0) return good(name);
      windows.markShut(name, own.shift());
      return shut(name, 'left');
    };
    const world = new World(['a', 'b', 'never'], { a: answer('a'), b: answer('b'), never: answer('never') });
    const windows = new ReportedWindows(() => world.now());
    const result = await world.rollOut('order: name', { awaitedWindows: windows, sideBySide: 3 });
    expect(tried).toEqual(['a 0', 'b 0', 'never 0', 'a 10', 'a 30']);
    expect(world.told('window-waiting').map(({ clusters, opens }) => [clusters, opens])).toEqual([
      [['a'], at(10)],
      [['a'], at(30)],
    ]);
    expect(result.refused).toEqual(['never-m1']);
    expect(result.left).toEqual([]);
  });

  test('are not asked again at once where the clock of a worker is behind', () => {
    let now = 1_000_000;
    const windows = new ReportedWindows(() => now);
    windows.markShut('a', new Date(now - 5_000).toISOString());
    expect(windows.ask('a')).toEqual({ state: 'shut', opens: new Date(now + 10_000).toISOString() });
    now += 10_000;
    expect(windows.ask('a')).toEqual({ state: 'open' });
    expect(windows.ask('b')).toBeUndefined();
  });
});
