import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { LeafOrder, Orders } from '../../kubeadm/certificates/leaf-order.ts';
import { additionalNames, type ClusterSettings } from '../../kubeadm/cluster/cluster-settings.ts';
import { renderConfig } from '../../kubeadm/driver/config.ts';
import type { Dialect } from '../../kubeadm/driver/dialect.ts';
import { patternPath } from '../../kubeadm/pattern.ts';
import {
  certificateIn,
  copiesTo,
  EMBEDDED,
  linkAuthorities,
  openStage,
  type StagingArea,
  stagedCertificate,
  stagedKey,
  stageFile,
} from '../placing/staging.ts';

/** Placeholder for the rootfs in a configuration file, which the host replaces. */
export const ROOT_PLACEHOLDER = '@KPLAY_ROOT@';
/** A kubeadm that takes longer is waiting for an API server that it was told not to use. */
export const KUBEADM_TIMEOUT_MS = 180_000;

/** The settings with which kubeadm gives the API server's certificate all the names that were ordered. */
export function withOrderedNames(
  settings: ClusterSettings,
  orders: readonly Pick<LeafOrder, 'credential' | 'identity'>[],
): ClusterSettings {
  const wanted = orders.find(({ credential }) => credential.name === 'apiserver')?.identity;
  const names = [...(wanted?.dnsNames ?? []), ...(wanted?.ipAddresses ?? [])];
  return { ...settings, apiServerNames: additionalNames(settings, names) };
}

/**
 * Has the host's own kubeadm make leaves in the stage, from a configuration rebuilt from the host's files. kubeadm is never
 * pointed at the real directories: it writes in place, without a rename, and a full disk would leave half a file.
 * @param validity in milliseconds; undefined for kubeadm's year
 * @throws {StepFailure} with the last lines of kubeadm's output
 */
export async function makeWithKubeadm(
  area: StagingArea,
  { orders, settings, dialect }: Orders & { readonly dialect: Dialect },
  validity: number | undefined,
): Promise<void> {
  const algorithms = [...new Set(orders.map(({ keyAlgorithm }) => keyAlgorithm))];
  // kubeadm makes nothing for an etcd that its configuration declares external, though it could (kubernetes/kubernetes#86864).
  const forEtcd = orders.some(({ credential }) => credential.name === 'apiserver-etcd-client');
  const own = { ...withOrderedNames(settings, orders), ...(forEtcd && { externalEtcd: undefined }) };
  const configs = algorithms.map((keyAlgorithm) =>
    stageFile(
      configName(keyAlgorithm),
      renderConfig(own, dialect, {
        certificatesDirectory: `${ROOT_PLACEHOLDER}${area.directory}/new`,
        validityHours: validity === undefined ? undefined : Math.round(validity / 3_600_000),
        keyAlgorithm,
      }),
    ),
  );
  const makes = orders.map((order) =>
    order.maker === 'user' ? makeUser(order, dialect, settings) : makePair(order, dialect),
  );
  const everyOther = (rest: number): ShellScript => joinScripts(makes.filter((_, index) => index % 2 === rest));
  await area.context.run(
    sh`set -eu
${openStage(area.directory)}
${linkAuthorities(area.host)}
${joinScripts(copyPatterns(orders))}
${EMBEDDED}
kubeadm=$(tool kubeadm)
# It lives for a tenth of a second: collecting its garbage is a fifth of what it costs.
export GOGC=off
${joinScripts(configs)}
for f in "$S"/*.yaml; do
  ${putRootIn(sh`"$f"`, sh`"$f.new"`)}
  mv "$f.new" "$f"
done
say() { "$kubeadm" "$@" >"$S/$half.log" 2>&1 || { echo "kubeadm $*" >&2; tail -n 20 "$S/$half.log" >&2; exit 1; }; }
# Two at a time: even a small master has two processors, and not much memory. Neither stands before ||, which would switch off -e in it.
(
half=one
${everyOther(0)}
) &
one=$!
(
half=other
${everyOther(1)}
) &
other=$!
failed=0
wait "$one" || failed=1
wait "$other" || failed=1
exit $failed
`,
    { timeoutMs: KUBEADM_TIMEOUT_MS },
  );
}

/** Copies a configuration file, replacing the placeholder with the host's rootfs. */
export function putRootIn(from: ShellScript, to: ShellScript): ShellScript {
  return sh`sed "s|@KPLAY_ROOT@|$R|g" ${from} >${to}`;
}

function configName(keyAlgorithm: string): string {
  return `kubeadm-${keyAlgorithm}.yaml`;
}

/** Copies the old leaves, from which `renew` makes new ones, under kubeadm's names. */
function copyPatterns(orders: readonly LeafOrder[]): readonly ShellScript[] {
  const renewing = orders.filter(({ maker }) => maker === 'renew').map(({ credential }) => credential);
  return copiesTo(
    renewing.map((credential) => ({ from: patternPath(credential), to: certificateIn(credential.name) })),
  );
}

function makePair({ credential, maker, keyAlgorithm }: LeafOrder, dialect: Dialect): ShellScript {
  const config = sh`${credential.name} --config "$S"/${configName(keyAlgorithm)}`;
  // Before 1.20 renew took the CA from this flag only, and by default signed with whatever is in /etc/kubernetes/pki.
  return maker === 'renew'
    ? sh`say ${dialect.renew ?? []} ${config} --cert-dir "$S"/new`
    : sh`say ${dialect.phase} ${config}`;
}

/** A kubeconfig for exactly this user and these groups, from which only certificate and key are used. */
function makeUser(
  { credential, identity, keyAlgorithm }: LeafOrder,
  dialect: Dialect,
  settings: Orders['settings'],
): ShellScript {
  const source = dialect.kubeconfigUserReadsConfig
    ? sh`--config "$S"/${configName(keyAlgorithm)}`
    : sh`--cert-dir "$S"/new --apiserver-advertise-address ${settings.advertiseAddress}`;
  // Without a configuration it would query the internet for the newest version: ten seconds if nothing answers.
  const offline = dialect.kubeconfigUserReadsConfig
    ? sh``
    : sh`NO_PROXY= no_proxy= HTTPS_PROXY=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 `;
  const groups = identity.organizations.flatMap((organization) => ['--org', organization]);
  return sh`${offline}"$kubeadm" ${dialect.kubeconfigUser} --client-name ${identity.commonName} ${groups} ${source} >"$S/$half.conf" 2>"$S/$half.log" || {
  echo "kubeadm kubeconfig user" >&2
  tail -n 20 "$S/$half.log" >&2
  exit 1
}
embedded "$S/$half.conf" "$S/$half.crt" "$S/$half.key"
base64 -d <"$S/$half.crt" >${stagedCertificate(credential.name)}
base64 -d <"$S/$half.key" >${stagedKey(credential.name)}
# It is no failure when what it prints cannot be kept: whoever writes next says why, a full disk above all.
[ -s ${stagedKey(credential.name)} ] || { echo "kubeadm kubeconfig user has printed no key" | tee -a "$S/$half.log" >&2; exit 1; }`;
}
