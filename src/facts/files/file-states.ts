import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { FileState } from '../../kubeadm/host/model.ts';
import { DUMP_FUNCTIONS, PRINT_ROOTFS, parseDump, rootfsIn } from '../certificates/file-dump.ts';

const statesFact: Fact<{ readonly paths: readonly string[] }, ReadonlyMap<string, FileState>> = {
  name: 'file_states',
  summary: 'state and digest of files',
  ifTooLong: 'look for unusually many files in the backup, which usually is below /var/backups/kplay',
  probe: ({ paths }) => ({
    script: sh`${DUMP_FUNCTIONS}
${PRINT_ROOTFS}
set --
for f in ${paths}; do [ ! -f "$R$f" ] || set -- "$@" "$R$f"; done
states "$@"
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const rootfs = rootfsIn(lines);
    return new Map([...parseDump(lines, rootfs)].map(([path, { state }]) => [path, state]));
  },
};

/** State and digest of those of these files that exist. */
export function fileStates(paths: readonly string[]): FactRef<ReadonlyMap<string, FileState>> {
  return factRef(statesFact, { paths });
}
