import { describe, expect, test } from 'vitest';
import type { ServiceState } from '../../src/facts/processes/service-state.ts';
import { afterTask, begin, observed, planOf } from './support/planning.ts';

const RUNNING: ServiceState = { exists: true, running: true, enabled: true };
const STOPPED: ServiceState = { ...RUNNING, running: false };

/** The plan of a service behind one that is brought to another state. */
function planBehind(first: string, name: string, services: Readonly<Record<string, ServiceState>>) {
  const [one, other] = [
    { step: 'service', params: { name: 'one', state: first } },
    { step: 'service', params: { name, state: 'started' } },
  ];
  const host = { ...begin({}), answers: (ref: { params?: unknown; key: string }) => named(services, ref.key) };
  const plan = planOf(other, afterTask(one, observed(other, observed(one, host))));
  return plan.action;
}

function named(services: Readonly<Record<string, ServiceState>>, key: string): ServiceState {
  const found = Object.entries(services).find(([name]) => key.includes(`"${name}"`));
  if (!found) throw new Error(`the host is asked for ${key}`);
  return found[1];
}

describe('a service behind another', () => {
  test.each<[what: string, first: string, one: Partial<ServiceState>, other: Partial<ServiceState>, plan: string]>([
    ['that has nothing to do with it', 'stopped', { running: true }, { running: true }, 'none'],
    ['that it stops with', 'stopped', { running: true, stops: ['other.service'] }, { running: true }, 'unknown'],
    ['that is stopped already', 'stopped', { running: false, stops: ['other.service'] }, { running: true }, 'none'],
    ['that it starts with', 'started', { running: false, starts: ['other.service'] }, { running: false }, 'unknown'],
    ['that runs already', 'started', { running: false, starts: ['other.service'] }, { running: true }, 'none'],
    [
      'that must not run with it',
      'started',
      { running: false, conflicts: ['other.service'] },
      { running: true },
      'unknown',
    ],
    [
      'that starts when it restarts',
      'restarted',
      { running: true, starts: ['other.service'] },
      { running: false },
      'unknown',
    ],
    [
      'that its end stops',
      'started',
      { running: false, isJob: true, stops: ['other.service'] },
      { running: true },
      'unknown',
    ],
    [
      'that it does not reach by a reload',
      'reloaded',
      { running: true, starts: ['other.service'] },
      { running: false },
      'change',
    ],
    ['that it restarts with', 'restarted', { running: true, stops: ['other.service'] }, { running: true }, 'none'],
    [
      'that is the same by another name',
      'stopped',
      { running: true, id: 'x.service' },
      { running: true, id: 'x.service' },
      'change',
    ],
  ])('%s', (_what, first, one, other, plan) => {
    expect(planBehind(first, 'other', { one: { ...STOPPED, ...one }, other: { ...STOPPED, ...other } })).toBe(plan);
  });

  test('that is a socket it starts with', () => {
    const one = { ...STOPPED, starts: ['one.socket'] };
    expect(planBehind('started', 'one.socket', { 'one.socket': STOPPED, one })).toBe('unknown');
  });

  test('that is the same with .service behind its name', () => {
    expect(planBehind('started', 'one.service', { one: STOPPED, 'one.service': STOPPED })).toBe('none');
  });
});
