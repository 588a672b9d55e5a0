import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import { HOST_PATH_PATTERN } from '../../core/host-path.ts';
import type { JsonObject } from '../../core/json.ts';
import { nameList } from '../../core/name-list.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { defineStep, type PlanContext, type Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { apiCertificates } from '../../facts/api/api-certificates.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { consumers } from '../../facts/certificates/consumers.ts';
import { givenKubeconfigs } from '../../facts/certificates/given-kubeconfigs.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type Served, served } from '../../facts/certificates/served.ts';
import { lostRunScript } from '../../facts/host/lost-run-script.ts';
import { system } from '../../facts/host/system.ts';
import { type Assessment, assess, assessKubelet, conditionByTime } from '../../kubeadm/certificates/due.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { Authority, Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { guessedPorts, servingPorts } from '../../kubeadm/restarts/restart.ts';
import { PAIRS } from '../../kubeadm/table.ts';
import { administratorWarnings } from '../cluster/cluster-proof.ts';
import { clockRefusal } from '../gates/host-gate.ts';
import { BECOME_ROOT } from '../gates/sees-all.ts';
import { confAsideWarnings, rotationWarnings, servingWarnings } from '../kubelet/kubelet-serving.ts';
import { accessWarnings } from './access-warnings.ts';
import { authorityWarnings, lostAuthority } from './authority-ends.ts';
import { bundleRows, requestWarnings, unaskedReason } from './ca-bundles.ts';
import {
  bundleRow,
  contentColumns,
  endColumns,
  givenRow,
  identityColumns,
  trustRow,
  UNDECIDABLE,
} from './check-rows.ts';
import { consumerWarnings } from './consumer-warnings.ts';
import { contextWarnings } from './context-warnings.ts';
import { describeHost } from './describe-host.ts';
import { absentPaths, givenRows, givenWarnings, homeRows, unreadableKubeconfigs } from './given-kubeconfigs.ts';
import { trustRows, trustWarnings } from './kubeconfig-authorities.ts';
import { lostRunWarnings } from './lost-run-warnings.ts';
import { missingManifestWarnings } from './missing-manifests.ts';
import { emptyWarnings, othersWarning } from './others-warnings.ts';
import { type CertificateView, certificateFacts, certificateView, SHARED } from './parameters.ts';
import { serverNameWarnings } from './server-name-warnings.ts';
import { sniRows } from './sni-rows.ts';
import { topologyWarnings } from './topology.ts';

const schema = {
  type: 'object',
  properties: {
    ...SHARED,
    kubeconfigs: {
      type: 'array',
      items: { type: 'string', pattern: HOST_PATH_PATTERN },
      default: [],
      description:
        'paths of other kubeconfigs on the host whose certificates are checked as well; missing files are ignored',
      'x-default-variable': 'kubeconfig_paths',
    },
    api: {
      type: 'boolean',
      default: false,
      description:
        'masters also ask their API for the CAs in webhooks, API services and conversions, and for pending kubelet requests',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'certs.check',
  summary: 'check every certificate of the host: on disk, and as served on its ports',
  details:
    'Only reads. Reports each leaf certificate, the CAs, and the kubelet’s own, and which are due by the rule that all ' +
    'certificate steps share. `register` gets the list, and the numbers `due` and `expired`. Kubeconfigs in `kubeconfigs` ' +
    'are reported as well; renewals do not change them.',
  schema,
  examples: [{ title: 'What expires within sixty days', task: 'certs.check: { renew_before: 60d }' }],
  readsPeers: true,
  needs: (params, known, host) => [
    ...certificateFacts(params),
    system,
    consumers,
    lostRunScript,
    ...(params.kubeconfigs.length > 0 ? [givenKubeconfigs(params.kubeconfigs)] : []),
    ...portFacts(known, host.address),
    ...(isWorker(known) ? [] : [nodes, ...(params.api ? [apiCertificates] : [])]),
  ],
  describeHost: (_params, world) => describeHost(world),
  plan(params, world, context) {
    const view = certificateView(params, world, context);
    const given = params.kubeconfigs.length > 0 ? world.get(givenKubeconfigs(params.kubeconfigs)) : [];
    const hidden = mergeHidden(view.host.hidden, unreadableKubeconfigs(given));
    const api = params.api ? world.find(apiCertificates) : undefined;
    const rows = [
      ...checkRows(view, world),
      ...sniRows(view),
      ...[...homeRows(view, given), ...givenRows(given, view.host, view.rule)].map((row) => givenRow(row, view)),
      ...(api ? bundleRows(api, view.host, view.rule) : []).map((row) => bundleRow(row, view)),
    ];
    const trust = trustRows(view, given);
    const due = rows.filter((row) => row['due'] === true).length;
    const expired = rows.filter((row) => row['condition'] === 'expired').length;
    const result = {
      renew_before: params.renew_before,
      not_readable: hidden ? { ...hidden } : null,
      due,
      expired,
      certificates: rows,
      skipped: skippedCertificates(view.host),
      authorities: view.host.authorities.flatMap((authority) => authorityRow(authority, view)),
      kubeconfig_authorities: trust.map((row) => trustRow(row, view)),
      kubeconfigs_absent: absentPaths(given),
      api_not_asked: api ? unaskedReason(api) : null,
    };
    const warnings = [
      ...clockWarnings(world, context),
      ...lostRunWarnings(world),
      ...confAsideWarnings(view.host),
      ...missingManifestWarnings(view.host),
      ...contextWarnings(view.host),
      ...serverNameWarnings(view.host, view.rule),
      ...authorityWarnings(view.host, view.rule),
      ...consumerWarnings(view.host, world.get(consumers), view.homes, view.rule),
      ...externalWarnings(view),
      ...emptyWarnings(view.host),
      ...servingWarnings(view.host, { ...view.rule, renewBefore: { all: false, milliseconds: 0 } }),
      ...rotationWarnings(view.host, view.rule),
      ...hiddenWarnings(hidden),
      ...topologyWarnings(world, context),
      ...accessWarnings(view.host, world.get(system).uid),
      ...administratorWarnings(world),
      ...givenWarnings(given),
      ...trustWarnings(trust, view.host),
      ...(api ? requestWarnings(api) : []),
    ];
    return {
      action: 'none',
      reason: summarise(rows.length, due, expired, { ...view, hidden }, context),
      result,
      warnings,
    };
  },
};

export const certsCheck = defineStep(step);

/** What could not be read, and as which user; undefined if everything could be read. */
type Hidden = KubeadmHost['hidden'];

/** Both were read in the same session. */
function mergeHidden(own: Hidden, given: Hidden): Hidden {
  return own && given ? { user: own.user, paths: [...own.paths, ...given.paths] } : (own ?? given);
}

function hiddenWarnings(hidden: Hidden): readonly PlanWarning[] {
  if (!hidden) return [];
  return [{ message: `not readable as ${hidden.user}: ${nameList(hidden.paths, 4)}`, remedy: BECOME_ROOT }];
}

/** All conditions are judged by this machine's clock; the host's own programs judge by that of the host. */
function clockWarnings(world: World, context: PlanContext): readonly PlanWarning[] {
  const refusal = clockRefusal(world.get(system), context);
  if (!refusal) return [];
  const { reason, remedy } = refusal;
  return [{ message: `${reason}: what is shown as good may be expired or not yet valid there`, remedy }];
}

/** Workers may not list nodes. */
function isWorker(known: World): boolean {
  return known.has(kubernetesFiles) && known.get(kubernetesFiles).role === 'worker';
}

function summarise(
  all: number,
  due: number,
  expired: number,
  { hidden, ...view }: CertificateView & { readonly hidden: Hidden },
  context: PlanContext,
): string {
  const certificates = count(all, 'certificate');
  if (hidden) {
    const paths = count(hidden.paths.length, 'file or directory', 'files and directories');
    return `${certificates}, ${paths} not readable as ${hidden.user}`;
  }
  if (all === 0) return 'no kubeadm certificates on this host';
  const external =
    view.host.etcd === 'external' ? '; etcd is external: its certificates are renewed where it runs' : '';
  if (due > 0) return `${certificates}, ${expired} expired, ${due} due${external}`;
  const ends = view.host.credentials.flatMap(({ kind, holding }) =>
    kind === 'kubelet' ? [] : (leafOf(holding)?.notAfter ?? []),
  );
  const soonest = Math.min(...ends);
  if (!Number.isFinite(soonest)) return `${certificates}, none due${external}`;
  return `${certificates}, none due; the first expires in ${formatDuration(soonest - context.now.getTime())}${external}`;
}

/** Certificates of kubeadm's table that this host does not have, and why. */
function skippedCertificates(host: KubeadmHost): readonly JsonObject[] {
  if (host.etcd !== 'external') return [];
  const present = new Set(host.credentials.map(({ name }) => name));
  return PAIRS.filter(({ name, stackedEtcd }) => stackedEtcd && !present.has(name)).map(({ name }) => ({
    name,
    reason: 'etcd is external: it is renewed where etcd runs',
  }));
}

/** Warnings about certificates that others have to renew. */
function externalWarnings({ host, rule }: CertificateView): readonly PlanWarning[] {
  return host.credentials
    .filter((credential) => {
      if (credential.isOthers) return assess(credential, rule).condition !== 'good';
      return credential.signedElsewhere && assess(credential, { ...rule, elsewhere: true }).due;
    })
    .map((credential) => othersWarning(credential, rule));
}

/** The facts about served certificates: guessed ports at first, the real ones once the manifests are known. */
function portFacts(known: World, address: string | undefined) {
  const ports = known.has(kubernetesFiles) ? servingPorts(known.get(kubernetesFiles)) : guessedPorts(address);
  return ports.map((port) => served(port.address, port.port));
}

function checkRows(view: CertificateView, world: World): readonly JsonObject[] {
  const ports = new Map(
    servingPorts(view.host).map((port) => [port.credential, world.get(served(port.address, port.port))]),
  );
  return view.host.credentials.map((credential) => {
    const judge = credential.kind === 'kubelet' ? assessKubelet : assess;
    return credentialRow(credential, judge(credential, view.rule), ports.get(credential.name), view);
  });
}

function credentialRow(
  credential: Credential,
  assessment: Assessment,
  port: Served | undefined,
  view: CertificateView,
): JsonObject {
  const certificate = leafOf(credential.holding);
  return {
    name: credential.name,
    path: credential.certificatePath,
    ...endColumns(certificate, view),
    condition: assessment.condition,
    due: UNDECIDABLE.has(assessment.condition) ? null : assessment.due,
    reason: assessment.reason,
    served:
      credential.holding.state === 'hidden' && port?.state === 'serving'
        ? 'unknown'
        : servedText(port, certificate?.fingerprint, view),
    served_ends: port?.state === 'serving' ? new Date(port.certificate.notAfter).toISOString() : null,
    authority: credential.signedByAuthority === true ? credential.authority : (certificate?.issuer.commonName ?? null),
    ...contentColumns(certificate),
    ...(credential.selfSigned && { self_signed: true }),
  };
}

function servedText(port: Served | undefined, onDisk: string | undefined, view: CertificateView): string | null {
  switch (port?.state) {
    case undefined:
      return null;
    case 'not up':
      return 'not up';
    case 'cannot ask':
      return 'unknown';
    case 'planned':
      return 'good';
    case 'serving': {
      if (port.certificate.notAfter < view.rule.now.getTime()) return 'expired';
      return port.certificate.fingerprint === onDisk ? 'good' : 'old one';
    }
  }
}

function authorityRow(authority: Authority, view: CertificateView): readonly JsonObject[] {
  const { name, certificate, certificatePath, key } = authority;
  const condition = certificate ? conditionByTime(certificate, view.rule) : lostAuthority(view.host, authority);
  if (condition === undefined) return [];
  return [
    { name, path: certificatePath, ...endColumns(certificate, view), condition, key, ...identityColumns(certificate) },
  ];
}
