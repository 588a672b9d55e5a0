import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LAB = process.env['KPLAY_LAB'] ?? '/var/tmp/kplay-lab';
/** What `test/lab/old-kubeadm/build` can build. */
const OLD = ['1.13.0', '1.20.15', '1.29.6'] as const;

export interface RealKubeadm {
  readonly version: string;
  /** Undefined when it is not on this machine. */
  readonly path: string | undefined;
}

/**
 * The kubeadms that are tried: those of old releases, and those of the lab's clusters as far as they have been built.
 * With KPLAY_REQUIRE_ORACLES=1 a missing old one is an error.
 */
export function realKubeadms(): readonly RealKubeadm[] {
  const old = OLD.map((version): RealKubeadm => {
    const path = join(LAB, 'old-kubeadm', version);
    if (existsSync(path)) return { version, path };
    if (process.env['KPLAY_REQUIRE_ORACLES'] === '1')
      throw new Error(`${path} is needed (test/lab/old-kubeadm/build ${version}): KPLAY_REQUIRE_ORACLES is set`);
    return { version, path: undefined };
  });
  const built = join(LAB, 'kube');
  const versions = existsSync(built) ? readdirSync(built) : [];
  const newer = versions.flatMap((version): readonly RealKubeadm[] => {
    const path = join(built, version, 'kubeadm');
    return existsSync(path) ? [{ version, path }] : [];
  });
  return [...old, ...newer];
}
