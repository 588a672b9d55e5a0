import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { type Certificate, readCertificate } from '../../pki/certificate.ts';

/** The certificate that a port of the host currently serves. */
export type Served =
  | { readonly state: 'serving'; readonly certificate: Certificate }
  /** `isLate`: the answer did not come in time, so it may be up. */
  | { readonly state: 'not up'; readonly reason: string; readonly isLate?: true }
  /** After a planned restart it will serve the certificate on disk. */
  | { readonly state: 'planned' }
  | { readonly state: 'cannot ask'; readonly reason: string };

interface ServedParams {
  readonly [key: string]: string | number;
  readonly address: string;
  readonly port: number;
}

const servedFact: Fact<ServedParams, Served> = {
  name: 'served',
  summary: 'the certificate that a port serves',
  probe: ({ address, port }) => ({ dials: [{ kind: 'tls', address, port }] }),
  parse({ dials: [outcome] }) {
    if (!outcome || outcome.kind === 'http' || outcome.kind === 'open')
      return { state: 'cannot ask', reason: 'it was not queried' };
    if (outcome.kind === 'unavailable') return { state: 'cannot ask', reason: outcome.reason };
    if (outcome.kind === 'closed')
      return { state: 'not up', reason: outcome.reason, ...(outcome.isLate && { isLate: true }) };
    const [leaf] = outcome.chain;
    if (!leaf) return { state: 'not up', reason: 'it presents no certificate' };
    try {
      return { state: 'serving', certificate: readCertificate(leaf) };
    } catch (error) {
      return {
        state: 'not up',
        reason: `its certificate cannot be read: ${error instanceof Error ? error.message : error}`,
      };
    }
  },
};

/** The certificate that `address:port` serves, seen from the host itself. */
export function served(address: string, port: number): FactRef<Served> {
  return factRef(servedFact, { address, port });
}
