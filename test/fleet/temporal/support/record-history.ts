import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { workflowIdOf } from '../../../../src/fleet/temporal/orders.ts';
import { HISTORIES, plainHistory } from './histories.ts';

/** Writes down what a Temporal server keeps of a rollout, for later versions, without what it says of this machine. */
export async function recordHistory(
  address: string,
  runId: string,
  name: string,
  ours: Readonly<Record<string, string>>,
): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    const history = await new Client({ connection }).workflow.getHandle(workflowIdOf(runId)).fetchHistory();
    const plain = (text: string): string =>
      Object.entries({ ...ours, [`${userInfo().username}@${hostname()}`]: 'operator@controller' }).reduce(
        (all, [from, to]) => all.replaceAll(from, to),
        text,
      );
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
