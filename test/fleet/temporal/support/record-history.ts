import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { workflowIdOf } from '../../../../src/fleet/temporal/orders.ts';
import { RunStore } from '../../../../src/journal/run-store.ts';
import { PROJECT } from '../../../cli/support/bundled-program.ts';
import { HISTORIES, plainHistory } from './histories.ts';
import type { RolloutSite } from './rollout-site.ts';
import type { TemporalServer } from './temporal-server.ts';

/** So many characters a name of an account or a machine has at least, before it is looked for in a text. */
const SAYS_SOMETHING = 4;

/**
 * Writes down what a Temporal server keeps of the first run of a state directory, for `test/fleet/temporal-replay.long.test.ts`, without
 * what it says of this machine: as KPLAY_RECORD_HISTORY says, once a version; without it nothing.
 */
export async function recordHistory(state: string, server: TemporalServer, site: RolloutSite): Promise<void> {
  const name = process.env['KPLAY_RECORD_HISTORY'];
  const [runId] = new RunStore(join(site.stateAt(state), 'runs')).ids();
  if (name === undefined || runId === undefined) return;
  const ours = {
    [site.controller.directory]: '/home/operator',
    [PROJECT]: '/usr/lib/kplay/',
    [server.address]: 'temporal.example.com:7233',
    [`${userInfo().username}@${hostname()}`]: 'operator@controller',
    ...(hostname().length >= SAYS_SOMETHING && { [hostname()]: 'controller' }),
  };
  const connection = await Connection.connect({ address: server.address });
  try {
    const history = await new Client({ connection }).workflow.getHandle(workflowIdOf(runId)).fetchHistory();
    const plain = (text: string): string =>
      Object.entries(ours).reduce((all, [from, to]) => all.replaceAll(from, to), text);
    const text = JSON.stringify(withoutUs(plainHistory(history), plain), null, 1);
    mkdirSync(HISTORIES, { recursive: true });
    writeFileSync(join(HISTORIES, `${name}.json`), `${plain(text)}\n`);
  } finally {
    await connection.close();
  }
}

/** The payloads are JSON in base64. */
function withoutUs(value: unknown, plain: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutUs(one, plain));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, own]) => {
      if (key === 'identity') return [key, 'worker'];
      if (key === 'data' && typeof own === 'string')
        return [key, Buffer.from(plain(Buffer.from(own, 'base64').toString('utf8'))).toString('base64')];
      return [key, withoutUs(own, plain)];
    }),
  );
}
