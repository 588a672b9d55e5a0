import { type Fact, type FactRef, factRef } from '../../core/fact.ts';

interface PortParams {
  readonly [key: string]: string | number;
  readonly address: string;
  readonly port: number;
}

const portFact: Fact<PortParams, boolean> = {
  name: 'open_port',
  summary: 'whether a TCP port is open',
  probe: ({ address, port }) => ({ dials: [{ kind: 'tcp', address, port }] }),
  parse: ({ dials: [outcome] }) => outcome?.kind === 'open',
};

/** Whether `address:port` is open, as seen from the host. */
export function openPort(address: string, port: number): FactRef<boolean> {
  return factRef(portFact, { address, port });
}
