import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import { dumpRequests, parseRequests } from '../../facts/certificates/pending-requests.ts';
import {
  answers,
  type PendingRequest,
  REQUEST_DIRECTORY,
  requestBase,
  requestKeyPath,
  requestPath,
} from '../../kubeadm/certificates/pending-request.ts';
import type { RequestOrder, RequestOrders } from '../../kubeadm/certificates/request-order.ts';
import { renderConfig } from '../../kubeadm/driver/config.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { copyOf } from '../../pki/identity.ts';
import { generateKey, readPrivateKey } from '../../pki/private-key.ts';
import { createCsr } from '../../pki/request.ts';
import { closeStage, enterStage, openStage, stageFile, stagingArea } from '../placing/staging.ts';
import { KUBEADM_TIMEOUT_MS, putRootIn, ROOT_PLACEHOLDER, withOrderedNames } from './kubeadm-maker.ts';

/**
 * Makes keys and requests in the stage, reads them back (only the public halves of keys), and moves them to the directory for
 * pending keys. No file in use is touched.
 */
export async function makeRequests(
  context: WriteContext,
  host: KubeadmHost,
  { orders, kubeadm }: RequestOrders,
): Promise<readonly PendingRequest[]> {
  const own = stagingArea(context, host);
  try {
    await context.run(sh`set -eu
${openStage()}
`);
    const byKubeadm = orders.filter(({ maker }) => maker === 'kubeadm');
    if (kubeadm && byKubeadm.length > 0) await makeWithKubeadm(context, byKubeadm, kubeadm);
    await makeInMemory(
      context,
      orders.filter(({ maker }) => maker === 'kplay'),
    );
    const made = await check(context, orders);
    await context.run(sh`set -eu
${enterStage()}
d="$R"${REQUEST_DIRECTORY}
[ -d "$d" ] || mkdir "$d"
chmod 700 "$d"
${joinScripts(orders.map(take))}
`);
    return made;
  } finally {
    await closeStage(own);
  }
}

/** kubeadm makes all requests at once, per key algorithm; only the ordered ones are used. */
async function makeWithKubeadm(
  context: WriteContext,
  orders: readonly RequestOrder[],
  { settings, dialect }: NonNullable<RequestOrders['kubeadm']>,
): Promise<void> {
  const algorithms = [...new Set(orders.map(({ keyAlgorithm }) => keyAlgorithm))];
  const own = withOrderedNames(settings, orders);
  const runs = algorithms.map((keyAlgorithm) => {
    const config = renderConfig(own, dialect, {
      certificatesDirectory: `${ROOT_PLACEHOLDER}/unused`,
      validityHours: undefined,
      keyAlgorithm,
    });
    const taken = orders.filter((order) => order.keyAlgorithm === keyAlgorithm).map(fromKubeadm);
    return sh`rm -rf "$S"/made
mkdir "$S"/made
${stageFile('kubeadm.yaml', config)}
${putRootIn(sh`"$S"/kubeadm.yaml`, sh`"$S"/requests.yaml`)}
"$kubeadm" ${dialect.generateRequests ?? []} --config "$S"/requests.yaml --cert-dir "$S"/made/pki --kubeconfig-dir "$S"/made >"$S/log" 2>&1 || {
  tail -n 20 "$S/log" >&2
  exit 1
}
${joinScripts(taken)}`;
  });
  await context.run(
    sh`set -eu
${enterStage()}
kubeadm=$(tool kubeadm)
${joinScripts(runs)}
`,
    { timeoutMs: KUBEADM_TIMEOUT_MS },
  );
}

/** kubeadm stores the key for a kubeconfig in a kubeconfig without a certificate. */
function fromKubeadm({ credential: { name, kind } }: RequestOrder): ShellScript {
  const base = requestBase(name);
  if (kind === 'pair') {
    return sh`mv "$S"/made/pki/${`${base}.key`} "$S"/new/${`${name}.key`}
mv "$S"/made/pki/${`${base}.csr`} "$S"/new/${`${name}.csr`}`;
  }
  return sh`sed -n 's/^ *client-key-data: *//p' "$S"/made/${base} | base64 -d >"$S"/new/${`${name}.key`}
mv "$S"/made/${`${base}.csr`} "$S"/new/${`${name}.csr`}`;
}

async function makeInMemory(context: WriteContext, orders: readonly RequestOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const writes = await Promise.all(
    orders.map(async ({ credential: { name }, identity, pattern, keyAlgorithm }) => {
      const { privatePem } = await generateKey(keyAlgorithm);
      const request = createCsr({
        ...(pattern
          ? copyOf(pattern, { ...identity, extendedKeyUsages: identity.usages })
          : {
              subject: { commonName: identity.commonName, organizations: identity.organizations },
              dnsNames: identity.dnsNames,
              ipAddresses: identity.ipAddresses,
            }),
        privateKey: readPrivateKey(privatePem),
      });
      return [stageFile(`new/${name}.key`, privatePem), stageFile(`new/${name}.csr`, request)];
    }),
  );
  await context.run(sh`set -eu
${enterStage()}
${joinScripts(writes.flat())}
`);
}

async function check(context: WriteContext, orders: readonly RequestOrder[]): Promise<readonly PendingRequest[]> {
  const { stdout } = await context.run(sh`${enterStage()}
${dumpRequests(sh`"$S"/new`)}`);
  const made = parseRequests(stdout);
  for (const { credential, identity, maker } of orders) {
    const request = made.find(({ name }) => name === credential.name);
    if (request && answers(request, identity)) continue;
    throw new StepFailure(
      'request-wrong',
      request
        ? `the request for ${credential.name} does not ask for what the old certificate says`
        : `there is no request for ${credential.name} with a key of its own`,
      {
        remedy:
          maker === 'kubeadm'
            ? 'nothing was kept; run again with --keys kplay, which asks for exactly the old identity'
            : 'nothing was kept; report this with -vvv',
      },
    );
  }
  return made;
}

/** The key first: a request without its key is useless. */
function take({ credential: { name } }: RequestOrder): ShellScript {
  return sh`chmod 600 "$S"/new/${`${name}.key`} "$S"/new/${`${name}.csr`}
mv -f "$S"/new/${`${name}.key`} "$R"${requestKeyPath(name)}
mv -f "$S"/new/${`${name}.csr`} "$R"${requestPath(name)}`;
}
