import type { JsonObject } from '../../core/json.ts';
import type { Condition } from '../../kubeadm/certificates/condition.ts';
import { conditionByTime } from '../../kubeadm/certificates/due.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { ServerCertificate } from '../../kubeadm/host/model.ts';
import { SNI_FLAG } from '../../kubeadm/host/static-pod.ts';
import { contentColumns, endColumns, UNDECIDABLE } from './check-rows.ts';
import type { CertificateView } from './parameters.ts';

const REMEDY = 'kplay does not renew it: get a new one from its issuer, and replace the file';

/** Rows for the certificates that the API server serves under other names: `flag` distinguishes them, and they are never due. */
export function sniRows(view: CertificateView): readonly JsonObject[] {
  return view.host.sniCertificates.map((named) => {
    const certificate = leafOf(named.holding);
    const condition = conditionOf(named, view);
    return {
      name: named.path,
      path: named.path,
      ...endColumns(certificate, view),
      condition,
      due: UNDECIDABLE.has(condition) ? null : false,
      reason: condition === 'good' ? 'good' : `${condition}; ${REMEDY}`,
      served: null,
      served_ends: null,
      authority: named.authority ?? certificate?.issuer.commonName ?? null,
      ...contentColumns(certificate),
      flag: SNI_FLAG,
    };
  });
}

function conditionOf({ holding }: ServerCertificate, { rule }: CertificateView): Condition {
  if (holding.state === 'present') return conditionByTime(holding.certificate, rule);
  return holding.state === 'hidden' ? 'not readable' : 'unreadable';
}
