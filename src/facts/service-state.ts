import { type Fact, FactError, type FactRef, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';

export interface ServiceState {
  readonly exists: boolean;
  readonly running: boolean;
  readonly enabled: boolean;
}

const serviceFact: Fact<{ readonly name: string }, ServiceState> = {
  name: 'service_state',
  summary: 'whether a service runs and is enabled',
  probe: ({ name }) => ({
    script: sh`s=$(tool systemctl) || { echo 'the host has no systemctl' >&2; exit 1; }
"$s" show --property=LoadState,ActiveState,UnitFileState ${name}
`,
  }),
  parse({ stdout, stderr, exitCode }) {
    if (exitCode !== 0) throw new FactError(stderr.trim() || 'systemctl failed', 'the service step needs systemd');
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
    return {
      exists: value('LoadState') === 'loaded',
      running: ['active', 'activating', 'reloading'].includes(value('ActiveState')),
      enabled: value('UnitFileState').startsWith('enabled'),
    };
  },
};

/** A service of systemd's. */
export function serviceState(name: string): FactRef<ServiceState> {
  return factRef(serviceFact, { name });
}
