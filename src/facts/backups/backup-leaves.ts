import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { SavedLeaf } from '../../kubeadm/backup-manifest.ts';
import { holdingOf, ownHalf, readKubeconfig } from '../../kubeadm/host/kubeconfig.ts';
import type { RawFile } from '../../kubeadm/host/raw-files.ts';
import { DUMP_FUNCTIONS, parseDump } from '../certificates/file-dump.ts';
import type { Backup } from './backups.ts';

interface Params {
  readonly [name: string]: string | readonly string[];
  /** The directory that contains the copies at their full paths. */
  readonly copies: string;
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
  readonly kubeconfigs: readonly string[];
}

const leavesFact: Fact<Params, ReadonlyMap<string, SavedLeaf>> = {
  name: 'backup_leaves',
  summary: 'certificates and public halves of keys in a backup',
  ifTooLong:
    'look for unusually large certificates and kubeconfigs in the backup, which usually is below /var/backups/kplay',
  probe: ({ copies, certificates, keys, kubeconfigs }) => {
    const within = (paths: readonly string[]): readonly string[] => paths.map((path) => `.${path}`);
    return {
      script: sh`${DUMP_FUNCTIONS}
cd "$R"${copies} 2>/dev/null || exit 0
states ${within([...new Set([...certificates, ...keys, ...kubeconfigs])])}
halves ${within([...keys, ...kubeconfigs])}
contents kind=certificate ${within(certificates)} kind=kubeconfig ${within(kubeconfigs)}
`,
    };
  },
  parse({ stdout }) {
    return new Map([...parseDump(stdout.split('\n'), '.')].map(([path, file]) => [path, leafOf(file)]));
  },
};

/** Neither a kubeconfig, a manifest, nor known for one half of a pair: a flag may name a file with any ending, which may contain both halves. */
const IS_PAIR = /^(?!.*(\.(crt|key|conf|ya?ml)|\/\.kube\/config)$)/;

/** The leaf certificates and keys in a backup, by their original paths. Manifests and users' kubeconfigs are left out. */
export function backupLeaves({ directory, files }: Backup): FactRef<ReadonlyMap<string, SavedLeaf>> {
  const paths = files.map(({ path }) => path);
  const pairs = paths.filter((path) => IS_PAIR.test(path));
  const ending = (suffix: string): readonly string[] => paths.filter((path) => path.endsWith(suffix));
  return factRef(leavesFact, {
    copies: `${directory}/files`,
    certificates: [...ending('.crt'), ...pairs],
    keys: [...ending('.key'), ...pairs],
    kubeconfigs: ending('.conf'),
  });
}

function leafOf({ text, certificates, publicHalves }: RawFile): SavedLeaf {
  const [publicHalf] = publicHalves;
  if (text === undefined) return { holding: holdingOf(certificates), publicHalf };
  const read = readKubeconfig(text);
  if ('unreadable' in read) return { holding: { state: 'unreadable', reason: read.unreadable }, publicHalf };
  return { holding: read.holding, publicHalf: ownHalf(read.shape, text, publicHalves) };
}
