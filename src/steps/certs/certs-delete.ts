import { directoryOf, linkedPath } from '../../core/host-path.ts';
import type { Change } from '../../core/plan.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { defineStep, type Step } from '../../core/step.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { isUnusable } from '../../kubeadm/certificates/condition.ts';
import { type Assessment, assess, dueCredentials } from '../../kubeadm/certificates/due.ts';
import { notBackedUp, pendingOf } from '../../kubeadm/certificates/pending.ts';
import { movedAside } from '../../kubeadm/certificates/transition.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { Credential, FileState } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY, asidePath } from '../../kubeadm/host/raw-files.ts';
import { backupRefusal, savedFiles } from '../gates/backup-gate.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { byDirectory, INTO } from '../placing/by-directory.ts';
import { spareFunction } from '../placing/place-functions.ts';
import { beginChange } from '../placing/when-lost.ts';
import { certificateFacts, certificateView, SHARED, type SharedParams } from './parameters.ts';

const schema = { type: 'object', properties: SHARED, additionalProperties: false } as const;

const step: Step<SharedParams> = {
  name: 'certs.delete',
  summary: 'move due leaf certificates, with their keys and kubeconfigs, aside',
  details:
    'Only leaf certificates: ca, etcd/ca, front-proxy-ca and sa cannot be named here. The files are moved to a separate directory ' +
    'beside the certificates, where they serve as the pattern for the new ones, and are removed after cluster.verify has passed. ' +
    'Needs a complete backup of them as they are, which certs.backup makes, and certs.regenerate and kubeconfig.regenerate after it in the ' +
    'same play: otherwise the plan refuses the host, or, if only the run shows it, the files are moved back.',
  schema,
  examples: [{ title: 'Only what has expired', task: 'certs.delete: { renew_before: 0s }' }],
  predictsAllFacts: true,
  needs: (params) => [...certificateFacts(params), system],
  plan(params, world, context) {
    const view = certificateView(params, world, context);
    const due = dueCredentials(view.host, view.rule);
    const moving = due.filter(({ files }) => files.length > 0);
    if (moving.length === 0) {
      return {
        action: 'none',
        reason: due.length === 0 ? 'nothing is due' : 'the due certificates have no files to move aside',
      };
    }
    const refusal =
      hostRefusal(world, context, moving) ??
      backupRefusal(notBackedUp(pendingOf(view.host, view.homes, view.rule), view.host, savedFiles(view.backups)));
    if (refusal) return refusal;
    const [first, ...rest] = moving.map((credential) => change(credential, assess(credential, view.rule)));
    if (!first) throw new Error('nothing moves');
    return {
      action: 'change',
      changes: [first, ...rest],
      after: world.set(kubernetesFiles, movedAside(view.host, new Set(moving.map(({ name }) => name)))),
      isComplete: false,
    };
  },
  async apply(context, params, { changes, world, planContext }) {
    const host = world.get(kubernetesFiles);
    const { homes, backups, rule } = certificateView(params, world, planContext);
    await beginChange(context, host, backups, pendingOf(host, homes, rule));
    const names = new Set(changes.map(({ target }) => target));
    const moving = host.credentials.filter(({ name }) => names.has(name));
    const files = moving.flatMap((credential) => credential.files);
    const paths = files.map(({ path }) => path);
    const isRelative = ({ link }: FileState): boolean => link !== undefined && !link.startsWith('/');
    const moved = files.filter((file) => !isRelative(file)).map(({ path }) => path);
    const moves = [
      ...[...byDirectory(moved, (path) => path)].map(([from, all]) => sh`into "$R"${asidePath(from)} mv -f ${all}`),
      ...files.filter(isRelative).map(linkAside),
    ];
    // If nothing could be moved, nothing has to be restored: do not leave empty directories that would suggest otherwise.
    await context.run(sh`set -eu
${INTO}
${spareFunction(host.untouchable)}
for f in ${paths}; do spare "$R$f"; done
aside="$R"${ASIDE_DIRECTORY}
trap '[ $? = 0 ] || find "$aside" -depth -type d -exec rmdir {} + 2>/dev/null' EXIT
${joinScripts(moves)}
`);
    return {};
  },
};

export const certsDelete = defineStep(refuseWhenHidden(step));

/** A relative link would point elsewhere from another directory: the one moved aside has the absolute path of the same file. */
function linkAside({ path, link = '' }: FileState): ShellScript {
  const aside = asidePath(path);
  return sh`mkdir -p "$R"${directoryOf(aside)}
ln -sf "$R"${linkedPath(path, link)} "$R"${aside}
rm -f "$R"${path}`;
}

function change(credential: Credential, { condition, reason }: Assessment): Change {
  const certificate = leafOf(credential.holding);
  return {
    kind: 'remove',
    target: credential.name,
    before: {
      serial: certificate?.serial ?? null,
      files: credential.files.map(({ path }) => path),
      ...(isUnusable(condition) && { unusable: true }),
    },
    after: null,
    summary: `moved aside: ${reason}`,
    disruptive: false,
  };
}
