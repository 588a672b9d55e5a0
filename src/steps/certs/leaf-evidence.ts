import type { JsonObject } from '../../core/json.ts';
import type { Certificate } from '../../pki/certificate.ts';

/** A certificate for the journal, and the one that it replaced. */
export function leafEvidence(name: string, certificate: Certificate, old: Certificate | undefined): JsonObject {
  return {
    name,
    serial: certificate.serial,
    ends: new Date(certificate.notAfter).toISOString(),
    ...(old && { replaced: old.serial }),
  };
}
