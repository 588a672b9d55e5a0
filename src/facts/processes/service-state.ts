import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';

export interface ServiceState {
  /** Why systemd tells nothing: it is not installed or not running. The other fields are then false. */
  readonly problem?: string;
  readonly exists: boolean;
  readonly running: boolean;
  readonly enabled: boolean;
}

const serviceFact: Fact<{ readonly name: string }, ServiceState> = {
  name: 'service_state',
  summary: 'whether a service runs and is enabled',
  probe: ({ name }) => ({
    script: sh`s=$(tool systemctl) || { echo 'there is no systemctl on the host' >&2; exit 1; }
"$s" show --property=LoadState,ActiveState,UnitFileState ${name}
`,
  }),
  parse({ stdout, stderr, exitCode }) {
    if (exitCode !== 0) {
      const problem = stderr.trim().split('\n').at(-1) || `systemctl ended with ${exitCode}`;
      return { problem, exists: false, running: false, enabled: false };
    }
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
    return {
      exists: value('LoadState') === 'loaded',
      running: ['active', 'activating', 'reloading'].includes(value('ActiveState')),
      enabled: value('UnitFileState').startsWith('enabled'),
    };
  },
};

/** A systemd service. */
export function serviceState(name: string): FactRef<ServiceState> {
  return factRef(serviceFact, { name });
}
