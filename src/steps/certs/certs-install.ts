import type { Change } from '../../core/plan.ts';
import { hereDocument, joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { defineStep, type Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { backups } from '../../facts/backups/backups.ts';
import { homeKubeconfigs } from '../../facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { pendingRequests } from '../../facts/certificates/pending-requests.ts';
import { system } from '../../facts/host/system.ts';
import { notBackedUp, pendingLeaves } from '../../kubeadm/certificates/pending.ts';
import { type PendingRequest, requestKeyPath } from '../../kubeadm/certificates/pending-request.ts';
import { signedRemarks } from '../../kubeadm/certificates/signed-leaf.ts';
import { renewed } from '../../kubeadm/certificates/transition.ts';
import { rebuildSettings, UNKNOWN_VERSION } from '../../kubeadm/cluster/cluster-settings.ts';
import { isFromScratch, kubeconfigServer } from '../../kubeadm/cluster/kubeconfig-server.ts';
import type { EndpointSources } from '../../kubeadm/cluster/shared-endpoint.ts';
import { confRemarks } from '../../kubeadm/host/kubelet-files.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { oldLeafOf, replacedLinks } from '../../kubeadm/pattern.ts';
import { certificatePem } from '../../pki/certificate.ts';
import { isoDate } from '../../pki/time.ts';
import { backupRefusal, savedFiles } from '../gates/backup-gate.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { separateKeyRefusal } from '../gates/kubelet-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { COMPOSE_FUNCTIONS } from '../kubeconfig/compose-kubeconfig.ts';
import { homeAfter, homeChange } from '../kubeconfig/home-changes.ts';
import { homeWarnings } from '../kubeconfig/home-warnings.ts';
import { placeHomes } from '../kubeconfig/place-homes.ts';
import { placeFunctions } from '../placing/place-functions.ts';
import { placeLeaves } from '../placing/placing.ts';
import { closeStage, openStage, stagedCertificate, stagedKey, stagingArea } from '../placing/staging.ts';
import { beginChange } from '../placing/when-lost.ts';
import { endpointSources } from './endpoint-sources.ts';
import { installationOf, type Placing, SIGNED, type SignedParams, signedRefusal } from './installation.ts';
import { leafEvidence } from './leaf-evidence.ts';
import { certificateFacts, SHARED, type SharedParams } from './parameters.ts';

const schema = {
  type: 'object',
  properties: { ...SIGNED, backup_to: SHARED.backup_to, users: SHARED.users },
  required: ['certificates'],
  additionalProperties: false,
} as const;

type Params = SignedParams & Pick<SharedParams, 'backup_to' | 'users'>;

const step: Step<Params> = {
  name: 'certs.install',
  summary: 'check signed certificates, and install them with the keys that are waiting for them',
  details:
    'Each certificate is checked against the key that certs.request has left on the host (its public half), the host’s ' +
    'own CA file (through the intermediate certificates that follow in the file, which are kept), and the old ' +
    'certificate: CN, O, every SAN, usages, dates. All problems are reported at once, and as long as there is one, no host is ' +
    'changed. Key and certificate are renamed into place, or put into their kubeconfig; users’ copies of admin.conf ' +
    'are updated. Certificates that are already in place are left alone.',
  schema,
  examples: [
    {
      title: 'One certificate of one master',
      task:
        'certs.install:\n  from: signed\n  certificates:\n    m1:\n      apiserver.crt: |\n' +
        '        -----BEGIN CERTIFICATE-----\n        MII…\n        -----END CERTIFICATE-----',
    },
  ],
  readsPeers: true,
  needs: (params) => [...certificateFacts(params), pendingRequests, system],
  plan(params, world, context) {
    const { name } = context.host;
    const installation = installationOf(params, name, world);
    // Due dates do not matter here: a certificate signed since the run began is as good as an earlier one.
    const refusal = signedRefusal(params, name, world, context.peers, context.observedAt(kubernetesFiles));
    if (refusal) return refusal;
    const { placings, inPlace, pending } = installation;
    const changes: readonly Change[] = [
      ...placings.map((placing) =>
        placingChange(
          placing,
          world.get(kubernetesFiles),
          serverIn(placing, world.get(kubernetesFiles), context.peers),
        ),
      ),
      ...pending.homes.map(homeChange),
    ];
    const [first, ...rest] = changes;
    if (!first) return { action: 'none', reason: idleReason(params, inPlace) };
    const host = world.get(kubernetesFiles);
    const hostBackups = world.get(backups(params.backup_to));
    const gate =
      hostRefusal(world, context, pendingLeaves(pending)) ??
      separateKeyRefusal(pending.kubelet) ??
      backupRefusal(notBackedUp(pending, host, savedFiles(hostBackups)));
    if (gate) return gate;
    const homes = homeKubeconfigs(params.users);
    const warnings = homeWarnings(host, world.get(homes));
    const ends = new Map(placings.map(({ signed }) => [signed.name, signed.certificate.notAfter]));
    const leaves = new Map(
      placings.map(({ signed: { name: of, certificate, chain } }) => [of, { ...certificate, chain }]),
    );
    const after = world.set(kubernetesFiles, renewed(host, ends, leaves)).set(
      homes,
      world.get(homes).map((home) => homeAfter(home, pending.homes)),
    );
    return {
      action: 'change',
      changes: [first, ...rest],
      after,
      isComplete: true,
      ...(warnings.length > 0 && { warnings }),
    };
  },
  async apply(context, params, { world, planContext }) {
    const host = world.get(kubernetesFiles);
    const { placings, pending } = installationOf(params, planContext.host.name, world);
    const waiting = world.get(pendingRequests);
    const stage = stagingArea(context, host);
    await beginChange(context, host, world.get(backups(params.backup_to)), pending);
    try {
      await context.run(sh`set -eu
${openStage()}
${placeFunctions(host.untouchable)}
${COMPOSE_FUNCTIONS}
unchanged() { echo "$2  $R$1" | sha256sum -c - >/dev/null 2>&1 || { error "$1 has changed since it was read"; exit 1; }; }
${joinScripts(placings.map((placing) => stageOne(placing, waiting)))}
${placeAll(placings, host, endpointSources(host, planContext.peers.values()))}
${placeHomes(pending.homes)}
`);
    } finally {
      await closeStage(stage);
    }
    await context.whenLost(undefined);
    const certificates = placings.map(({ signed: { name, certificate }, credential }) =>
      leafEvidence(name, certificate, oldLeafOf(credential)),
    );
    return { evidence: { certificates } };
  },
};

export const certsInstall = defineStep(refuseWhenHidden(step));

function idleReason({ from }: SignedParams, inPlace: number): string {
  if (inPlace === 0) return `${from} has no certificates for it`;
  return inPlace === 1
    ? `the certificate in ${from} is in place`
    : `the ${inPlace} certificates in ${from} are in place`;
}

/** The key stays where it is pending until everything is proven, so that a restored host can try again. */
function stageOne({ signed: { name, certificate, chain } }: Placing, waiting: readonly PendingRequest[]): ShellScript {
  const key = waiting.find((request) => request.name === name)?.keyFile;
  if (!key) throw new Error(`no key waits for ${name}`);
  const pem = [certificate, ...chain].map(certificatePem).join('');
  return sh`unchanged ${requestKeyPath(name)} ${key.sha256}
cp "$R"${requestKeyPath(name)} ${stagedKey(name)}
${hereDocument(sh`cat >${stagedCertificate(name)}`, pem)}`;
}

function placeAll(placings: readonly Placing[], host: KubeadmHost, sources: EndpointSources): ShellScript {
  const settings = rebuildSettings(host, UNKNOWN_VERSION, sources);
  const leaves = placings.map(({ signed, credential }) => {
    return { credential, identity: { commonName: signed.certificate.subject.commonName ?? '' } };
  });
  return placeLeaves(leaves, host, 'missing' in settings ? undefined : settings);
}

/** The server of a kubeconfig that is written from scratch. */
function serverIn({ credential }: Placing, host: KubeadmHost, peers: ReadonlyMap<string, World>): string | undefined {
  const settings =
    isFromScratch(credential) && rebuildSettings(host, UNKNOWN_VERSION, endpointSources(host, peers.values()));
  return settings && !('missing' in settings) ? kubeconfigServer(credential, settings) : undefined;
}

function placingChange({ signed, credential }: Placing, host: KubeadmHost, server: string | undefined): Change {
  const { certificate } = signed;
  const replaced = oldLeafOf(credential);
  const names = certificate.dnsNames.length + certificate.ipAddresses.length + certificate.otherNames.length;
  const old = replaced ? `${isoDate(replaced.notAfter)} → ` : '';
  const details = [...signedRemarks(signed, credential), ...(credential.kind === 'kubelet' ? confRemarks(host) : [])];
  return {
    kind: credential.files.length > 0 ? 'update' : 'create',
    target: credential.name,
    before: replaced ? { ends: new Date(replaced.notAfter).toISOString(), serial: replaced.serial } : null,
    after: {
      ends: new Date(certificate.notAfter).toISOString(),
      serial: certificate.serial,
      made_by: 'signed elsewhere',
      subject: certificate.subject.text,
    },
    summary: [
      `expires ${old}${isoDate(certificate.notAfter)}`,
      'signed',
      ...(credential.kind === 'kubelet' ? [certificate.subject.text] : []),
      ...(names > 0 ? [`SANs: ${names}`] : []),
      ...(server === undefined ? [] : [`server ${server}`]),
      ...replacedLinks(credential),
    ].join('   '),
    ...(details.length > 0 && { details }),
    disruptive: false,
  };
}
